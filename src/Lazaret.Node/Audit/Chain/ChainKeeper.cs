using Lazaret.Node.Audit.Chain.Copies;
using Lazaret.Node.Audit.Chain.Linking;
using Lazaret.Node.Storage.Commits;
using Lazaret.Node.Telemetry;

namespace Lazaret.Node.Audit.Chain;

/// <summary>Signs checkpoints when they are due, and links what killed processes left. When all other services have stopped, it waits for the last writes, links what is not linked yet, and signs.</summary>
internal sealed class ChainKeeper(
    Checkpoints checkpoints,
    TimestampAuthority authority,
    ChainSequencer sequencer,
    AuditLog audit,
    IEnumerable<IPendingWrites> pending,
    TimeProvider time,
    ILogger<ChainKeeper> logger)
    : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private const int TicksBetweenSweeps = 15;

    // No transaction of the node lasts as long: what is older has been committed, and linked, or has not been written.
    private const int TicksOfLongestWriting = 600;

    private readonly Outage _keeping = new(logger, "The audit's chain cannot be signed or completed");
    private long _settled;
    private long _seen;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => TryAsync(async () =>
    {
        foreach (var writes in pending)
            await writes.DrainAsync(cancellationToken);
        await sequencer.SweepAsync(_settled, cancellationToken);
        await SignAsync(now: true, cancellationToken);
    });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        for (var tick = 1; await timer.WaitForNextTickAsync(stoppingToken); tick++)
            await KeepAsync(tick, stoppingToken);
    }

    private Task KeepAsync(int tick, CancellationToken cancellationToken) => TryAsync(async () =>
    {
        if (tick % TicksBetweenSweeps == 0)
            await sequencer.SweepAsync(_settled, cancellationToken);
        if (tick % TicksOfLongestWriting == 0)
            (_settled, _seen) = (_seen, (await audit.LastAsync(cancellationToken)).Sequence);
        await SignAsync(now: false, cancellationToken);
    });

    private async Task SignAsync(bool now, CancellationToken cancellationToken)
    {
        if (await checkpoints.SignAsync(now, cancellationToken) is { } signed)
            await authority.StampAsync(signed, cancellationToken);
    }

    private async Task TryAsync(Func<Task> act)
    {
        try
        {
            await act();
            _keeping.Passed();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A database that is down comes back.
            _keeping.Failed(e);
        }
    }
}
