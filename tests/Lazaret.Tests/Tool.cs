using System.Diagnostics;

namespace Lazaret.Tests;

/// <summary>A program of the host.</summary>
internal static class Tool
{
    /// <summary>Runs it to its end; what it printed is answered, and is in the message when it fails.</summary>
    public static async Task<string> RunAsync(string program, params IEnumerable<string> arguments)
    {
        var stop = TestContext.Current.CancellationToken;
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var output = process.StandardOutput.ReadToEndAsync(stop);
        var error = process.StandardError.ReadToEndAsync(stop);
        await process.WaitForExitAsync(stop);
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await output}{await error}");
        return await output + await error;
    }
}
