using Lazaret.Node.Sandboxes;
using Lazaret.Node.Sandboxes.Process;
using Microsoft.Extensions.Logging.Abstractions;
using static Lazaret.Tests.Conformance.SandboxUnderTest;

namespace Lazaret.Tests.Conformance;

[Collection(nameof(SandboxConformance))]
public sealed class SandboxProcessTests() : SandboxConformance(new SandboxOptions { Backend = "process" })
{
    protected override string Host() => string.Join('\n', Folders(Script("").Id));

    [Fact]
    public async Task A_program_that_is_stopped_before_it_leads_its_group_is_gone()
    {
        var marker = Marker();
        var run = Script($"sleep {marker}") with { Limits = new SandboxLimits { Timeout = TimeSpan.Zero } };
        for (var i = 0; i < 5; i++)
            Assert.IsType<SandboxOutcome.TimedOut>(await RunAsync(run).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        AssertGone(marker);
    }

    [Fact]
    public async Task The_next_start_sweeps_the_folders_of_runs_that_nobody_is_in()
    {
        var sandbox = await SandboxAsync();
        var id = $"swept-{Environment.ProcessId}";
        var left = Directory.CreateDirectory(Path.Join(RunFolder.OpenParent(), $"{id}-left"));
        await File.WriteAllTextAsync(Path.Join(left.CreateSubdirectory("work").FullName, "input.json"), "{}", TestContext.Current.CancellationToken);
        var run = sandbox.RunAsync(Script("""until [ -e "$WORK/go" ]; do sleep 0.02; done; echo >"$WORK/out" """) with { Id = id }, TestContext.Current.CancellationToken);
        await Wait.UntilAsync(() => Folders(id).Any(folder => File.Exists(Path.Join(folder, "work/in.json"))));

        await new ProcessSandbox(TimeProvider.System, NullLogger<ProcessSandbox>.Instance).ProbeAsync(TestContext.Current.CancellationToken);
        var living = Assert.Single(Folders(id));
        Assert.NotEqual(left.FullName, living);
        await File.WriteAllTextAsync(Path.Join(living, "work/go"), "", TestContext.Current.CancellationToken);
        Assert.IsType<SandboxOutcome.Completed>(await run);
        Assert.Empty(Folders(id));
    }

    private static IEnumerable<string> Folders(string id) => Directory.EnumerateDirectories(RunFolder.OpenParent(), $"{id}-*");
}
