using Lazaret.Node.Jobs;
using Lazaret.Node.Runs;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Diagnoses;

/// <summary>Guesses when a job will be done: the jobs before it, at the pace of the latest runs.</summary>
public sealed class RunForecast(IDbContextFactory<LazaretDb> databases, RunOptions options)
{
    private const int Looked = 20;

    /// <summary>Seconds, at least 1.</summary>
    public async Task<int> SecondsAsync(Job job, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var ahead = await db.Jobs.CountAsync(
            j => (j.State == JobState.Queued || j.State == JobState.Running) && j.CreatedAt < job.CreatedAt, cancellationToken);
        var latest = await db.Runs
            .Where(run => run.EndedAt != null)
            .OrderByDescending(run => run.EndedAt)
            .Take(Looked)
            .Select(run => new { run.StartedAt, EndedAt = run.EndedAt!.Value })
            .ToListAsync(cancellationToken);
        var seconds = latest.Count == 0 ? 1 : latest.Average(run => (run.EndedAt - run.StartedAt).TotalSeconds);
        return Math.Max(1, (int)Math.Ceiling(seconds * (1 + ((double)ahead / options.Slots))));
    }
}
