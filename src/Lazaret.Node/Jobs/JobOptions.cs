using Lazaret.Node.Configuration;

namespace Lazaret.Node.Jobs;

/// <summary>How jobs are leased and tried again.</summary>
public sealed record JobOptions
{
    /// <summary>Seconds until the job of a silent worker is given to another one. 15; 2 to 3600.</summary>
    public int LeaseSeconds { get; init; } = 15;

    /// <summary>How often a job is begun before it fails. 3; 1 to 100.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>Milliseconds between two looks at the queue when no admission woke the worker. 500; 10 to 60000.</summary>
    public int PollMilliseconds { get; init; } = 500;

    internal TimeSpan Lease => TimeSpan.FromSeconds(LeaseSeconds);

    internal void Check(OptionFaults faults)
    {
        faults.Range("Jobs:LeaseSeconds", LeaseSeconds, 2, 3600);
        faults.Range("Jobs:MaxAttempts", MaxAttempts, 1, 100);
        faults.Range("Jobs:PollMilliseconds", PollMilliseconds, 10, 60_000);
    }
}
