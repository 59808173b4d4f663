using System.Diagnostics;

namespace Lazaret.Tests.Deploy;

/// <summary>The files of <c>deploy/</c>.</summary>
internal static class Deployment
{
    public static string Folder { get; } = Repository.File("deploy");

    public static string Read(params ReadOnlySpan<string> path) => File.ReadAllText(Path.Combine([Folder, .. path]));

    /// <summary>The lines <c>NAME=VALUE</c> of an environment file, those included that are there to be uncommented.</summary>
    public static IReadOnlyDictionary<string, string> Environment(params ReadOnlySpan<string> path) => Read(path).Split('\n')
        .Select(line => line.TrimStart('#', ' ').Split('=', 2))
        .Where(parts => parts.Length == 2 && parts[0].Length > 0 && parts[0].All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);

    /// <summary>Runs a program to its end; what it printed is in the message when it fails.</summary>
    public static async Task<string> RunAsync(string program, params IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await output}{await error}");
        return await output + await error;
    }
}
