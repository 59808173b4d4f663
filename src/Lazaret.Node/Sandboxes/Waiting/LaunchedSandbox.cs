using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes.Confinement;
using Lazaret.Node.Sandboxes.Confinement.ControlGroups;

namespace Lazaret.Node.Sandboxes.Waiting;

/// <summary>A backend whose sandboxes are set up first and then wait for their inputs: at once, or for a run to come.</summary>
internal abstract class LaunchedSandbox<TLaunch>(TimeProvider time) : IWarmSandbox
    where TLaunch : ILaunch
{
    public abstract string Name { get; }

    public abstract Task<SandboxProbe> ProbeAsync(CancellationToken cancellationToken);

    public async Task<SandboxOutcome> RunAsync(SandboxRun run, CancellationToken cancellationToken)
    {
        SandboxRun.Check(run);
        cancellationToken.ThrowIfCancellationRequested();
        var start = time.GetTimestamp();
        return await RunThread.Start($"sandbox {run.Id}", () => Launched(run, (launch, group) => Run(launch, run, group, start, cancellationToken)));
    }

    public Task<IPreparedSandbox> PrepareAsync(SandboxRun run)
    {
        SandboxRun.Check(run);
        return PreparedSandbox.StartAsync(prepared => Launched(run, (launch, group) => prepared.Wait(() => launch.HasEnded) is { } order
            ? Run(launch, order.Run, group, time.GetTimestamp(), order.CancellationToken)
            : null));
    }

    /// <summary>Sets a sandbox up, and calls <paramref name="body"/> with it; nothing of it is left afterwards.</summary>
    protected abstract T Launched<T>(SandboxRun run, Func<TLaunch, ControlGroup?, T> body);

    /// <summary>What became of a run whose sandbox has ended in time.</summary>
    protected abstract SandboxOutcome Conclude(TLaunch launch, SandboxRun run, string log, TimeSpan wall, SandboxUsage? usage);

    /// <summary>
    /// In a sandbox that waits: 1. Brings what the program can reach into memory. 2. Starts the clock. 3. Writes the inputs, and starts the
    /// program. 4. Reads the log until no process can write to it any more, and waits for the end. 5. Finds out how it ended, and reads the output.
    /// </summary>
    private SandboxOutcome Run(TLaunch launch, SandboxRun run, ControlGroup? group, long start, CancellationToken cancellationToken)
    {
        // 1.
        PageCache.Fill(run.Reach, cancellationToken);

        // 2.
        using var clock = RunClock.Start(run.Limits.Timeout, launch.Kill, time, cancellationToken);

        // 3.
        launch.Start(run);

        // 4.
        var log = new CappedLog(run.Limits.Log).Drain(launch.Log, clock.Stop).ToString();
        launch.WaitForExit();
        var wall = time.GetElapsedTime(start);
        var usage = group?.Usage();

        // 5.
        return (clock.IsTimedOut() ? new SandboxOutcome.TimedOut(log, wall) : Conclude(launch, run, log, wall, usage)) with { Usage = usage };
    }
}

/// <summary>A sandbox that is set up, and waits for its inputs. Disposing ends it.</summary>
internal interface ILaunch : IDisposable
{
    /// <summary>Whether its processes have ended.</summary>
    bool HasEnded { get; }

    /// <summary>What the program prints. It ends when no process can write to it any more.</summary>
    Stream Log { get; }

    /// <summary>Writes the inputs, and starts the program.</summary>
    void Start(SandboxRun run);

    /// <summary>Blocks until nothing of it runs any more.</summary>
    void WaitForExit();

    void Kill();
}
