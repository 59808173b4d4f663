using System.Diagnostics;

namespace Lazaret.Node.Linux;

/// <summary>The host's programs, looked for where an operating system has them and nowhere else.</summary>
internal static class Tools
{
    private const string SearchPath = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin";

    /// <summary>The whole environment that they get.</summary>
    public static IReadOnlyList<string> Variables { get; } = [$"PATH={SearchPath}", "LC_ALL=C"];

    /// <summary>Where a program is; its bare name when it is nowhere.</summary>
    public static string Path(string name) => SearchPath.Split(':').Select(folder => $"{folder}/{name}").FirstOrDefault(File.Exists) ?? name;

    /// <summary>For <see cref="Process.Start(ProcessStartInfo)"/>, with both outputs redirected and <see cref="Variables"/> alone: what the node was started with is not for them.</summary>
    public static ProcessStartInfo Start(string name, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Path(name), arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment.Clear();
        foreach (var variable in Variables)
        {
            if (variable.Split('=', 2) is [var key, var value])
                start.Environment[key] = value;
        }

        return start;
    }

    public static IEnumerable<string> Missing(params IEnumerable<string> names) => names.Where(name => Path(name) == name);
}
