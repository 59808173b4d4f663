using Lazaret.Node.Jobs;
using Lazaret.Node.Projects;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Releases.Reviews;

/// <summary>Shows held results to stewards. A steward sees nothing of what they asked for themselves: what the controls say of it is not for requesters.</summary>
internal sealed class ReviewDesk(IDbContextFactory<LazaretDb> databases)
{
    /// <summary>What waits, the oldest first.</summary>
    /// <param name="steward">Who looks.</param>
    public async Task<IReadOnlyList<ReviewCase>> ListAsync(string steward, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var waiting = await db.Reviews.AsNoTracking().Where(review => review.DecidedAt == null).OrderBy(review => review.At)
            .Join(db.Jobs.AsNoTracking().Where(job => job.State == JobState.Held && job.Requester != steward), review => review.JobId, job => job.Id, (review, job) => new { review, job })
            .ToListAsync(cancellationToken);
        var own = await db.ReviewVotes.AsNoTracking().Where(vote => vote.Steward == steward).ToDictionaryAsync(vote => vote.JobId, cancellationToken);
        return [.. waiting.Select(pair => new ReviewCase(pair.review, pair.job) { Votes = own.TryGetValue(pair.job.Id, out var vote) ? [vote] : [] })];
    }

    /// <summary>One, also when it is decided; null when no result of such a job was held, or for its own requester.</summary>
    public async Task<ReviewCase?> FindAsync(Guid id, string steward, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Reviews.AsNoTracking().SingleOrDefaultAsync(review => review.JobId == id, cancellationToken) is not { } review)
            return null;
        var job = await db.Jobs.AsNoTracking().SingleAsync(job => job.Id == id, cancellationToken);
        if (job.Requester == steward)
            return null;
        var votes = await db.ReviewVotes.AsNoTracking().Where(vote => vote.JobId == id).OrderBy(vote => vote.At).ToListAsync(cancellationToken);
        var queries = review.Queries;
        return new ReviewCase(review, job)
        {
            Project = job.Project is null ? null : await db.Projects.AsNoTracking().SingleOrDefaultAsync(project => project.Key == job.Project, cancellationToken),
            Votes = review.DecidedAt is not null || votes.Exists(vote => vote.Steward == steward) ? votes : [],
            History = await db.Jobs.Where(other => other.Kind == JobKind.Cohort && other.Requester == job.Requester)
                .GroupBy(other => other.State).Select(group => new { group.Key, Count = group.Count() }).ToDictionaryAsync(group => group.Key, group => group.Count, cancellationToken),
            SameQuestion = [.. (await HeldReleases.WaitingAsync(db, review, cancellationToken)).Where(other => other.Queries.Intersect(queries, StringComparer.Ordinal).Any()).Select(other => other.JobId)],
        };
    }

    /// <summary>What a job's requester may know of a review; null where there is none.</summary>
    public async Task<ReviewNote?> FindNoteAsync(Job job, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Reviews.AsNoTracking().SingleOrDefaultAsync(review => review.JobId == job.Id, cancellationToken) is not { } review)
            return null;
        var asked = await db.ReviewVotes.AsNoTracking().Where(vote => vote.JobId == job.Id && vote.Verdict == ReviewVerdict.Ask).OrderBy(vote => vote.At).Select(vote => vote.Why).ToListAsync(cancellationToken);
        return new ReviewNote(review.DecidedAt is not null, asked.Count == 0 ? null : string.Join('\n', asked));
    }
}
