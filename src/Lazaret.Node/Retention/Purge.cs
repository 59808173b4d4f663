using Lazaret.Node.Audit;
using Lazaret.Node.Jobs;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Retention;

/// <summary>
/// Deletes what jobs that are over have kept for long enough. Each job's loss is audited in the transaction that deletes, in one entry whatever was deleted of it.
/// It goes through the payloads once, in the order of their jobs, and a job's id begins with the time at which it was admitted (UUID version 7): so it reads payloads that
/// have expired, and hardly any other.
/// </summary>
internal sealed class Purge(IDbContextFactory<LazaretDb> databases, DiskReturn disk, RetentionOptions options, TimeProvider time)
{
    // "purge" in ASCII: on PostgreSQL two purges take turns.
    private const long AdvisoryLock = 0x7075726765;

    // Records in a transaction: as many as take about this long, so that those who write beside wait no longer.
    private const int Fewest = 50;
    private const int Most = 2000;
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(100);

    /// <summary>What has expired, by kind; every kind is there.</summary>
    public async Task<IReadOnlyList<ExpiredPayloads>> FindAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await Expired(db, await NowAsync(db, cancellationToken), Guid.Empty).GroupBy(payload => payload.Name)
            .Select(group => new { Name = group.Key, Records = group.Count(), Bytes = group.Sum(payload => (long)payload.Content.Length) }).ToListAsync(cancellationToken);
        return [.. Enum.GetValues<PayloadName>().Select(name => found.Find(kind => kind.Name == name) is { } kind ? new ExpiredPayloads(name, kind.Records, kind.Bytes) : new ExpiredPayloads(name, 0, 0))];
    }

    /// <param name="actor">On whose behalf, for the audit.</param>
    /// <returns>How many records were deleted.</returns>
    public async Task<int> RunAsync(string actor, CancellationToken cancellationToken)
    {
        DateTimeOffset now;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
            now = await NowAsync(db, cancellationToken);
        var (after, most, deleted) = (Guid.Empty, Fewest, 0);
        while (true)
        {
            var (records, last, held) = await DeleteRoundAsync(actor, now, after, most, cancellationToken);
            if (last is not { } next)
                break;
            (after, deleted) = (next, deleted + records);
            most = held < Round ? Math.Min(Most, most * 2) : Math.Max(Fewest, most / 2);
        }

        if (deleted > 0)
            await disk.RunAsync(cancellationToken);
        return deleted;
    }

    /// <summary>Now, by the earlier of this machine's clock and the server's: one that is ahead, as after a battery's end, would delete what is new. SQLite has no clock of its own.</summary>
    private async Task<DateTimeOffset> NowAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        var ours = time.GetUtcNow();
        if (db is SqliteLazaretDb)
            return ours;
        var theirs = new DateTimeOffset(await db.Database.SqlQuery<DateTime>($"SELECT clock_timestamp() AS \"Value\"").SingleAsync(cancellationToken));
        return theirs < ours ? theirs : ours;
    }

    /// <returns>How many were deleted, the last job of this round, and how long others could not write because of it.</returns>
    private async Task<(int Records, Guid? Last, TimeSpan Held)> DeleteRoundAsync(string actor, DateTimeOffset now, Guid after, int most, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        // Outside the transaction: others write meanwhile.
        var jobs = await Expired(db, now, after).OrderBy(payload => payload.JobId).Select(payload => payload.JobId).Take(most).ToListAsync(cancellationToken);
        if (jobs.Count == 0)
            return (0, null, TimeSpan.Zero);
        var last = jobs[^1];
        await using var writing = await db.BeginAloneAsync(AdvisoryLock, cancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        var expired = Expired(db, now, after, last);
        var found = await expired.Join(db.Jobs, payload => payload.JobId, job => job.Id, (payload, job) => new { payload.JobId, payload.Name, job.Kind, job.Project }).ToListAsync(cancellationToken);
        var records = await expired.ExecuteDeleteAsync(cancellationToken);
        foreach (var job in found.GroupBy(payload => (payload.JobId, payload.Kind, payload.Project)).OrderBy(job => job.Key.JobId))
        {
            var counts = job.CountBy(payload => payload.Name).OrderBy(count => count.Key).ToDictionary(count => count.Key.ToString().ToLowerInvariant(), count => count.Value, StringComparer.Ordinal);
            var detail = new AuditDetail { ["kind"] = job.Key.Kind, ["records"] = counts };
            if (job.Key.Project is { } project)
                detail["project"] = project;
            db.Audit.Add(AuditEntry.Of(AuditAction.PayloadsExpired, now, actor, detail, job.Key.JobId));
        }

        await db.SaveChangesAsync(cancellationToken);
        await writing.CommitAsync(cancellationToken);
        // PostgreSQL locks the deleted rows alone.
        return (records, last, db is SqliteLazaretDb ? TimeProvider.System.GetElapsedTime(began) : TimeSpan.Zero);
    }

    /// <summary>Of jobs after the one, up to the other.</summary>
    private IQueryable<Payload> Expired(LazaretDb db, DateTimeOffset now, Guid after, Guid? upTo = null)
    {
        DateTimeOffset Limit(PayloadName name) => now.AddDays(-options.DaysOf(name));
        var (input, result, log) = (Limit(PayloadName.Input), Limit(PayloadName.Result), Limit(PayloadName.Log));
        // A job admitted after a limit cannot have ended before it. The payload's job id contains the time of admission, so the job's row need not be read.
        var (inputs, results, logs) = (FirstAfter(input), FirstAfter(result), FirstAfter(log));
        // One upper bound only: with two, SQLite's index scan used the first and read all expired rows.
        var last = upTo ?? FirstAfter(new[] { input, result, log }.Max());
        return db.Payloads.Where(payload => payload.JobId > after && payload.JobId <= last
            && ((payload.Name == PayloadName.Input && payload.JobId < inputs) || (payload.Name == PayloadName.Log && payload.JobId < logs)
                || ((payload.Name == PayloadName.Result || payload.Name == PayloadName.Basis) && payload.JobId < results))
            && db.Set<Job>().Any(job => job.Id == payload.JobId && Job.Final.Contains(job.State)
                && job.UpdatedAt <= (payload.Name == PayloadName.Input ? input : payload.Name == PayloadName.Log ? log : result)));
    }

    /// <summary>The smallest id of jobs that are admitted after this.</summary>
    private static Guid FirstAfter(DateTimeOffset limit)
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes, Math.Max(0, limit.ToUnixTimeMilliseconds() + 1) << 16);
        return new Guid(bytes, bigEndian: true);
    }
}
