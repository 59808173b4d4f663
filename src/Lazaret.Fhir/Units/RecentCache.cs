namespace Lazaret.Fhir.Units;

/// <summary>
/// A direct-mapped cache: each key has one slot, and a newcomer takes it over. It cannot grow, needs no lock, and a stranger who
/// sends ever new keys only makes it useless. Keys that hold strings are hashed by .NET's seeded function.
/// </summary>
internal sealed class RecentCache<TKey, TValue>(int slots)
    where TKey : notnull, IEquatable<TKey>
    where TValue : class
{
    private readonly Entry?[] _entries = new Entry?[slots];

    public TValue GetOrAdd(TKey key, Func<TKey, TValue> make)
    {
        ref var slot = ref _entries[(uint)key.GetHashCode() % (uint)_entries.Length];
        if (Volatile.Read(ref slot) is { } entry && entry.Key.Equals(key))
            return entry.Value;
        var value = make(key);
        Volatile.Write(ref slot, new Entry(key, value));
        return value;
    }

    private sealed record Entry(TKey Key, TValue Value);
}
