namespace Lazaret.Node.Keys;

/// <summary>The key ring as its source last gave it; read again when the source says so, or when a record names a key that it lacks.</summary>
public sealed partial class CurrentKeyRing(IKeySource source, TimeProvider time, ILogger<CurrentKeyRing> logger)
{
    private static readonly TimeSpan BetweenSearches = TimeSpan.FromSeconds(5);

    private readonly Lock _reading = new();
    private KeyRing? _ring;
    private long _stamp;
    private DateTimeOffset _searched = DateTimeOffset.MinValue;

    public IKeySource Source => source;

    /// <exception cref="MissingException">There is none yet, and the source has none.</exception>
    /// <exception cref="InputException">There is none yet, and what the source has cannot be used.</exception>
    public KeyRing Get()
    {
        var stamp = source.Stamp;
        if (_ring is { } current && Volatile.Read(ref _stamp) == stamp)
            return current;
        lock (_reading)
        {
            if (_ring is null || _stamp != stamp)
                Read();
            return _ring;
        }
    }

    /// <summary>The key of this id; null when the source has none, neither.</summary>
    public RingKey? Find(string id)
    {
        if (Get().Find(id) is { } key)
            return key;
        lock (_reading)
        {
            // Not for every record: a program that is asked for the ring takes its time.
            if (time.GetUtcNow() - _searched < BetweenSearches)
                return Get().Find(id);
            _searched = time.GetUtcNow();
            Read();
            return _ring.Find(id);
        }
    }

    [System.Diagnostics.CodeAnalysis.MemberNotNull(nameof(_ring))]
    private void Read()
    {
        // Before the reading: what changes meanwhile is then read once more.
        var stamp = source.Stamp;
        try
        {
            var ring = source.Read();
            if (_ring is not null && _ring.Primary.Id != ring.Primary.Id)
                LogNewPrimary(source.Place, ring.Primary.Id);
            _ring = ring;
            Volatile.Write(ref _stamp, stamp);
        }
        catch (Exception e) when (_ring is not null && (e is MissingException or InputException))
        {
            // The node goes on with what it has.
            LogUnread(e.Message);
            Volatile.Write(ref _stamp, stamp);
        }
    }

    [LoggerMessage(LogLevel.Information, "The key ring was read from {Place}: new records are sealed under {Key}")]
    private partial void LogNewPrimary(string place, string key);

    [LoggerMessage(LogLevel.Error, "The key ring cannot be read again, and stays as it was: {Why}")]
    private partial void LogUnread(string why);
}
