using Lazaret.Node.Sandboxes.Waiting;

namespace Lazaret.Node.Sandboxes.Bubblewrap;

/// <summary>
/// A prepared sandbox of bubblewrap. Its own thread starts bubblewrap and then blocks in <see cref="Wait"/>, until <see cref="RunAsync"/> gives it a
/// run or <see cref="DisposeAsync"/> ends it. The thread must not end before, since the kernel kills bubblewrap when its thread ends.
/// </summary>
internal sealed class PreparedBubblewrap : IPreparedSandbox
{
    private readonly TaskCompletionSource<BubblewrapLaunch> _launch = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Order?> _order = new();
    private Task<SandboxOutcome?> _end = null!;

    public bool IsWaiting => !_order.Task.IsCompleted && !_end.IsCompleted && !_launch.Task.Result.HasEnded;

    /// <summary>Called on the sandbox's thread. Blocks it until there is a run, or until the sandbox is to end without one (null).</summary>
    public Order? Wait(BubblewrapLaunch launch)
    {
        _launch.SetResult(launch);
        return _order.Task.GetAwaiter().GetResult();
    }

    /// <summary>Returns when the sandbox is set up and waits; throws what kept it from that.</summary>
    /// <param name="end">Completes when the sandbox's thread ends.</param>
    public async Task StartAsync(Task<SandboxOutcome?> end)
    {
        _end = end;
        await await Task.WhenAny(_launch.Task, end);
    }

    public async Task<SandboxOutcome> RunAsync(SandboxRun run, CancellationToken cancellationToken)
    {
        SandboxRun.Check(run);
        cancellationToken.ThrowIfCancellationRequested();
        _order.SetResult(new Order(run, cancellationToken));
        return (await _end)!;
    }

    public async ValueTask DisposeAsync()
    {
        _order.TrySetResult(null);
        await ((Task)_end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public sealed record Order(SandboxRun Run, CancellationToken CancellationToken);
}
