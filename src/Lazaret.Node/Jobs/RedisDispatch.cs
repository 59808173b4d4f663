using System.Collections.Concurrent;
using StackExchange.Redis;

namespace Lazaret.Node.Jobs;

/// <summary>
/// A stream with a consumer group hands out ids; the row that an id names is claimed in the database. The stream is short:
/// whoever finds it dry fills it with the next ids in the table's order. So priorities and turns hold up to the length of
/// one filling, and what Redis loses is there again at the next one. While Redis is away the table itself is the queue.
/// </summary>
public sealed partial class RedisDispatch(RedisConnection redis, JobQueue queue, JobSignal signal, JobOptions options, ILogger<RedisDispatch> logger) : IJobDispatch
{
    private const string Group = "workers";
    private const string Field = "job";
    private const int Filling = 16;

    // Whoever died while it filled the stream holds up the others for so long.
    private const int FeedLockMilliseconds = 2000;

    private readonly string _consumer = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}";
    private readonly ConcurrentDictionary<JobLease, string> _entries = new();
    private int _away;

    public async Task<ClaimedJob?> ClaimAsync(string backend, CancellationToken cancellationToken)
    {
        try
        {
            var claimed = await ClaimAsync((await redis.OpenAsync()).GetDatabase(), backend, cancellationToken);
            if (Interlocked.Exchange(ref _away, 0) == 1)
                LogBack();
            return claimed;
        }
        catch (Exception e) when (IsFaultOfRedis(e))
        {
            if (Interlocked.Exchange(ref _away, 1) == 0)
                LogAway(e);
            return await queue.ClaimAsync(backend, cancellationToken);
        }
    }

    /// <summary>Acknowledges the entry. Left undone, the entry is found stale, and its job over.</summary>
    public async Task SettleAsync(ClaimedJob claimed)
    {
        if (!_entries.TryRemove(claimed.Lease, out var entry))
            return;
        try
        {
            await ForgetAsync((await redis.OpenAsync()).GetDatabase(), entry);
        }
        catch (Exception e) when (IsFaultOfRedis(e))
        {
            LogUnsettled(e, claimed.Job.Id);
        }
    }

    private async Task<ClaimedJob?> ClaimAsync(IDatabase stream, string backend, CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = await ReadAsync(stream) ?? await TakeStaleAsync(stream);
            if (next is not { } entry)
            {
                if (await FillAsync(stream, cancellationToken))
                    continue;
                return null;
            }

            if (await queue.ClaimAsync(backend, entry.Job, cancellationToken) is { } claimed)
            {
                _entries[claimed.Lease] = entry.Id;
                return claimed;
            }

            // Somebody else's run goes on, and will settle it; otherwise the job is over, waits for its time, or never was.
            if (!await queue.IsRunningAsync(entry.Job, cancellationToken))
                await ForgetAsync(stream, entry.Id);
        }
    }

    private async Task<Entry?> ReadAsync(IDatabase stream)
    {
        try
        {
            var read = await stream.ExecuteAsync("XREADGROUP", "GROUP", Group, _consumer, "COUNT", 1, "STREAMS", redis.Stream, ">");
            return read.IsNull ? null : Entries(((RedisResult[])((RedisResult[])read!)[0]!)[1]).FirstOrDefault();
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOGROUP", StringComparison.Ordinal))
        {
            // The first one here, or Redis has lost everything.
            try
            {
                await stream.ExecuteAsync("XGROUP", "CREATE", redis.Stream, Group, "0", "MKSTREAM");
            }
            catch (RedisServerException another) when (another.Message.StartsWith("BUSYGROUP", StringComparison.Ordinal))
            {
                // Another worker was quicker.
            }

            return null;
        }
    }

    // Of a worker that took it and fell silent.
    private async Task<Entry?> TakeStaleAsync(IDatabase stream)
    {
        var taken = (RedisResult[])(await stream.ExecuteAsync(
            "XAUTOCLAIM", redis.Stream, Group, _consumer, (long)options.Lease.TotalMilliseconds, "0-0", "COUNT", 1))!;
        return Entries(taken[1]).FirstOrDefault();
    }

    /// <summary>Puts the ids of the next jobs into the stream, those that it lacks; true when there were any.</summary>
    private async Task<bool> FillAsync(IDatabase stream, CancellationToken cancellationToken)
    {
        if (!await stream.StringSetAsync(redis.FeedLock, _consumer, TimeSpan.FromMilliseconds(FeedLockMilliseconds), When.NotExists))
            return false;
        try
        {
            var next = await queue.ListClaimableAsync(Filling, cancellationToken);
            if (next.Count == 0)
                return false;
            var there = Entries(await stream.ExecuteAsync("XRANGE", redis.Stream, "-", "+")).Select(entry => entry.Job).ToHashSet();
            var added = next.Where(job => !there.Contains(job)).ToList();
            await Task.WhenAll(added.Select(job => stream.ExecuteAsync("XADD", redis.Stream, "*", Field, job.ToString("N"))));
            if (added.Count > 1)
                signal.Claimable();
            return added.Count > 0;
        }
        finally
        {
            await stream.KeyDeleteAsync(redis.FeedLock);
        }
    }

    private async Task ForgetAsync(IDatabase stream, string entry)
    {
        await stream.ExecuteAsync("XACK", redis.Stream, Group, entry);
        await stream.ExecuteAsync("XDEL", redis.Stream, entry);
    }

    private static IEnumerable<Entry> Entries(RedisResult entries)
    {
        foreach (var entry in (RedisResult[])entries!)
        {
            // XAUTOCLAIM gives nothing for an entry that was deleted meanwhile.
            if (entry.IsNull || (RedisResult[]?)entry is not [var id, var fields])
                continue;
            var job = Guid.TryParseExact((string?)((RedisResult[])fields!)[1], "N", out var parsed) ? parsed : Guid.Empty;
            yield return new Entry((string)id!, job);
        }
    }

    private static bool IsFaultOfRedis(Exception e) => e is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException;

    private sealed record Entry(string Id, Guid Job);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis does not answer: the database hands out the jobs")]
    private partial void LogAway(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis answers again")]
    private partial void LogBack();

    [LoggerMessage(Level = LogLevel.Debug, Message = "Job {Job}: its entry in Redis was not acknowledged")]
    private partial void LogUnsettled(Exception exception, Guid job);
}
