using Lazaret.Node.Audit;
using Lazaret.Node.Jobs.Admissions;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Jobs;

/// <summary>The table of jobs: a worker claims a row, keeps it by heartbeat, and gives it up with an outcome.</summary>
public sealed class JobQueue(
    IDbContextFactory<LazaretDb> databases, AdmissionBatch admissions, KeyGuard keys, RecordSeal seal, JobSignal signal, JobOptions options, JobMetrics metrics, TimeProvider time)
{
    /// <summary>The number under which decisions wait for each other: <see cref="LazaretDb.BeginAloneAsync"/>.</summary>
    internal const long Decisions = 0x4C5A_4449_5343;

    /// <summary>The name of this process in the leases that it takes.</summary>
    private readonly string _owner = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";

    /// <summary>Writes a job, its input, what it rests on if that is said, and its audit entry in one transaction (group commit: jobs of the same moment may share it).</summary>
    /// <returns>Null, or that a quota is spent; then nothing was written.</returns>
    public async Task<Admission.QuotaSpent?> AdmitAsync(Job job, byte[] input, AuditEntry entry, byte[]? basis = null, Questions? questions = null)
    {
        // Takes up a changed key ring first, so that the input is sealed under the current primary key. A key rotation relies on this.
        await keys.FaultAsync(CancellationToken.None);
        List<Payload> payloads = [Payload.Of(job.Id, PayloadName.Input, input, seal)];
        if (basis is not null)
            payloads.Add(Payload.Of(job.Id, PayloadName.Basis, basis, seal));
        if (await admissions.WriteAsync(job, payloads, entry, questions) is { } spent)
            return spent;
        signal.Say(new JobNews.Claimable());
        return null;
    }

    /// <summary>
    /// Claims the next queued job that is due, and begins a run of it; null when there is none. Before that, each job whose lease has expired
    /// goes back to the queue, or fails when the host has failed it as often as <see cref="JobOptions"/> allows.
    /// </summary>
    public Task<ClaimedJob?> ClaimAsync(string backend, Unrunnable except, CancellationToken cancellationToken) =>
        ClaimAsync(backend, Lapsed, db => except.Leave(Waiting(db)), cancellationToken);

    /// <summary>Claims the job of this id, if it is queued and due, or if its lease has expired.</summary>
    public Task<ClaimedJob?> ClaimAsync(string backend, Unrunnable except, Guid id, CancellationToken cancellationToken) =>
        ClaimAsync(backend, db => Lapsed(db).Where(job => job.Id == id), db => except.Leave(Waiting(db)).Where(job => job.Id == id), cancellationToken);

    /// <summary>The jobs that may be claimed now, the next ones first.</summary>
    public async Task<IReadOnlyList<Guid>> ListClaimableAsync(int atMost, Unrunnable except, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var lapsed = await Lapsed(db).Select(job => job.Id).Take(atMost).ToListAsync(cancellationToken);
        var waiting = await InOrder(except.Leave(Waiting(db))).Select(job => job.Id).Take(atMost).ToListAsync(cancellationToken);
        return [.. lapsed.Concat(waiting).Take(atMost)];
    }

    /// <summary>Whether the job is in the state Running. Its lease is not checked.</summary>
    public async Task<bool> IsRunningAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Jobs.AnyAsync(job => job.Id == id && job.State == JobState.Running, cancellationToken);
    }

    private async Task<ClaimedJob?> ClaimAsync(
        string backend, Func<LazaretDb, IQueryable<Job>> lapsed, Func<LazaretDb, IQueryable<Job>> waiting, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (!await lapsed(db).Select(job => job.Id).Concat(waiting(db).Select(job => job.Id)).AnyAsync(cancellationToken))
            return null;

        // No other worker claims the job between the query and the update: on SQLite the transaction is immediate, on PostgreSQL the row is locked.
        await using var writing = await db.BeginWritingAsync(cancellationToken);
        var now = time.GetUtcNow();
        while (await lapsed(db).ForUpdateSkipLocked().FirstOrDefaultAsync(cancellationToken) is { } silent)
        {
            await AbandonAsync(db, silent, now, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            metrics.LeaseLapsed(silent.Kind);
        }

        if (await InOrder(waiting(db)).ForUpdateSkipLocked().FirstOrDefaultAsync(cancellationToken) is not { } job)
        {
            await writing.CommitAsync(cancellationToken);
            return null;
        }

        job.Claim(_owner, now, options.Lease);
        var run = new Run { Id = Guid.CreateVersion7(now), JobId = job.Id, Attempt = job.Attempts, Backend = backend, StartedAt = now };
        db.Runs.Add(run);
        db.Audit.Add(AuditEntry.Of(AuditAction.RunStarted, now, job, new() { ["run"] = run.Id, ["attempt"] = run.Attempt, ["backend"] = backend }));
        await db.SaveChangesAsync(cancellationToken);
        await writing.CommitAsync(cancellationToken);
        return new ClaimedJob(job, run, new JobLease(job.Id, _owner, job.Attempts));
    }

    /// <summary>What the job was admitted with.</summary>
    /// <exception cref="SealException">No available key opens it.</exception>
    public async Task<byte[]> ReadInputAsync(Guid job, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var input = await db.Payloads.AsNoTracking().SingleAsync(payload => payload.JobId == job && payload.Name == PayloadName.Input, cancellationToken);
        return input.Open(seal);
    }

    /// <summary>The heartbeat; false when the job is no longer this worker's (cancelled, or claimed by another).</summary>
    public async Task<bool> RenewAsync(JobLease lease, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await ChangeAsync(db, lease, job => job.Renew(time.GetUtcNow(), options.Lease), cancellationToken) is not null;
    }

    /// <summary>
    /// Ends the run and moves its job, with result, log and audit entry, in one transaction, and gives the report that was written; null when the
    /// lease was lost, and then nothing is written: that is how a job has one outcome.
    /// </summary>
    public async Task<RunReport?> ConcludeAsync(ClaimedJob claimed, RunReport report, CancellationToken cancellationToken)
    {
        await keys.FaultAsync(cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        Job? written;
        if (report is RunReport.Undecided undecided)
        {
            await using var writing = await db.BeginAloneAsync(Decisions, cancellationToken);
            report = await undecided.DecideAsync(db, cancellationToken) with { Log = undecided.Log, Wall = undecided.Wall, Usage = undecided.Usage };
            written = await ConcludeAsync(db, claimed, report, cancellationToken);
            if (written is not null)
                await writing.CommitAsync(cancellationToken);
        }
        else
        {
            written = await ConcludeAsync(db, claimed, report, cancellationToken);
        }

        if (written is null)
            return null;
        if (written.IsOver)
            signal.Say(new JobNews.Over(written.Id));
        else if (report is RunReport.Stopped)
            signal.Say(new JobNews.Claimable());
        return report;
    }

    private async Task<Job?> ConcludeAsync(LazaretDb db, ClaimedJob claimed, RunReport report, CancellationToken cancellationToken)
    {
        var run = await db.Runs.SingleAsync(r => r.Id == claimed.Run.Id, cancellationToken);
        return await ChangeAsync(db, claimed.Lease, job => report.Apply(db, job, run, seal, options, time.GetUtcNow()), cancellationToken);
    }

    /// <summary>Withdraws a job of this requester; null when there is none, otherwise the job as it now stands.</summary>
    /// <param name="id">The job.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="requester">Whose it must be.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <param name="withdraw">Writes what else follows when the result is held; a kind whose results nobody holds needs none.</param>
    public async Task<Job?> CancelAsync(Guid id, JobKind kind, string requester, CancellationToken cancellationToken, Func<LazaretDb, Job, DateTimeOffset, CancellationToken, Task>? withdraw = null)
    {
        while (true)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            var job = await db.Jobs.SingleOrDefaultAsync(j => j.Id == id && j.Kind == kind && j.Requester == requester, cancellationToken);
            var now = time.GetUtcNow();
            if (job is { PublishedAt: { } shown } && shown > now)
            {
                // The requester still sees this job as running or held. Wait until the decision is published; only then say whether it can be cancelled.
                await Task.Delay(shown - now, time, cancellationToken);
                continue;
            }

            if (job is null || job.IsOver)
                return job;
            if (job.State == JobState.Held)
            {
                if (await CancelHeldAsync(id, withdraw ?? throw new InvalidOperationException($"nothing says what becomes of a held {kind}"), cancellationToken) is { } withdrawn)
                    return withdrawn;
                continue;
            }

            job.Cancel(now);
            db.Audit.Add(AuditEntry.Of(AuditAction.JobCancelled, now, job));
            try
            {
                await db.SaveChangesAsync(cancellationToken);
                signal.Say(new JobNews.Cancelled(id));
                return job;
            }
            catch (DbUpdateConcurrencyException)
            {
                // A heartbeat or an outcome came first: look again.
            }
        }
    }

    /// <summary>Withdraws it, unless a steward has decided meanwhile: then null.</summary>
    private async Task<Job?> CancelHeldAsync(Guid id, Func<LazaretDb, Job, DateTimeOffset, CancellationToken, Task> withdraw, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var writing = await db.BeginAloneAsync(Decisions, cancellationToken);
        var job = await db.Jobs.SingleAsync(j => j.Id == id, cancellationToken);
        if (job.State != JobState.Held)
            return null;
        var now = time.GetUtcNow();
        await withdraw(db, job, now, cancellationToken);
        job.Cancel(now);
        db.Audit.Add(AuditEntry.Of(AuditAction.JobCancelled, now, job));
        await db.SaveChangesAsync(cancellationToken);
        await writing.CommitAsync(cancellationToken);
        signal.Say(new JobNews.Cancelled(id));
        return job;
    }

    private IQueryable<Job> Waiting(LazaretDb db)
    {
        var now = time.GetUtcNow();
        return db.Jobs.Where(job => job.State == JobState.Queued && (job.NotBefore == null || job.NotBefore <= now));
    }

    private IQueryable<Job> Lapsed(LazaretDb db)
    {
        var now = time.GetUtcNow();
        return db.Jobs.Where(job => job.State == JobState.Running && job.LeaseExpiresAt < now);
    }

    /// <summary>Which job is next.</summary>
    internal static IQueryable<Job> InOrder(IQueryable<Job> jobs) => jobs.OrderByDescending(job => job.Priority).ThenBy(job => job.Turn).ThenBy(job => job.CreatedAt);

    private async Task AbandonAsync(LazaretDb db, Job job, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var lost = await db.Runs.Where(run => run.JobId == job.Id && run.EndedAt == null).ToListAsync(cancellationToken);
        foreach (var run in lost)
            run.End(RunEnd.Lost, now);
        // No further pause: the job has already waited until its lease expired.
        job.Retry("the node fell silent", options.MaxAttempts, TimeSpan.Zero, now);
        db.Audit.Add(AuditEntry.Of(AuditAction.RunLost, now, job, new() { ["attempt"] = job.Attempts, ["state"] = job.State }));
    }

    /// <summary>The job as it was written; null when the lease was lost.</summary>
    private static async Task<Job?> ChangeAsync(LazaretDb db, JobLease lease, Action<Job> change, CancellationToken cancellationToken)
    {
        var job = await db.Jobs.SingleAsync(j => j.Id == lease.JobId, cancellationToken);
        if (!job.IsHeldBy(lease))
            return null;
        change(job);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return job;
        }
        catch (DbUpdateConcurrencyException)
        {
            return null;
        }
    }
}
