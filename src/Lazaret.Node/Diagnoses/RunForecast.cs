using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Admissions;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Diagnoses;

/// <summary>Guesses when a job that was just admitted will be done: those that wait, at the pace of the latest runs.</summary>
public sealed class RunForecast(IDbContextFactory<LazaretDb> databases, Backlog backlog, RunOptions options, TimeProvider time)
{
    private const int Looked = 20;

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private Pace _latest = new(DateTimeOffset.MinValue, 1);

    /// <summary>Seconds, at least 1.</summary>
    public async Task<int> SecondsAsync(CancellationToken cancellationToken)
    {
        if (time.GetUtcNow() - _latest.At > Fresh)
            _latest = new Pace(time.GetUtcNow(), await PaceAsync(cancellationToken));
        var waiting = await backlog.CountAsync(cancellationToken);
        return Math.Max(1, (int)Math.Ceiling(_latest.Seconds * (1 + ((double)waiting / options.Slots))));
    }

    private async Task<double> PaceAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var latest = await db.Runs
            .OrderByDescending(run => run.Id)
            .Take(Looked)
            .Where(run => run.EndedAt != null)
            .Select(run => new { run.StartedAt, EndedAt = run.EndedAt!.Value })
            .ToListAsync(cancellationToken);
        return latest.Count == 0 ? 1 : latest.Average(run => (run.EndedAt - run.StartedAt).TotalSeconds);
    }

    /// <summary>How long a run took lately.</summary>
    private sealed record Pace(DateTimeOffset At, double Seconds);
}
