namespace Lazaret.Node.Releases.Reviews;

/// <summary>Why a steward must see a result before it leaves.</summary>
public enum ReviewReason
{
    /// <summary>The policy names its project.</summary>
    Project,

    /// <summary>The policy names its task.</summary>
    Task,

    /// <summary>The policy names its requester.</summary>
    Requester,

    /// <summary>It is its requester's first.</summary>
    FirstUse,

    /// <summary>The requester's last results were all blocked.</summary>
    BlocksInARow,

    /// <summary>A program that the node did not write answered: what it wrote into its numbers no control bounds.</summary>
    VisitingAnalysis,

    /// <summary>What it tells lies in too many directions for a ledger to count.</summary>
    Uncounted,

    /// <summary>The same question waits already.</summary>
    SameQueryHeld,

    /// <summary>Together with earlier answers it would tell more than the limits allow.</summary>
    LedgerSpent,

    /// <summary>
    /// A control withholds it, and no steward can overrule that control. It is held all the same, so that the requester cannot tell it from a result that a spent
    /// ledger withholds.
    /// </summary>
    Blocked,

    /// <summary>It is a cohort's own R-map.</summary>
    OutcomeMap,
}
