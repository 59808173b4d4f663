using Lazaret.Node.Audit.Chain;

namespace Lazaret.Node.WebConsole.Ledger;

/// <summary>How the audit's chain stands.</summary>
/// <param name="Signed">The last signature; null before the first.</param>
/// <param name="Unsigned">How many links came after it.</param>
internal sealed record ChainStand(AuditCheckpoint? Signed, long Unsigned)
{
    /// <summary>When the first entry after the signature was written; null where there is none.</summary>
    public DateTimeOffset? UnsignedSince { get; init; }

    /// <summary>Whether it ought to be signed by now.</summary>
    public bool IsOverdue { get; init; }

    /// <summary>When a page last had the chain verified, and whether it held; null where nobody did lately.</summary>
    public (DateTimeOffset At, bool Holds)? Verified { get; init; }
}
