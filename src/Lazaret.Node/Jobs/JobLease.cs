namespace Lazaret.Node.Jobs;

/// <summary>A worker's right to one attempt at one job.</summary>
public sealed record JobLease(Guid JobId, string Owner, int Attempt);
