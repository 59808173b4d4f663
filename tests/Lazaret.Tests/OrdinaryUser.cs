using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Lazaret.Tests;

/// <summary>A test class once more, as an ordinary user.</summary>
internal static class OrdinaryUser
{
    public const int Id = 65533;

    public static async Task RunAsync(Type tests)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "these tests run as an ordinary user already");
        // Bound to a place that everybody can walk to, since the build may lie in root's home.
        var start = new ProcessStartInfo(
            "unshare",
            [
                "--mount", "--propagation", "private", "/bin/sh", "-ec",
                """
                mount -t tmpfs lazaret /mnt
                mkdir /mnt/tests /mnt/dotnet
                mount --rbind "$1" /mnt/tests
                mount --rbind "$2" /mnt/dotnet
                cd /tmp
                HOME=/tmp DOTNET_ROOT=/mnt/dotnet exec setpriv --reuid "$4" --regid "$4" --clear-groups /mnt/tests/Lazaret.Tests -class "$3" -noColor
                """,
                "sh", AppContext.BaseDirectory, Path.GetFullPath(Path.Join(RuntimeEnvironment.GetRuntimeDirectory(), "../../..")), tests.FullName!, $"{Id}",
            ])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await error;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output);
        Assert.Matches("Total: [1-9][0-9]", output);
    }
}
