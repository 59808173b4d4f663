using System.Globalization;

namespace Lazaret.Node.Linux;

/// <summary>The user of this machine who runs the process. Of a command that root runs by sudo it is whoever called sudo: only root can set that name.</summary>
internal static class OperatingUser
{
    private const int Longest = 64;

    private static readonly Lazy<string> Known = new(() => Of(LinuxCalls.User, Environment.GetEnvironmentVariable("SUDO_USER"), Environment.UserName));

    public static string Name => Known.Value;

    /// <summary>Before the process goes on as another user.</summary>
    public static void Remember() => _ = Known.Value;

    /// <param name="id">The user's number.</param>
    /// <param name="sudo">Who called sudo, as the environment says.</param>
    /// <param name="name">The user's name; empty where the machine has none for the number.</param>
    public static string Of(uint id, string? sudo, string name)
    {
        var known = id == 0 && IsName(sudo) ? sudo! : name;
        return IsName(known) ? known : string.Create(CultureInfo.InvariantCulture, $"uid {id}");
    }

    private static bool IsName(string? text) => text is { Length: > 0 and <= Longest } && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c));
}
