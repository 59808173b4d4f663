namespace Lazaret.Node.Jobs.Dispatch;

/// <summary>Claims jobs directly from the table of jobs.</summary>
internal sealed class DatabaseDispatch(JobQueue queue) : IJobDispatch
{
    public Task<ClaimedJob?> ClaimAsync(string backend, Unrunnable except, CancellationToken cancellationToken) => queue.ClaimAsync(backend, except, cancellationToken);

    public Task SettleAsync(ClaimedJob claimed) => Task.CompletedTask;
}
