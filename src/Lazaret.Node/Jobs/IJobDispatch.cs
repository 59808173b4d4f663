namespace Lazaret.Node.Jobs;

/// <summary>How a worker comes by its next job. What it gets is always a row that it has claimed in the database.</summary>
public interface IJobDispatch
{
    /// <summary>The next job, with a run of it opened; null when there is none for now.</summary>
    Task<ClaimedJob?> ClaimAsync(string backend, CancellationToken cancellationToken);

    /// <summary>The run is over and its end is written, or given up.</summary>
    Task SettleAsync(ClaimedJob claimed);
}
