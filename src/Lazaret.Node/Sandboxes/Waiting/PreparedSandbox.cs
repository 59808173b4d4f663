using Lazaret.Node.Linux;

namespace Lazaret.Node.Sandboxes.Waiting;

/// <summary>
/// A prepared sandbox. Its own thread sets it up and then blocks in <see cref="Wait"/>, until <see cref="RunAsync"/> gives it a run or
/// <see cref="DisposeAsync"/> ends it. The thread must live as long as the sandbox: the kernel kills the sandbox when its thread ends.
/// </summary>
internal sealed class PreparedSandbox : IPreparedSandbox
{
    private readonly TaskCompletionSource<Func<bool>> _hasEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Assignment?> _assignment = new();
    private Task<SandboxOutcome?> _end = null!;

    private PreparedSandbox()
    {
    }

    public bool IsWaiting => !_assignment.Task.IsCompleted && !_end.IsCompleted && !_hasEnded.Task.Result();

    /// <summary>Returns when the sandbox is set up and waits; throws what kept it from that.</summary>
    /// <param name="body">Runs on the sandbox's thread: sets the sandbox up, calls <see cref="Wait"/>, and runs what that returns.</param>
    public static async Task<IPreparedSandbox> StartAsync(Func<PreparedSandbox, SandboxOutcome?> body)
    {
        var prepared = new PreparedSandbox();
        prepared._end = RunThread.Start("sandbox in waiting", () => body(prepared));
        // Until it is set up, or has failed.
        await await Task.WhenAny(prepared._hasEnded.Task, prepared._end);
        return prepared;
    }

    /// <summary>Called on the sandbox's thread. Blocks it until there is a run, or until the sandbox is to end without one (null).</summary>
    /// <param name="hasEnded">Whether the sandbox's processes have ended.</param>
    public Assignment? Wait(Func<bool> hasEnded)
    {
        _hasEnded.SetResult(hasEnded);
        return _assignment.Task.GetAwaiter().GetResult();
    }

    public async Task<SandboxOutcome> RunAsync(SandboxRun run, CancellationToken cancellationToken)
    {
        SandboxRun.Check(run);
        cancellationToken.ThrowIfCancellationRequested();
        _assignment.SetResult(new Assignment(run, cancellationToken));
        return (await _end)!;
    }

    public async ValueTask DisposeAsync()
    {
        _assignment.TrySetResult(null);
        await ((Task)_end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public sealed record Assignment(SandboxRun Run, CancellationToken CancellationToken);
}
