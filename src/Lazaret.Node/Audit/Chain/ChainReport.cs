namespace Lazaret.Node.Audit.Chain;

/// <summary>What a verification found.</summary>
internal sealed record ChainReport
{
    public bool Ok => Faults.Count == 0;

    /// <summary>The first fault.</summary>
    public ChainFault? First => Faults.Count > 0 ? Faults[0] : null;

    /// <summary>The first link that was looked at.</summary>
    public required long From { get; init; }

    /// <summary>How many links were looked at.</summary>
    public required long Links { get; init; }

    /// <summary>The number and hash of the last link.</summary>
    public required long Last { get; init; }

    public required string Hash { get; init; }

    public required int Checkpoints { get; init; }

    /// <summary>The last link that is signed.</summary>
    public required long SignedTo { get; init; }

    /// <summary>The last link that a time-stamping authority stamped, when, and who that was; null where there is no stamp.</summary>
    public ChainStamp? Stamp { get; init; }

    /// <summary>The names of the keys that the audit knows.</summary>
    public required IReadOnlyList<string> Keys { get; init; }

    /// <summary>How many entries were written by processes without this node's key, after it was added.</summary>
    public required long WrittenElsewhere { get; init; }

    /// <summary>The first ones, in the order of the chain.</summary>
    public required IReadOnlyList<ChainFault> Faults { get; init; }
}

/// <summary>A time stamp over the chain up to a link.</summary>
/// <param name="By">The subject of the certificate that the stamp carries. Whether to trust it is for its reader to say.</param>
internal sealed record ChainStamp(long Link, DateTimeOffset At, string By);
