using System.Text;
using Lazaret.Node.Sandboxes;

namespace Lazaret.Tests.Conformance;

/// <summary>Emulated where KVM does not work, and restored from a template but for its first run.</summary>
[Collection(nameof(SandboxConformance))]
public sealed class SandboxMicroVmTests() : SandboxIsolationConformance(new SandboxOptions { Backend = "microvm" })
{
    protected override bool HasKernelOfItsOwn => true;

    protected override bool CopiesData => true;

    private protected override IEnumerable<CachedFile> FilesOf(string root) =>
        [new(new DirectoryInfo(Path.Join(SandboxGuest.State, "microvm/images")).EnumerateFiles("root-*").MaxBy(image => image.LastAccessTimeUtc)!.FullName)];

    [Fact]
    public async Task A_restored_machine_that_hangs_costs_time_and_not_the_run()
    {
        var time = new RunTime(TimeSpan.FromHours(1));
        var sandbox = await SandboxUnderTest.BackendAsync(SandboxUnderTest.Backends(Backend, time: time), Backend);
        var script = SandboxUnderTest.Script("""echo done >"$WORK/out" """);
        // The first makes the template.
        Assert.IsType<SandboxOutcome.Completed>(await sandbox.RunAsync(script, TestContext.Current.CancellationToken));
        var run = sandbox.RunAsync(script with { Limits = script.Limits with { Timeout = time.Longest } }, TestContext.Current.CancellationToken);
        await time.Started.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        time.Advance(2 * time.Longest);
        Assert.Equal("done\n", Encoding.UTF8.GetString(Assert.IsType<SandboxOutcome.Completed>(await run).Output.Span));
    }

    /// <summary>A machine that is stopped before it has started the program is the host's fault: the init counts the program's time by itself.</summary>
    protected override async Task AssertTimedOutAsync(Task<SandboxOutcome> run)
    {
        var hung = await Assert.ThrowsAsync<SandboxException>(() => run);
        Assert.Contains("it hung", hung.Message, StringComparison.Ordinal);
    }

    /// <summary>The host sees QEMU alone, not what runs on it.</summary>
    protected override bool IsRunning(string marker) => Runs("qemu-system-x86_64");
}
