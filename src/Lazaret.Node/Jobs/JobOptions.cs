using Lazaret.Node.Configuration;

namespace Lazaret.Node.Jobs;

/// <summary>How jobs are leased and tried again.</summary>
public sealed record JobOptions
{
    /// <summary>Seconds until the job of a silent worker is given to another one. 15; 2 to 3600.</summary>
    public int LeaseSeconds { get; init; } = 15;

    /// <summary>How often the host may fail a job, or fall silent during its run, before the job fails. 3; 1 to 100.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>Seconds until a job is tried again after a fault of the host; they double with each. 2; 0 to 3600.</summary>
    public int RetrySeconds { get; init; } = 2;

    /// <summary>The longest such pause, in seconds. 300; 0 to 86400.</summary>
    public int MaxRetrySeconds { get; init; } = 300;

    /// <summary>Milliseconds between two looks at the queue when no admission woke the worker. 500; 10 to 60000.</summary>
    public int PollMilliseconds { get; init; } = 500;

    internal TimeSpan Lease => TimeSpan.FromSeconds(LeaseSeconds);

    /// <summary>The pause after the job's latest fault: between a half and the whole, by the job's own id, so that a crowd does not come back at once.</summary>
    internal TimeSpan PauseOf(Job job)
    {
        var whole = Math.Min(MaxRetrySeconds, RetrySeconds * Math.Pow(2, job.HostFaults));
        return TimeSpan.FromSeconds(whole * (0.5 + (job.Id.ToByteArray()[^1] / 510.0)));
    }

    internal void Check(OptionFaults faults)
    {
        faults.Range("Jobs:LeaseSeconds", LeaseSeconds, 2, 3600);
        faults.Range("Jobs:MaxAttempts", MaxAttempts, 1, 100);
        faults.Range("Jobs:RetrySeconds", RetrySeconds, 0, 3600);
        faults.Range("Jobs:MaxRetrySeconds", MaxRetrySeconds, 0, 86_400);
        faults.Range("Jobs:PollMilliseconds", PollMilliseconds, 10, 60_000);
    }
}
