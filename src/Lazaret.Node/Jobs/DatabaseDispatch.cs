namespace Lazaret.Node.Jobs;

/// <summary>The table of jobs is the queue.</summary>
public sealed class DatabaseDispatch(JobQueue queue) : IJobDispatch
{
    public Task<ClaimedJob?> ClaimAsync(string backend, CancellationToken cancellationToken) => queue.ClaimAsync(backend, cancellationToken);

    public Task SettleAsync(ClaimedJob claimed) => Task.CompletedTask;
}
