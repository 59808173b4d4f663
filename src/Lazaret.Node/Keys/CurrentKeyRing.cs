namespace Lazaret.Node.Keys;

/// <summary>
/// The key ring that this process seals with: the one that <see cref="KeyGuard"/> last found to be this database's. While the source has
/// none, or another one, it stays, so that what is under way can be written and what is stored be read.
/// </summary>
public sealed class CurrentKeyRing(IKeySource source, TimeProvider time)
{
    private static readonly TimeSpan BetweenSearches = TimeSpan.FromSeconds(5);

    private readonly Lock _searching = new();
    private volatile KeyRing? _taken;
    private KeyRing? _found;
    private DateTimeOffset _searched = DateTimeOffset.MinValue;

    /// <summary>Null before one was taken up.</summary>
    public KeyRing? Taken => _taken;

    public KeyRing Get() => _taken ?? throw new InvalidOperationException("no key ring was taken up: nothing can be sealed");

    public void Take(KeyRing ring) => _taken = ring;

    /// <summary>
    /// The key of this id, to open a record; null when the source has none, neither. It may be one of a ring that is not taken up yet: what
    /// opens under it was sealed under it.
    /// </summary>
    /// <exception cref="MissingException">No ring was taken up, and the source has none.</exception>
    /// <exception cref="InputException">No ring was taken up, and what the source has cannot be used.</exception>
    public RingKey? Find(string id)
    {
        if (_taken?.Find(id) is { } key)
            return key;
        lock (_searching)
        {
            // Not for every record: a program that is asked for the ring takes its time.
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
            // The guard says so.
        }
    }
}
