namespace Lazaret.Node.Jobs;

/// <summary>A job in a worker's hands, with the run that was opened for it.</summary>
public sealed record ClaimedJob(Job Job, Run Run, JobLease Lease);
