using System.Collections.Frozen;
using System.Reflection;

namespace Lazaret.Node.Identity.People.Accounts;

/// <summary>How long a password may be; and it is none of the commonest, repeats not only a few characters, and does not hold the person's name. There are no rules of composition (NIST SP 800-63B).</summary>
internal static class PasswordRules
{
    public const int Shortest = 12;
    public const int Longest = 128;

    private const int FewestDifferent = 5;

    // A shorter one is part of too many words.
    private const int ShortestName = 4;

    private static readonly FrozenSet<string> Common = Read().ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <returns>What is wrong with it; null when it holds.</returns>
    public static string? Fault(Person person, string password)
    {
        if (password.Length is < Shortest or > Longest)
            return $"A password has {Shortest} to {Longest} characters.";
        return Common.Contains(password) || password.Distinct().Count() < FewestDifferent || (person.UserName!.Length >= ShortestName && password.Contains(person.UserName, StringComparison.OrdinalIgnoreCase))
            ? "This password is easy to guess: it is a common one, repeats a few characters, or contains your name."
            : null;
    }

    private static List<string> Read()
    {
        using var list = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("common-passwords.txt")!);
        return [.. list.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
    }
}
