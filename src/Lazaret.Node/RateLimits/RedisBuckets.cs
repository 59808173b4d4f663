using System.Globalization;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Telemetry;
using StackExchange.Redis;

namespace Lazaret.Node.RateLimits;

/// <summary>
/// Token buckets on Redis, which all processes of the node share: the same as <see cref="TokenBuckets"/>, by Redis's clock. A bucket expires when
/// it is full. While Redis does not answer, each process counts alone; it asks again after a pause, so that no request waits long for it.
/// </summary>
internal sealed partial class RedisBuckets(RedisConnection redis, QueueOptions options, TimeProvider time, ILogger<RedisBuckets> logger)
{
    // In microseconds, since Redis's clock has them, and a Lua number holds an instant of them without loss.
    private const string Script =
        """
        local clock = redis.call('TIME')
        local now = clock[1] * 1000000 + clock[2]
        local token = tonumber(ARGV[1])
        local missing = math.max(tonumber(redis.call('GET', KEYS[1]) or '0') - now, 0)
        local wait = missing - (tonumber(ARGV[2]) - 1) * token
        if wait > 0 then
            return math.ceil(wait)
        end
        missing = missing + token
        redis.call('SET', KEYS[1], string.format('%.0f', now + missing), 'PX', math.ceil(missing / 1000))
        return 0
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private long _awayUntil = long.MinValue;

    /// <summary>Takes a token out of a sender's bucket.</summary>
    /// <returns>Zero, how long until there is one, or null when Redis does not answer.</returns>
    public async Task<TimeSpan?> TakeAsync(string sender, RateLimit limit)
    {
        var awayUntil = Interlocked.Read(ref _awayUntil);
        if (awayUntil != long.MinValue && time.GetTimestamp() < awayUntil)
            return null;
        try
        {
            var wait = await AskAsync(sender, limit).WaitAsync(Patience, time);
            if (Interlocked.Exchange(ref _awayUntil, long.MinValue) != long.MinValue)
                LogBack();
            return TimeSpan.FromMicroseconds((long)wait);
        }
        catch (Exception e) when (e is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException)
        {
            var until = time.GetTimestamp() + (long)(Pause.TotalSeconds * time.TimestampFrequency);
            if (Interlocked.Exchange(ref _awayUntil, until) == long.MinValue)
                LogAway(Outage.CauseOf(e));
            return null;
        }
    }

    private async Task<RedisResult> AskAsync(string sender, RateLimit limit)
    {
        var token = (1e6 / limit.PerSecond).ToString(CultureInfo.InvariantCulture);
        return await (await redis.OpenAsync()).GetDatabase().ScriptEvaluateAsync(Script, [$"{options.Name}:rate:{sender}"], [token, limit.Burst]);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis does not answer, and this process counts requests alone: {Cause}")]
    private partial void LogAway(string cause);

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis answers again, and counts requests for all processes")]
    private partial void LogBack();
}
