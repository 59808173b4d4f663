using System.Runtime.InteropServices;

namespace Lazaret.Node.RateLimits;

/// <summary>
/// A token bucket for each sender. A bucket is kept as the instant at which it is full again (GCRA), so that it takes a few bytes, and one that is
/// full need not be kept. There are at most so many: senders beyond them share the spare ones.
/// </summary>
internal sealed class TokenBuckets(RateLimit limit, TimeProvider time, int most = 1 << 16)
{
    private readonly Lock _counting = new();
    private readonly Dictionary<string, long> _fullAgain = new(StringComparer.Ordinal);
    private readonly long[] _spare = new long[256];
    private readonly long _token = Math.Max(1, time.TimestampFrequency / limit.PerSecond);
    private long _swept = time.GetTimestamp();

    /// <summary>How many are kept.</summary>
    public int Count
    {
        get
        {
            lock (_counting)
                return _fullAgain.Count;
        }
    }

    /// <summary>Takes a token out of a sender's bucket.</summary>
    /// <returns>Zero, or how long until there is one.</returns>
    public TimeSpan Take(string sender)
    {
        lock (_counting)
        {
            var now = time.GetTimestamp();
            ref var fullAgain = ref Find(sender, now);
            var missing = Math.Max(fullAgain - now, 0);
            var wait = missing - ((limit.Burst - 1) * _token);
            if (wait > 0)
                return time.GetElapsedTime(0, wait);
            fullAgain = now + missing + _token;
            return TimeSpan.Zero;
        }
    }

    private ref long Find(string sender, long now)
    {
        ref var known = ref CollectionsMarshal.GetValueRefOrNullRef(_fullAgain, sender);
        if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref known))
            return ref known;
        // Once a second at most: whoever sends from many addresses must not make each request cost a walk through all of them.
        if (_fullAgain.Count >= most && time.GetElapsedTime(_swept, now) >= TimeSpan.FromSeconds(1))
        {
            _swept = now;
            foreach (var (name, fullAgain) in _fullAgain)
            {
                if (fullAgain <= now)
                    _fullAgain.Remove(name);
            }
        }

        if (_fullAgain.Count < most)
            return ref CollectionsMarshal.GetValueRefOrAddDefault(_fullAgain, sender, out _);
        // The hash of a text differs from process to process, so that nobody can choose with whom they share.
        return ref _spare[(uint)StringComparer.Ordinal.GetHashCode(sender) % (uint)_spare.Length];
    }
}
