using Lazaret.Node.Audit;
using Lazaret.Node.Jobs;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Retention;

/// <summary>Deletes what jobs that are over have kept for long enough. Each job's loss is audited in the transaction that deletes.</summary>
internal sealed class Purge(IDbContextFactory<LazaretDb> databases, RetentionOptions options, TimeProvider time)
{
    private const int Round = 500;

    /// <summary>What has expired, by kind; every kind is there.</summary>
    public async Task<IReadOnlyList<ExpiredPayloads>> FindAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = new List<ExpiredPayloads>();
        foreach (var name in Enum.GetValues<PayloadName>())
        {
            var expired = Expired(db, name);
            found.Add(new ExpiredPayloads(name, await expired.CountAsync(cancellationToken), await expired.SumAsync(payload => (long)payload.Content.Length, cancellationToken)));
        }

        return found;
    }

    /// <param name="actor">On whose behalf, for the audit.</param>
    /// <returns>How many records were deleted.</returns>
    public async Task<int> RunAsync(string actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var deleted = 0;
        foreach (var name in Enum.GetValues<PayloadName>())
        {
            while (await DeleteRoundAsync(db, name, actor, cancellationToken) is var round and > 0)
                deleted += round;
        }

        // Deleting overwrites in the database's file; in the log that is written ahead of it the old bytes would stay for a while.
        if (deleted > 0 && db.Database.IsSqlite())
            await db.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)", cancellationToken);
        return deleted;
    }

    private async Task<int> DeleteRoundAsync(LazaretDb db, PayloadName name, string actor, CancellationToken cancellationToken)
    {
        await using var writing = await db.BeginWritingAsync(cancellationToken);
        var jobs = await Expired(db, name).Select(payload => payload.JobId).Distinct().Order().Take(Round).ToListAsync(cancellationToken);
        var deleted = 0;
        foreach (var job in jobs)
        {
            var records = await db.Payloads.Where(payload => payload.JobId == job && payload.Name == name).ExecuteDeleteAsync(cancellationToken);
            deleted += records;
            // None: another process was quicker, and has audited it.
            if (records > 0)
                db.Audit.Add(AuditEntry.Of(AuditAction.PayloadsExpired, time.GetUtcNow(), actor, new() { ["payload"] = name, ["records"] = records, ["days"] = options.DaysOf(name) }, job));
        }

        await db.SaveChangesAsync(cancellationToken);
        await writing.CommitAsync(cancellationToken);
        db.ChangeTracker.Clear();
        return deleted;
    }

    private IQueryable<Payload> Expired(LazaretDb db, PayloadName name)
    {
        var limit = time.GetUtcNow().AddDays(-options.DaysOf(name));
        return db.Payloads.Where(payload => payload.Name == name
            && db.Set<Job>().Any(job => job.Id == payload.JobId && Job.Final.Contains(job.State) && job.UpdatedAt <= limit));
    }
}
