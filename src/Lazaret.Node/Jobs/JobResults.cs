using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Jobs;

/// <summary>Jobs and what was released of them, to their requesters. Somebody else's job is no job.</summary>
public sealed class JobResults(IDbContextFactory<LazaretDb> databases, RecordSeal seal, TimeProvider time)
{
    /// <summary>A job of this requester's; null when there is none.</summary>
    public async Task<JobWithResult?> FindAsync(Guid id, JobKind kind, string requester, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var job = await db.Jobs.AsNoTracking()
            .SingleOrDefaultAsync(j => j.Id == id && j.Kind == kind && j.Requester == requester, cancellationToken);
        if (job is not { State: JobState.Done })
            return job is null ? null : new JobWithResult(job, Result: null);
        var result = await db.Payloads.AsNoTracking()
            .SingleOrDefaultAsync(payload => payload.JobId == id && payload.Name == PayloadName.Result, cancellationToken);
        return new JobWithResult(job, result?.Open(seal));
    }

    /// <summary>Waits for the job to be over, or until the time has passed.</summary>
    public async Task<JobWithResult> WaitAsync(Job job, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var now = (await FindAsync(job.Id, job.Kind, job.Requester, cancellationToken))!;
            if (now.Job.IsOver || time.GetElapsedTime(began) > atMost)
                return now;
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken);
        }
    }
}
