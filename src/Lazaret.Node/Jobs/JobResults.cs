using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Jobs;

/// <summary>Jobs and what was released of them, to their requesters. Somebody else's job is no job.</summary>
internal sealed class JobResults(IDbContextFactory<LazaretDb> databases, RecordSeal seal, JobSignal signal, AuditLog audit, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    // What of others was shown today, and to whom: the audit has it once a day.
    private readonly SeenToday<(string Reader, Guid Job)> _jobsShown = new(time);
    private readonly SeenToday<(string Reader, Guid Job)> _mapsShown = new(time);

    // Polls are most of what a node is asked, and translating these two queries was a good part of their cost.
    private readonly Func<LazaretDb, Guid, JobKind, string, CancellationToken, Task<Job?>> _findJob = EF.CompileAsyncQuery(
        (LazaretDb db, Guid id, JobKind kind, string requester, CancellationToken cancellationToken) =>
            db.Set<Job>().AsNoTracking().SingleOrDefault(job => job.Id == id && job.Kind == kind && job.Requester == requester));

    private readonly Func<LazaretDb, Guid, JobKind, CancellationToken, Task<Job?>> _findAnybodysJob = EF.CompileAsyncQuery(
        (LazaretDb db, Guid id, JobKind kind, CancellationToken cancellationToken) =>
            db.Set<Job>().AsNoTracking().SingleOrDefault(job => job.Id == id && job.Kind == kind));

    private readonly Func<LazaretDb, Guid, IAsyncEnumerable<Payload>> _findReleased = EF.CompileAsyncQuery(
        (LazaretDb db, Guid id) =>
            db.Set<Payload>().AsNoTracking().Where(payload => payload.JobId == id && (payload.Name == PayloadName.Result || payload.Name == PayloadName.Basis)));

    /// <summary>A job, to whoever asks for it: their own, or an auditor anybody's, and then the audit says so before they see it. Null when there is none for them.</summary>
    public async Task<JobWithResult?> ShowAsync(Guid id, JobKind kind, Requester reader, CancellationToken cancellationToken)
    {
        var found = await FindAsync(id, kind, reader.SeesJobsOf, cancellationToken);
        if (found is null || found.Job.Requester == reader.Name || _jobsShown.Holds((reader.Name, id)))
            return found;
        await audit.WriteAsync(AuditAction.JobRead, reader.Name, new() { ["kind"] = kind, ["requester"] = found.Job.Requester, ["state"] = found.Job.State }, cancellationToken, id);
        _jobsShown.Keep((reader.Name, id));
        return found;
    }

    /// <summary>A job of this requester's, or with null anybody's; null when there is none.</summary>
    public async Task<JobWithResult?> FindAsync(Guid id, JobKind kind, string? requester, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        // Once for both queries; EF Core would take a connection, and prepare it, for each.
        await db.Database.OpenConnectionAsync(cancellationToken);
        var job = requester is null ? await _findAnybodysJob(db, id, kind, cancellationToken) : await _findJob(db, id, kind, requester, cancellationToken);
        if (job is null)
            return null;
        var isPublished = job.IsPublished(time.GetUtcNow());
        if (job.State != JobState.Done || !isPublished)
            return new JobWithResult(job, Result: null) { IsPublished = isPublished };
        var released = new Dictionary<PayloadName, byte[]>();
        await foreach (var payload in _findReleased(db, id).WithCancellation(cancellationToken))
            released[payload.Name] = payload.Open(seal);
        return new JobWithResult(job, released.GetValueOrDefault(PayloadName.Result)) { Basis = released.GetValueOrDefault(PayloadName.Basis) };
    }

    /// <summary>What a diagnosis rests on, however it stands; null when that has expired.</summary>
    public async Task<byte[]?> FindBasisAsync(Job job, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return (await db.Payloads.AsNoTracking().SingleOrDefaultAsync(payload => payload.JobId == job.Id && payload.Name == PayloadName.Basis, cancellationToken))?.Open(seal);
    }

    /// <summary>
    /// The map that a job was admitted with; null when it is not kept any more. Of somebody else's job the audit says so before. Who may see it is for the caller to decide.
    /// </summary>
    public async Task<byte[]?> ShowMapAsync(Job job, Requester reader, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Payloads.AsNoTracking().SingleOrDefaultAsync(payload => payload.JobId == job.Id && payload.Name == PayloadName.Input, cancellationToken) is not { } input)
            return null;
        if (job.Requester != reader.Name && !_mapsShown.Holds((reader.Name, job.Id)))
        {
            await audit.WriteAsync(AuditAction.JobRead, reader.Name, new() { ["kind"] = job.Kind, ["requester"] = job.Requester, ["state"] = job.State, ["what"] = "map" }, cancellationToken, job.Id);
            _mapsShown.Keep((reader.Name, job.Id));
        }

        return input.Open(seal);
    }

    /// <summary>Waits for the job to be over, or until the time has passed.</summary>
    public async Task<JobWithResult> WaitAsync(Job job, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        using var waiting = signal.AwaitEnd(job.Id, out var end);
        while (true)
        {
            // A notice that the job has ended causes one query, since the notice may be wrong.
            var heard = end.IsCompleted;
            var now = (await FindAsync(job.Id, job.Kind, job.Requester, cancellationToken))!;
            var left = atMost - time.GetElapsedTime(began);
            if (now.Job.IsOver || left <= TimeSpan.Zero)
                return now;
            // Queries now and then in any case: a job may end without a notice, since a message can be lost, or a lease can lapse.
            var pause = Task.Delay(left < Look ? left : Look, time, cancellationToken);
            await (heard ? pause : Task.WhenAny(end, pause));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
