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
        return await ReadAsync(db, Waiting(db, steward).OrderBy(held => held.Review.At), steward, cancellationToken);
    }

    /// <summary>A part of what waits, the oldest first.</summary>
    /// <param name="steward">Who looks.</param>
    /// <param name="after">The last one of the part before; null for the first part.</param>
    /// <param name="atMost">How many.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    public async Task<IReadOnlyList<ReviewCase>> ListWaitingAsync(string steward, Guid? after, int atMost, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var waiting = Waiting(db, steward);
        if (after is { } id && await db.Reviews.AsNoTracking().SingleOrDefaultAsync(review => review.JobId == id, cancellationToken) is { At: var at })
            waiting = waiting.Where(held => held.Review.At > at || (held.Review.At == at && held.Review.JobId > id));
        return await ReadAsync(db, waiting.OrderBy(held => held.Review.At).ThenBy(held => held.Review.JobId).Take(atMost), steward, cancellationToken);
    }

    /// <summary>A part of what was decided or withdrawn, the last first.</summary>
    /// <inheritdoc cref="ListWaitingAsync" path="/param"/>
    public async Task<IReadOnlyList<ReviewCase>> ListDecidedAsync(string steward, Guid? after, int atMost, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var decided = Joined(db.Reviews.Where(review => review.DecidedAt != null), db.Jobs.Where(job => job.Requester != steward));
        if (after is { } id && await db.Reviews.AsNoTracking().SingleOrDefaultAsync(review => review.JobId == id, cancellationToken) is { DecidedAt: { } at })
            decided = decided.Where(held => held.Review.DecidedAt < at || (held.Review.DecidedAt == at && held.Review.JobId < id));
        return await ReadAsync(db, decided.OrderByDescending(held => held.Review.DecidedAt).ThenByDescending(held => held.Review.JobId).Take(atMost), steward, cancellationToken);
    }

    /// <summary>How many wait for this steward, and since when the oldest does. What they have approved waits for a colleague alone.</summary>
    public async Task<(int Count, DateTimeOffset? Since)> CountAsync(string steward, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var open = Waiting(db, steward).Where(held => !db.Set<ReviewVote>().Any(vote => vote.JobId == held.Review.JobId && vote.Steward == steward && vote.Verdict == ReviewVerdict.Approve));
        var count = await open.CountAsync(cancellationToken);
        return (count, count == 0 ? null : (await open.OrderBy(held => held.Review.At).Select(held => held.Review).FirstOrDefaultAsync(cancellationToken))?.At);
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

    private static IQueryable<HeldJob> Waiting(LazaretDb db, string steward) =>
        Joined(db.Reviews.Where(review => review.DecidedAt == null), db.Jobs.Where(job => job.State == JobState.Held && job.Requester != steward));

    private static IQueryable<HeldJob> Joined(IQueryable<Review> reviews, IQueryable<Job> jobs) =>
        reviews.AsNoTracking().Join(jobs.AsNoTracking(), review => review.JobId, job => job.Id, (review, job) => new HeldJob { Review = review, Job = job });

    private static async Task<IReadOnlyList<ReviewCase>> ReadAsync(LazaretDb db, IQueryable<HeldJob> held, string steward, CancellationToken cancellationToken)
    {
        var found = await held.ToListAsync(cancellationToken);
        var ids = found.ConvertAll(one => one.Job.Id);
        var own = await db.ReviewVotes.AsNoTracking().Where(vote => vote.Steward == steward && ids.Contains(vote.JobId)).ToDictionaryAsync(vote => vote.JobId, cancellationToken);
        return [.. found.Select(one => new ReviewCase(one.Review, one.Job) { Votes = own.TryGetValue(one.Job.Id, out var vote) ? [vote] : [] })];
    }

    private sealed class HeldJob
    {
        public required Review Review { get; init; }

        public required Job Job { get; init; }
    }
}
