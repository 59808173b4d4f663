using System.Collections.Concurrent;

namespace Lazaret.Node.Audit;

/// <summary>What this process has written into the audit today, of what is an entry once a day. It is bounded: beyond that something may be written again.</summary>
internal sealed class SeenToday<T>(TimeProvider time)
    where T : notnull
{
    private const int MostKept = 10_000;

    private readonly ConcurrentDictionary<T, DateOnly> _seen = new();

    public bool Holds(T what) => _seen.TryGetValue(what, out var last) && last == Today;

    public void Keep(T what)
    {
        if (_seen.Count >= MostKept)
            _seen.Clear();
        _seen[what] = Today;
    }

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
}
