namespace Lazaret.Node.Audit.Chain;

/// <summary>One thing that is wrong with the audit.</summary>
/// <param name="Kind">One of the constants here.</param>
/// <param name="Why">One sentence that names the place.</param>
internal sealed record ChainFault(string Kind, string Why)
{
    public const string Changed = "changed";
    public const string Deleted = "deleted";
    public const string Inserted = "inserted";

    /// <summary>An entry that this node wrote is in no link.</summary>
    public const string Unlinked = "unlinked";

    /// <summary>A link does not follow the one before.</summary>
    public const string Broken = "broken";

    /// <summary>The end is missing.</summary>
    public const string Cut = "cut";

    /// <summary>A checkpoint contradicts the chain, or its signature is not its key's.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>A checkpoint is signed under a key that the audit does not know.</summary>
    public const string Key = "key";

    /// <summary>A row of another table says that there was an entry.</summary>
    public const string NoEntry = "no_entry";

    /// <summary>The number of the link in question.</summary>
    public long? Link { get; init; }

    /// <summary>The sequence of the entry in question.</summary>
    public long? Entry { get; init; }

    /// <summary>The job in question.</summary>
    public Guid? Job { get; init; }
}
