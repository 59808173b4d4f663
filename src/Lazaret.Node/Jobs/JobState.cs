namespace Lazaret.Node.Jobs;

/// <summary>Where a job stands. <see cref="Job.Transitions"/> says which moves are legal; <c>docs/states.md</c> draws them.</summary>
public enum JobState
{
    /// <summary>Admitted, waiting for a worker.</summary>
    Queued,

    /// <summary>A worker holds the lease and runs it in a sandbox.</summary>
    Running,

    /// <summary>There is a result, and a steward decides whether it leaves.</summary>
    Held,

    /// <summary>A result was released.</summary>
    Done,

    /// <summary>It ran, and disclosure control withheld the result.</summary>
    Blocked,

    /// <summary>It ended without a result, and will not be tried again.</summary>
    Failed,

    /// <summary>Withdrawn by its requester, or refused by the steward.</summary>
    Cancelled,
}
