using System.Collections.Concurrent;
using Lazaret.Node.Telemetry;
using StackExchange.Redis;

namespace Lazaret.Node.Jobs.Dispatch;

/// <summary>
/// A Redis stream with a consumer group hands out job ids; a worker then claims the row of that id in the database. The stream is short:
/// a worker that finds it empty fills it with the next ids, in the order of the table. So the order by priority and turn can be wrong by at
/// most one filling, and ids that Redis loses come again with a later filling. While Redis does not answer, workers claim from the table.
/// Workers whose machines lack the same things share a stream, so that no worker takes an id whose job it cannot run. An id may be in two
/// streams; its row is still claimed only once.
/// </summary>
internal sealed partial class RedisDispatch(RedisConnection redis, JobQueue queue, JobSignal signal, JobOptions options, ILogger<RedisDispatch> logger) : IJobDispatch
{
    private const string Group = "workers";
    private const string Field = "job";
    private const int Filling = 16;

    // If a worker dies while it fills the stream, its lock keeps the others from filling it for this time.
    private static readonly TimeSpan FeedLockTime = TimeSpan.FromSeconds(2);

    // A worker that gets what it lacked changes to another stream. The old one then has no reader, and expires.
    private static readonly TimeSpan StreamLife = TimeSpan.FromHours(1);

    private readonly string _consumer = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}";
    private readonly ConcurrentDictionary<JobLease, (RedisKey Stream, RedisValue Entry)> _entries = new();
    private int _away;

    public async Task<ClaimedJob?> ClaimAsync(string backend, Unrunnable except, CancellationToken cancellationToken)
    {
        try
        {
            var claimed = await ClaimAsync((await redis.OpenAsync()).GetDatabase(), backend, except, cancellationToken);
            if (Interlocked.Exchange(ref _away, 0) == 1)
                LogBack();
            return claimed;
        }
        catch (Exception e) when (IsFaultOfRedis(e))
        {
            if (Interlocked.Exchange(ref _away, 1) == 0)
                LogAway(Outage.CauseOf(e));
            return await queue.ClaimAsync(backend, except, cancellationToken);
        }
    }

    /// <summary>Acknowledges the entry. If that fails, a worker later takes the stale entry, finds its job over, and deletes the entry.</summary>
    public async Task SettleAsync(ClaimedJob claimed)
    {
        if (!_entries.TryRemove(claimed.Lease, out var taken))
            return;
        try
        {
            await ForgetAsync((await redis.OpenAsync()).GetDatabase(), taken.Stream, taken.Entry);
        }
        catch (Exception e) when (IsFaultOfRedis(e))
        {
            LogUnsettled(e, claimed.Job.Id);
        }
    }

    private async Task<ClaimedJob?> ClaimAsync(IDatabase database, string backend, Unrunnable except, CancellationToken cancellationToken)
    {
        RedisKey stream = except.Name.Length == 0 ? redis.Stream : $"{redis.Stream}:{except.Name}";
        while (true)
        {
            var next = await ReadAsync(database, stream) ?? await TakeStaleAsync(database, stream);
            if (next is not { } entry)
            {
                if (await FillAsync(database, stream, except, cancellationToken))
                    continue;
                return null;
            }

            if (await queue.ClaimAsync(backend, except, entry.Job, cancellationToken) is { } claimed)
            {
                _entries[claimed.Lease] = (stream, entry.Id);
                return claimed;
            }

            // If another worker runs the job, its entry stays: a worker that took it from this stream acknowledges it after the run. If not,
            // the job is over, is not due yet, or does not exist, and the entry is deleted.
            if (!await queue.IsRunningAsync(entry.Job, cancellationToken))
                await ForgetAsync(database, stream, entry.Id);
        }
    }

    private async Task<Entry?> ReadAsync(IDatabase database, RedisKey stream)
    {
        try
        {
            return Entries(await database.StreamReadGroupAsync(stream, Group, _consumer, StreamPosition.NewMessages, count: 1)).FirstOrDefault();
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOGROUP", StringComparison.Ordinal))
        {
            // There is no consumer group: this worker is the first, or Redis has lost its data.
            try
            {
                await database.StreamCreateConsumerGroupAsync(stream, Group, StreamPosition.Beginning, createStream: true);
            }
            catch (RedisServerException another) when (another.Message.StartsWith("BUSYGROUP", StringComparison.Ordinal))
            {
                // Another worker was quicker.
            }

            return null;
        }
    }

    // An entry that a worker read and did not acknowledge for as long as a lease lasts (XAUTOCLAIM).
    private async Task<Entry?> TakeStaleAsync(IDatabase database, RedisKey stream)
    {
        var taken = await database.StreamAutoClaimAsync(
            stream, Group, _consumer, (long)options.Lease.TotalMilliseconds, StreamPosition.Beginning, count: 1);
        return Entries(taken.ClaimedEntries).FirstOrDefault();
    }

    /// <summary>Adds the ids of the next jobs that are not in the stream yet; true when it added any.</summary>
    private async Task<bool> FillAsync(IDatabase database, RedisKey stream, Unrunnable except, CancellationToken cancellationToken)
    {
        var turn = FeedLock(stream);
        if (!await database.LockTakeAsync(turn, _consumer, FeedLockTime))
            return false;
        try
        {
            var next = await queue.ListClaimableAsync(Filling, except, cancellationToken);
            if (next.Count == 0)
                return false;
            await DeleteGoneConsumersAsync(database, stream);
            var there = Entries(await database.StreamRangeAsync(stream)).Select(entry => entry.Job).ToHashSet();
            var added = next.Where(job => !there.Contains(job)).ToList();
            await Task.WhenAll(added.Select(job => database.StreamAddAsync(stream, Field, job.ToString("N"))));
            if (stream != redis.Stream)
                await database.KeyExpireAsync(stream, StreamLife);
            if (added.Count > 1)
                signal.Say(new JobNews.Claimable());
            return added.Count > 0;
        }
        finally
        {
            // Releases the lock only if this worker still holds it: after the lock's time another worker may hold it.
            await database.LockReleaseAsync(turn, _consumer);
        }
    }

    // Redis keeps a consumer for ever. A process that ended left one without entries: what it had taken, others have claimed.
    private static async Task DeleteGoneConsumersAsync(IDatabase database, RedisKey stream)
    {
        foreach (var consumer in await database.StreamConsumerInfoAsync(stream, Group))
        {
            if (consumer.PendingMessageCount == 0 && consumer.IdleTimeInMilliseconds > StreamLife.TotalMilliseconds)
                await database.StreamDeleteConsumerAsync(stream, Group, consumer.Name);
        }
    }

    private static async Task ForgetAsync(IDatabase database, RedisKey stream, RedisValue entry)
    {
        await database.StreamAcknowledgeAsync(stream, Group, entry);
        await database.StreamDeleteAsync(stream, [entry]);
    }

    /// <summary>The key of the lock that a worker holds while it fills this stream.</summary>
    internal static RedisKey FeedLock(RedisKey stream) => stream.Append(":feed");

    private static IEnumerable<Entry> Entries(StreamEntry[] entries)
    {
        foreach (var entry in entries)
        {
            // XAUTOCLAIM gives nothing for an entry that was deleted meanwhile.
            if (entry.IsNull)
                continue;
            var job = Guid.TryParseExact((string?)entry[Field], "N", out var parsed) ? parsed : Guid.Empty;
            yield return new Entry(entry.Id, job);
        }
    }

    private static bool IsFaultOfRedis(Exception e) => e is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException;

    private sealed record Entry(RedisValue Id, Guid Job);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis does not answer, and the database hands out the jobs: {Cause}")]
    private partial void LogAway(string cause);

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis answers again")]
    private partial void LogBack();

    [LoggerMessage(Level = LogLevel.Debug, Message = "Job {Job}: its entry in Redis was not acknowledged")]
    private partial void LogUnsettled(Exception exception, Guid job);
}
