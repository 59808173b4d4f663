namespace Lazaret.Node.Keys;

/// <summary>
/// The key ring that this process seals with: the last one that <see cref="KeyGuard"/> found to belong to this database. While the source
/// has no ring, or another database's, this one stays in use, so that running jobs can be concluded and stored records be read.
/// </summary>
public sealed class CurrentKeyRing(IKeyRingSource source, TimeProvider time)
{
    private static readonly TimeSpan BetweenSearches = TimeSpan.FromSeconds(5);

    private readonly Lock _searching = new();
    private volatile KeyRing? _taken;
    private KeyRing? _found;
    private DateTimeOffset _searched = DateTimeOffset.MinValue;

    /// <summary>The ring in use; null before there is one.</summary>
    public KeyRing? Taken => _taken;

    public KeyRing Get() => _taken ?? throw new InvalidOperationException("no key ring is in use: nothing can be sealed");

    public void Take(KeyRing ring) => _taken = ring;

    /// <summary>
    /// The key of this id, to open a record; null when neither the ring in use nor the source has it. A key of a ring that is not in use yet
    /// can also be used, since a record opens only under the key that it was sealed under.
    /// </summary>
    /// <exception cref="MissingException">No ring is in use, and the source has none. It is asked once in some seconds; between, the answer is null.</exception>
    /// <exception cref="InputException">No ring is in use, and what the source has cannot be used.</exception>
    public RingKey? Find(string id)
    {
        if (_taken?.Find(id) is { } key)
            return key;
        lock (_searching)
        {
            // The source is not read for every record: it may be a program, which is slow.
            if (time.GetUtcNow() - _searched >= BetweenSearches)
            {
                _searched = time.GetUtcNow();
                Search();
            }

            return _found?.Find(id);
        }
    }

    private void Search()
    {
        try
        {
            _found = source.Read();
        }
        catch (Exception e) when (_taken is not null && e is MissingException or InputException)
        {
            // KeyGuard reports this fault.
        }
    }
}
