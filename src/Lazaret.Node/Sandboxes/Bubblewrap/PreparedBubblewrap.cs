using Lazaret.Node.Sandboxes.Waiting;

namespace Lazaret.Node.Sandboxes.Bubblewrap;

/// <summary>A launch of bubblewrap that waits, on the thread that started it, for its run or for its end.</summary>
internal sealed class PreparedBubblewrap : IPreparedSandbox
{
    private readonly TaskCompletionSource<BubblewrapLaunch> _launch = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Order?> _order = new();
    private Task<SandboxOutcome?> _end = null!;

    public bool IsWaiting => !_order.Task.IsCompleted && !_end.IsCompleted && !_launch.Task.Result.HasEnded;

    /// <summary>Blocks the launch's thread; what is to be run, or null when nothing ever is.</summary>
    public Order? Wait(BubblewrapLaunch launch)
    {
        _launch.SetResult(launch);
        return _order.Task.GetAwaiter().GetResult();
    }

    /// <summary>Returns once the launch waits.</summary>
    /// <param name="end">The launch's thread.</param>
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
