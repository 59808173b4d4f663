namespace Lazaret.Node.Keys;

/// <summary>A stored row whose content is sealed. The content changes only when a rotation of the keys seals it anew.</summary>
internal interface ISealedRecord
{
    /// <summary>The sealed bytes, a mapped property of this name.</summary>
    byte[] Content { get; }

    RecordPlace Place { get; }
}
