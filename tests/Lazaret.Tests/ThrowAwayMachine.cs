using System.Diagnostics;

namespace Lazaret.Tests;

/// <summary>
/// This machine once more, as root, with namespaces of its own: every file of it is there, and what is written or started is gone afterwards (an overlay over
/// memory). So users can be made, packages be installed and the system's folders be filled.
/// </summary>
internal sealed class ThrowAwayMachine : IAsyncDisposable
{
    private const string Begin = """
        set -e
        mount -t tmpfs lazaret /mnt
        mkdir /mnt/written /mnt/work /mnt/root
        mount -t overlay lazaret -o lowerdir=/,upperdir=/mnt/written,workdir=/mnt/work /mnt/root
        for folder in dev sys; do mount --rbind /$folder /mnt/root/$folder; done
        for folder in run tmp opt srv; do mount -t tmpfs lazaret /mnt/root/$folder; done
        chmod 1777 /mnt/root/tmp
        # It has the other one's control groups, which are called by the user ids that these files lock.
        install -d -m 755 /run/lazaret /mnt/root/run/lazaret
        install -d -m 700 /run/lazaret/uids /mnt/root/run/lazaret/uids
        mount --bind /run/lazaret/uids /mnt/root/run/lazaret/uids
        mount -t proc proc /mnt/root/proc
        echo ready
        exec sleep infinity
        """;

    private readonly Process _holder;
    private readonly string _first;

    private ThrowAwayMachine(Process holder, string first) => (_holder, _first) = (holder, first);

    public static async Task<ThrowAwayMachine> StartAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "making users and installing packages takes root");
        var holder = Start("unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", "/bin/sh", "-c", Begin);
        if (await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) != "ready")
            throw new InvalidOperationException(await holder.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        return new ThrowAwayMachine(holder, (await File.ReadAllTextAsync($"/proc/{holder.Id}/task/{holder.Id}/children", TestContext.Current.CancellationToken)).Trim());
    }

    /// <summary>Runs a script of bash to its end.</summary>
    public async Task<(int ExitCode, string Output, string Error)> TryAsync(string script)
    {
        using var process = Start("nsenter", "--target", _first, "--mount", "--pid", "chroot", "/mnt/root", "/usr/bin/env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "DOTNET_ROOT=" + DotnetRoot, "/bin/bash", "-c", $"cd /root; {script}");
        var stop = TestContext.Current.CancellationToken;
        var output = process.StandardOutput.ReadToEndAsync(stop);
        var error = process.StandardError.ReadToEndAsync(stop);
        await process.WaitForExitAsync(stop);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>The same of one that must succeed; what it printed.</summary>
    public async Task<string> RunAsync(string script)
    {
        var (exitCode, output, error) = await TryAsync(script);
        Assert.True(exitCode == 0, $"{script}\nended with {exitCode}: {output}{error}");
        return output;
    }

    /// <summary>Copies a folder of this machine to the other one.</summary>
    public Task CopyAsync(string folder, string place) => Tool.RunAsync("nsenter", "--target", _first, "--mount", "cp", "-r", folder, $"/mnt/root{place}");

    public async ValueTask DisposeAsync()
    {
        _holder.Kill();
        await _holder.WaitForExitAsync();
        _holder.Dispose();
    }

    private static string DotnetRoot => Path.GetFullPath(Path.Join(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
}
