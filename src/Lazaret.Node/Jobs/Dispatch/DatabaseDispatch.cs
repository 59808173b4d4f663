namespace Lazaret.Node.Jobs.Dispatch;

/// <summary>The table of jobs is the queue.</summary>
internal sealed class DatabaseDispatch(JobQueue queue) : IJobDispatch
{
    public Task<ClaimedJob?> ClaimAsync(string backend, Unrunnable except, CancellationToken cancellationToken) => queue.ClaimAsync(backend, except, cancellationToken);

    public Task SettleAsync(ClaimedJob claimed) => Task.CompletedTask;
}
