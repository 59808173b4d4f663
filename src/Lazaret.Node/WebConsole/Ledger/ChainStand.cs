using Lazaret.Node.Audit.Chain;

namespace Lazaret.Node.WebConsole.Ledger;

/// <summary>The state of the audit's chain.</summary>
/// <param name="Signed">The last signature; null before the first.</param>
/// <param name="Unsigned">How many links came after it.</param>
internal sealed record ChainStand(AuditCheckpoint? Signed, long Unsigned)
{
    /// <summary>When the first entry after the signature was written; null when there is none.</summary>
    public DateTimeOffset? UnsignedSince { get; init; }

    /// <summary>Whether that entry should have been signed by now.</summary>
    public bool IsOverdue { get; init; }

    /// <summary>When a page last verified the chain, and whether it held; null when none did lately.</summary>
    public (DateTimeOffset At, bool Holds)? Verified { get; init; }
}
