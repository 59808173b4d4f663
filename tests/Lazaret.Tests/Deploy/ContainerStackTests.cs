using System.Diagnostics;
using Lazaret.Tests.EndToEnd;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.Deploy;

/// <summary>The containers of <c>deploy/</c> as they run: <c>eng/try-containers</c> says what it tries.</summary>
public sealed class ContainerStackTests
{
    [Fact]
    public async Task The_stack_comes_up_and_loses_nothing_by_a_killed_worker_restarted_APIs_a_rollback_and_a_restart()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "podman runs as root here");
        foreach (var (program, package) in ((string, string)[])[("/usr/bin/podman", "podman"), ("/usr/lib/podman/aardvark-dns", "aardvark-dns"), ("/usr/bin/docker-compose", "docker-compose"), ("/usr/sbin/iptables", "iptables")])
            ServerProcess.Require(program, package);
        Assert.True(File.Exists(NodeProcess.Binary));

        using var trial = Process.Start(new ProcessStartInfo("/usr/bin/env", ["python3", Repository.File("eng", "try-containers")]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var output = trial.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = trial.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await trial.WaitForExitAsync(TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine(await output);
        Assert.True(trial.ExitCode == 0, await output + await error);
        Assert.Contains("and their results are there, and the audit is whole", await output, StringComparison.Ordinal);
    }
}
