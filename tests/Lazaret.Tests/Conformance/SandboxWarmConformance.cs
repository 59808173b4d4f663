using System.Diagnostics;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Sandboxes.Waiting;
using static Lazaret.Tests.Conformance.SandboxUnderTest;

namespace Lazaret.Tests.Conformance;

/// <summary>What every backend holds whose sandboxes can wait for their run.</summary>
public abstract class SandboxWarmConformance(SandboxOptions backend) : SandboxIsolationConformance(backend)
{
    private const string KilledMarker = "31536000.4242";

    /// <summary>Run by the test below, in a process that it kills.</summary>
    [Fact(Explicit = true)]
    public async Task A_run_to_be_killed_with_its_node()
    {
        var run = Script($"(setsid sleep {KilledMarker} &) ; sleep {KilledMarker}") with { Limits = new SandboxLimits { Timeout = TimeSpan.FromMinutes(5) } };
        await using var waiting = await ((IWarmSandbox)await BackendAsync(Backend)).PrepareAsync(run);
        await RunAsync(run);
    }

    [Fact]
    public async Task Nothing_outlives_a_node_that_is_killed()
    {
        await SandboxAsync();
        var before = Host();
        string[] arguments = ["-method", $"{GetType().FullName}.{nameof(A_run_to_be_killed_with_its_node)}", "-explicit", "on"];
        using var node = Process.Start(
            new ProcessStartInfo(Environment.ProcessPath!, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await Wait.UntilAsync(() => IsRunning($"sleep\0{KilledMarker}"));
        node.Kill();
        // Until then it may hold the locks on its user ids.
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        await Wait.UntilAsync(() => !IsRunning(KilledMarker));
        // The next node sweeps the control groups.
        await Backends(Backend).ChooseAsync(TestContext.Current.CancellationToken);
        await Wait.UntilAsync(() => Host() == before);
    }
}
