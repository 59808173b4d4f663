namespace Lazaret.Node.Keys;

/// <summary>A stored row whose content is sealed. It never changes but by being sealed anew, when the keys rotate.</summary>
public interface ISealedRecord
{
    /// <summary>The sealed bytes, a mapped property of this name.</summary>
    byte[] Content { get; }

    RecordPlace Place { get; }

    /// <summary>Seals the content anew, under the primary key.</summary>
    /// <exception cref="SealException">It does not open.</exception>
    void Reseal(RecordSeal seal);
}
