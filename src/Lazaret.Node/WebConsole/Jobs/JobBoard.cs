using Lazaret.Node.Audit;
using Lazaret.Node.Delivery;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases.Reviews;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.WebConsole.Jobs;

/// <summary>
/// Lists of jobs, and what became of one. Requesters see only their own. Results are not here: <see cref="JobResults"/> gives results to their requesters and to
/// auditors.
/// </summary>
internal sealed class JobBoard(IDbContextFactory<LazaretDb> databases, TimeProvider time)
{
    /// <summary>How many jobs a page shows.</summary>
    public const int Page = 50;

    private const int MostEntries = 1000;

    /// <summary>The requester whose jobs the reader sees; null when they see everybody's.</summary>
    public static string? Sees(Requester reader) => (reader.Roles & ~Roles.Requester) != Roles.None ? null : reader.Name;

    /// <summary>The jobs that match, the newest first, and whether there are more.</summary>
    public async Task<(IReadOnlyList<ListedJob> Jobs, bool AreMore)> ListAsync(JobFilter filter, Requester reader, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var page = await Find(db, filter, reader).Take(Page + 1).ToListAsync(cancellationToken);
        return ([.. page.Take(Page).Select(job => new ListedJob(job, StateOf(job, reader)))], page.Count > Page);
    }

    /// <summary>The only job that the reader sees whose id ends so; null when there is none, or several.</summary>
    public async Task<Guid?> FindByEndAsync(string end, Requester reader, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await Find(db, new JobFilter { JobEnd = end }, reader).Select(job => job.Id).Take(2).ToListAsync(cancellationToken) is [var only] ? only : null;
    }

    /// <summary>The last time at which an answer of this requester became visible; null while none has.</summary>
    public async Task<DateTimeOffset?> LastShownAsync(string requester, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Jobs.Where(job => job.Requester == requester && job.PublishedAt <= now).OrderByDescending(job => job.PublishedAt).Select(job => job.PublishedAt).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>
    /// The last time at which an answer became visible, among the jobs that the audit's entries since an instant name (at most its last thousand entries); null when
    /// none became visible.
    /// </summary>
    public async Task<DateTimeOffset?> LastShownAsync(long lastEntry, DateTimeOffset since, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Audit.Where(entry => entry.Sequence > lastEntry - MostEntries && entry.At >= since)
            .Join(db.Jobs, entry => entry.JobId, job => job.Id, (_, job) => job.PublishedAt).Where(shown => shown <= now).MaxAsync(cancellationToken);
    }

    /// <summary>The jobs that match, the newest first. For each filter an index has the jobs in that order.</summary>
    internal IQueryable<Job> Find(LazaretDb db, JobFilter filter, Requester reader)
    {
        var jobs = Visible(db, reader);
        if (filter.Kind is { } kind)
            jobs = jobs.Where(job => job.Kind == kind);
        if (filter.Project is { } project)
            jobs = jobs.Where(job => job.Project == project);
        if (filter.Requester is { } requester)
            jobs = jobs.Where(job => job.Requester == requester);
        // Ids have no times before 1970.
        if (filter.From is { } from && from > DateOnly.FromDateTime(DateTime.UnixEpoch))
        {
            // An id begins with the time at which its job was admitted.
            var first = Guid.CreateVersion7(new DateTimeOffset(from, TimeOnly.MinValue, TimeSpan.Zero));
            var start = new Guid([.. first.ToByteArray(bigEndian: true)[..6], .. new byte[10]], bigEndian: true);
            jobs = jobs.Where(job => job.Id >= start);
        }

        if (filter.Job is { } id)
            jobs = jobs.Where(job => job.Id == id);
        if (filter.JobEnd is { } end)
            jobs = jobs.Where(job => EF.Functions.Like(job.Id.ToString(), $"%{end}"));
        if (filter.Before is { } before)
            jobs = jobs.Where(job => job.Id < before);
        if (filter.State is { } state)
        {
            // As everywhere, the reader's own job is shown as running until its tick.
            var (now, own) = (time.GetUtcNow(), reader.Name);
            jobs = state == JobState.Running
                ? jobs.Where(job => job.State == state).Concat(jobs.Where(job => job.Requester == own && job.PublishedAt > now))
                : jobs.Where(job => job.State == state && !(job.Requester == own && job.PublishedAt > now));
        }

        return jobs.OrderByDescending(job => job.Id);
    }

    /// <summary>The jobs that run, then those that wait, the next first. The reader's own job is shown as running until its tick.</summary>
    public async Task<IReadOnlyList<ListedJob>> ListOpenAsync(Requester reader, int atMost, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var running = await Find(db, new JobFilter { State = JobState.Running }, reader).OrderBy(job => job.Id).Take(atMost).ToListAsync(cancellationToken);
        var queued = await JobQueue.InOrder(Visible(db, reader).Where(job => job.State == JobState.Queued)).Take(atMost).ToListAsync(cancellationToken);
        return [.. running.Concat(queued).Take(atMost).Select(job => new ListedJob(job, StateOf(job, reader)))];
    }

    /// <summary>The latest jobs that ended in this state since an instant, the newest first.</summary>
    public async Task<IReadOnlyList<Job>> ListEndedAsync(JobState state, DateTimeOffset since, Requester reader, int atMost, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await Visible(db, reader).Where(job => job.State == state && job.UpdatedAt >= since && (job.PublishedAt == null || job.PublishedAt <= time.GetUtcNow()))
            .OrderByDescending(job => job.Id).Take(atMost).ToListAsync(cancellationToken);
    }

    /// <summary>One job with its life; null when this reader may not see it.</summary>
    public async Task<JobLife?> FindAsync(Guid id, Requester reader, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await Visible(db, reader).SingleOrDefaultAsync(job => job.Id == id, cancellationToken) is not { } job)
            return null;
        var ahead = job.State != JobState.Queued ? 0 : await db.Jobs.CountAsync(
            other => other.State == JobState.Queued && (other.Priority > job.Priority || (other.Priority == job.Priority && (other.Turn < job.Turn || (other.Turn == job.Turn && other.CreatedAt < job.CreatedAt)))),
            cancellationToken);
        var delivery = await db.WebhookDeliveries.AsNoTracking().FirstOrDefaultAsync(delivery => delivery.JobId == id, cancellationToken);
        var attempt = delivery is null ? null : await db.WebhookAttempts.AsNoTracking().Where(attempt => attempt.DeliveryId == delivery.Id).OrderByDescending(attempt => attempt.Attempt).FirstOrDefaultAsync(cancellationToken);
        return new JobLife(job, StateOf(job, reader), IsOwn: reader.Name == job.Requester)
        {
            Ahead = ahead,
            Wait = job.State != JobState.Queued ? null : await ForecastAsync(db, job.Kind, cancellationToken),
            Failure = job.State == JobState.Failed && reader.Name != job.Requester && (reader.Roles & (Roles.Steward | Roles.Auditor | Roles.Operator)) != Roles.None ? await FindFailureAsync(db, id, cancellationToken) : null,
            HasLog = await db.Payloads.AnyAsync(payload => payload.JobId == id && payload.Name == PayloadName.Log, cancellationToken),
            Runs = await db.Runs.AsNoTracking().Where(run => run.JobId == id).OrderBy(run => run.Attempt).ToListAsync(cancellationToken),
            Review = await db.Reviews.AsNoTracking().SingleOrDefaultAsync(review => review.JobId == id, cancellationToken),
            Delivery = delivery,
            DeliveryAt = attempt?.At.AddMilliseconds(attempt.Milliseconds),
        };
    }

    private static IQueryable<Job> Visible(LazaretDb db, Requester reader) =>
        Sees(reader) is { } own ? db.Jobs.AsNoTracking().Where(job => job.Requester == own) : db.Jobs.AsNoTracking();

    private JobState StateOf(Job job, Requester reader) => reader.Name == job.Requester && !job.IsPublished(time.GetUtcNow()) ? JobState.Running : job.State;

    private static async Task<string?> FindFailureAsync(LazaretDb db, Guid id, CancellationToken cancellationToken) =>
        await db.Audit.AsNoTracking().Where(entry => entry.JobId == id && entry.Action == AuditAction.RunFailed).OrderByDescending(entry => entry.Sequence).Select(entry => entry.Detail).FirstOrDefaultAsync(cancellationToken) is { } detail
            ? AuditDetail.Read(detail, "why")
            : null;

    /// <summary>How long the last fifty jobs of a kind waited before their first run: the median, and the time that nine in ten did not exceed. Null when too few ran.</summary>
    private static async Task<(int Jobs, TimeSpan Usual, TimeSpan Long)?> ForecastAsync(LazaretDb db, JobKind kind, CancellationToken cancellationToken)
    {
        var last = await db.Runs.AsNoTracking().Where(run => run.Attempt == 1)
            .Join(db.Jobs.AsNoTracking().Where(job => job.Kind == kind), run => run.JobId, job => job.Id, (run, job) => new { job.Id, job.CreatedAt, run.StartedAt })
            .OrderByDescending(pair => pair.Id).Take(50).ToListAsync(cancellationToken);
        TimeSpan[] waits = [.. last.Select(pair => pair.StartedAt - pair.CreatedAt).Order()];
        return waits.Length < 5 ? null : (waits.Length, waits[waits.Length / 2], waits[waits.Length * 9 / 10]);
    }
}
