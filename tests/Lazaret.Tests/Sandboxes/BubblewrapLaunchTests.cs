using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes.Bubblewrap;
using Lazaret.Node.Sandboxes.Confinement.ControlGroups;
using Lazaret.Node.Sandboxes.Confinement;
using Lazaret.Tests.Conformance;

namespace Lazaret.Tests.Sandboxes;

public sealed class BubblewrapLaunchTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task What_was_started_for_a_run_that_gets_no_limits_is_killed()
    {
        if (Environment.GetEnvironmentVariable("CI") != "true")
            Assert.SkipWhen(Tools.Missing("bwrap").Any(), "bwrap not found: apt install bubblewrap");
        var name = $"lazaret-test-{Guid.NewGuid():N}";
        var group = ControlGroup.TryCreate(name);
        Assert.SkipWhen(group is null, "no control group can be used here");
        // From now on nothing can be written to it.
        group.Dispose();
        var run = NoOp.Run with { Command = ["/bin/true", name] };
        // The thread that started it: what it starts ends with it.
        Assert.True(await RunThread.Start("sandbox", () =>
        {
            Assert.ThrowsAny<IOException>(() => BubblewrapLaunch.AsOrdinaryUser(run, group));
            return SpinWait.SpinUntil(() => !SandboxHostProcess.All().Any(process => process.CommandLine.Contains(name, StringComparison.Ordinal)), Patience);
        }));
    }
}
