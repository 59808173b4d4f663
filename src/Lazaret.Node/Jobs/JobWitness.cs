using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Jobs;

/// <summary>What jobs and runs say about the audit: each job was admitted, each run was started, and each end of a job is an entry.</summary>
internal sealed class JobWitness : IAuditWitness
{
    public async Task<IReadOnlyList<ChainFault>> FindAsync(LazaretDb db, int most, CancellationToken cancellationToken)
    {
        var faults = new List<ChainFault>();
        await AddAsync(db.Jobs, AuditAction.JobAdmitted, "was admitted");
        await AddAsync(db.Jobs.Where(job => job.State == JobState.Done), AuditAction.ResultReleased, "has a result");
        await AddAsync(db.Jobs.Where(job => job.State == JobState.Blocked), AuditAction.ResultBlocked, "was blocked");
        await AddAsync(db.Jobs.Where(job => job.State == JobState.Cancelled), AuditAction.JobCancelled, "was cancelled");

        var started = db.Audit.Where(entry => entry.Action == AuditAction.RunStarted).GroupBy(entry => entry.JobId).Select(group => new { Job = group.Key, Count = group.Count() });
        var runs = await db.Runs.GroupBy(run => (Guid?)run.JobId).Select(group => new { Job = group.Key, Count = group.Count() })
            .LeftJoin(started, run => run.Job, start => start.Job, (run, start) => new { run.Job, Runs = run.Count, Started = (int?)start!.Count })
            .Where(both => both.Started == null || both.Started < both.Runs)
            .Take(most).ToListAsync(cancellationToken);
        faults.AddRange(runs.Select(both => new ChainFault(ChainFault.NoEntry, $"job {both.Job} had {both.Runs} runs, and the audit has {both.Started ?? 0} entries run_started about it") { Job = both.Job }));
        return faults;

        async Task AddAsync(IQueryable<Job> jobs, AuditAction action, string what)
        {
            var missing = await jobs
                .LeftJoin(db.Audit.Where(entry => entry.Action == action), job => (Guid?)job.Id, entry => entry.JobId, (job, entry) => new { job.Id, Entry = (long?)entry!.Sequence })
                .Where(pair => pair.Entry == null).Select(pair => pair.Id).Order().Take(most).ToListAsync(cancellationToken);
            faults.AddRange(missing.Select(job => new ChainFault(ChainFault.NoEntry, $"job {job} {what}, and the audit has no entry {AuditExport.Name(action)} about it") { Job = job }));
        }
    }
}
