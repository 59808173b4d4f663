namespace Lazaret.Node.Jobs.Dispatch;

/// <summary>How a worker comes by its next job. What it gets is always a row that it has claimed in the database.</summary>
public interface IJobDispatch
{
    /// <summary>The next job, with a run of it opened; null when there is none for now.</summary>
    /// <param name="backend">The sandbox that it will run in.</param>
    /// <param name="except">What this worker cannot run. It stays where it is, for others.</param>
    Task<ClaimedJob?> ClaimAsync(string backend, Unrunnable except, CancellationToken cancellationToken);

    /// <summary>The run is over and its end is written, or given up.</summary>
    Task SettleAsync(ClaimedJob claimed);
}
