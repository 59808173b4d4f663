using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Jobs.Admissions;

/// <summary>
/// What waits: as the table had it a moment ago, with what was admitted here since. Gives a new job its place, or none.
/// Places are start-time fair queueing (Goyal, Vin and Cheng, 1996) with every job of the same cost: a requester's next job
/// comes a turn after its last one that waits, and never before the turn that is being served.
/// </summary>
public sealed class Backlog(IDbContextFactory<LazaretDb> databases, QueueOptions options, TimeProvider time) : IDisposable
{
    // This process learns of the jobs that others admit at its next look only: until then the queue may exceed its bound by them.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    // A full queue is looked at more often, but not for every request of a flood.
    private static readonly TimeSpan FreshWhenFull = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _looking = new(1);
    private Snapshot _latest = new(DateTimeOffset.MinValue);

    /// <summary>A place in the queue; false when the queue, or this requester's part of it, is full.</summary>
    public async Task<bool> TryPlaceAsync(Job job, CancellationToken cancellationToken)
    {
        var priority = options.PriorityOf(job.Kind);
        var snapshot = await LookAsync(Fresh, cancellationToken);
        if (snapshot.TryPlace(job, priority, options))
            return true;
        snapshot = await LookAsync(FreshWhenFull, cancellationToken);
        return snapshot.TryPlace(job, priority, options);
    }

    /// <summary>About how many jobs wait.</summary>
    public async Task<int> CountAsync(CancellationToken cancellationToken) => (await LookAsync(Fresh, cancellationToken)).Count;

    public void Dispose() => _looking.Dispose();

    private async Task<Snapshot> LookAsync(TimeSpan fresh, CancellationToken cancellationToken)
    {
        if (IsFresh())
            return _latest;
        await _looking.WaitAsync(cancellationToken);
        try
        {
            return IsFresh() ? _latest : _latest = await ReadAsync(cancellationToken);
        }
        finally
        {
            _looking.Release();
        }

        bool IsFresh() => time.GetUtcNow() - _latest.At < fresh;
    }

    private async Task<Snapshot> ReadAsync(CancellationToken cancellationToken)
    {
        var snapshot = new Snapshot(time.GetUtcNow());
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var lines = await db.Jobs
            .Where(job => job.State == JobState.Queued)
            .GroupBy(job => new { job.Requester, job.Priority })
            .Select(group => new
            {
                group.Key.Requester,
                group.Key.Priority,
                Count = group.Count(),
                Last = group.Max(job => job.Turn),
                // A job that is tried again keeps its old, low turn. It must not pull back the turn at which new jobs start.
                First = group.Min(job => job.Attempts == 0 ? job.Turn : long.MaxValue),
            })
            .ToListAsync(cancellationToken);
        foreach (var line in lines)
            snapshot.Add(line.Requester, line.Priority, line.Count, line.First, line.Last);
        return snapshot;
    }

    private sealed class Snapshot(DateTimeOffset at)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<(string Requester, int Priority), long> _last = [];
        private readonly Dictionary<string, int> _waiting = new(StringComparer.Ordinal);
        private readonly Dictionary<int, long> _served = [];

        public DateTimeOffset At => at;

        public int Count { get; private set; }

        public void Add(string requester, int priority, int count, long first, long last)
        {
            Count += count;
            _waiting[requester] = _waiting.GetValueOrDefault(requester) + count;
            _last[(requester, priority)] = last;
            if (first < _served.GetValueOrDefault(priority, long.MaxValue))
                _served[priority] = first;
        }

        public bool TryPlace(Job job, int priority, QueueOptions options)
        {
            lock (_lock)
            {
                var waiting = _waiting.GetValueOrDefault(job.Requester);
                if (Count >= options.MaxQueued || waiting >= options.MaxQueuedPerRequester)
                    return false;
                Count++;
                _waiting[job.Requester] = waiting + 1;
                var served = _served.GetValueOrDefault(priority);
                var turn = _last.TryGetValue((job.Requester, priority), out var last) ? Math.Max(last + 1, served) : served;
                _last[(job.Requester, priority)] = turn;
                job.Place(priority, turn);
                return true;
            }
        }
    }
}
