using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Lazaret.Tests;

/// <summary>A test class once more, as an ordinary user.</summary>
internal static class OrdinaryUser
{
    public const int Id = 65533;

    /// <param name="tests">The class.</param>
    public static Task<string> RunAsync(Type tests) => RunAsync([], "-class", tests.FullName!);

    /// <summary>Passes if they do, and at least one ran; what was printed.</summary>
    /// <param name="groups">Folders of control groups that the process is to be in.</param>
    /// <param name="arguments">Which tests, in the test runner's words.</param>
    public static async Task<string> RunAsync(IEnumerable<string> groups, params string[] arguments)
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
                for group in $3; do echo 0 >"$group/cgroup.procs"; done
                user=$4
                shift 4
                cd /tmp
                HOME=/tmp DOTNET_ROOT=/mnt/dotnet exec setpriv --reuid "$user" --regid "$user" --clear-groups /mnt/tests/Lazaret.Tests "$@" -noColor
                """,
                "sh",
                AppContext.BaseDirectory,
                Path.GetFullPath(Path.Join(RuntimeEnvironment.GetRuntimeDirectory(), "../../..")),
                string.Join(' ', groups),
                $"{Id}",
                .. arguments,
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
        Assert.Matches("Total: [1-9]", output);
        return output;
    }
}
