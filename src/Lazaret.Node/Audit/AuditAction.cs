namespace Lazaret.Node.Audit;

/// <summary>What the audit records.</summary>
public enum AuditAction
{
    /// <summary>A request became a job.</summary>
    JobAdmitted,

    /// <summary>A request was turned away: its faults, by field, never by value.</summary>
    RequestRefused,

    /// <summary>A diagnosis lacked data, and the requester was told which.</summary>
    DataRequired,

    /// <summary>A dry run found that nothing is missing.</summary>
    DataSufficient,

    /// <summary>The requester withdrew the job.</summary>
    JobCancelled,

    RunStarted,

    /// <summary>The worker of a run fell silent, and its job was taken from it.</summary>
    RunLost,

    /// <summary>A run ended without an outcome of its program.</summary>
    RunFailed,

    /// <summary>A result passed disclosure control.</summary>
    ResultReleased,

    /// <summary>A result was kept back.</summary>
    ResultBlocked,

    ModelAdded,

    ModelRemoved,

    AnalysisAdded,

    AnalysisRemoved,
}
