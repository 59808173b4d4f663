using Lazaret.Node.Jobs;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Releases.Reviews;

/// <summary>The releases on which held jobs rest. Several jobs may wait for the same one: whoever asked first was charged for it.</summary>
internal static class HeldReleases
{
    /// <summary>Those of this review that are not decided yet.</summary>
    public static Task<List<Release>> FindAsync(LazaretDb db, Review review, CancellationToken cancellationToken)
    {
        var queries = review.Queries;
        return db.Releases
            .Where(release => (release.State == ReleaseState.Held || release.State == ReleaseState.BeyondLimit) && (release.JobId == review.JobId || queries.Contains(release.Query)))
            .ToListAsync(cancellationToken);
    }

    /// <summary>Rejects the releases that no other review waits for, and deletes this job's copy of the result. The caller moves the job, and commits.</summary>
    public static async Task RejectAsync(LazaretDb db, Review review, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var release in await EndAsync(db, review, now, cancellationToken))
            release.Reject();
    }

    /// <summary>A requester withdraws a job that waits for a steward. What nobody else waits for was never asked: whoever asks it later, asks it anew. The caller moves the job, and commits.</summary>
    public static async Task WithdrawAsync(LazaretDb db, Job job, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var release in await EndAsync(db, await db.Reviews.SingleAsync(review => review.JobId == job.Id, cancellationToken), now, cancellationToken))
        {
            db.ReleaseGrants.RemoveRange(await db.ReleaseGrants.Where(grant => grant.Query == release.Query).ToListAsync(cancellationToken));
            db.Releases.Remove(release);
        }
    }

    /// <summary>The reviews of whoever asked these questions first, decided or not, as long as their releases wait.</summary>
    public static async Task<List<Review>> FirstReviewsAsync(LazaretDb db, IEnumerable<string> queries, CancellationToken cancellationToken)
    {
        var jobs = db.Releases.Where(release => (release.State == ReleaseState.Held || release.State == ReleaseState.BeyondLimit) && queries.Contains(release.Query)).Select(release => release.JobId);
        return await db.Reviews.AsNoTracking().Where(review => jobs.Contains(review.JobId)).ToListAsync(cancellationToken);
    }

    /// <summary>Whether this requester has asked, or waits for, what the review is about.</summary>
    public static async Task<bool> IsAskedByAsync(LazaretDb db, Review review, string requester, CancellationToken cancellationToken)
    {
        Guid[] jobs = [review.JobId, .. (await FindAsync(db, review, cancellationToken)).Select(release => release.JobId)];
        if (await db.Jobs.AnyAsync(job => jobs.Contains(job.Id) && job.Requester == requester, cancellationToken))
            return true;
        // Also what they have withdrawn: they have the answer for the asking.
        var own = await db.Reviews.AsNoTracking().Where(other => db.Set<Job>().Any(job => job.Id == other.JobId && job.Requester == requester)).ToListAsync(cancellationToken);
        return own.Exists(other => other.Queries.Intersect(review.Queries, StringComparer.Ordinal).Any());
    }

    /// <summary>The review is over: its job's copy of the result is deleted. What is returned nobody else waits for.</summary>
    private static async Task<List<Release>> EndAsync(LazaretDb db, Review review, DateTimeOffset now, CancellationToken cancellationToken)
    {
        review.Decide(now);
        db.Payloads.RemoveRange(await db.Payloads.Where(payload => payload.JobId == review.JobId && payload.Name == PayloadName.Result).ToListAsync(cancellationToken));
        var awaited = (await WaitingAsync(db, review, cancellationToken)).SelectMany(other => other.Queries).ToHashSet(StringComparer.Ordinal);
        var releases = await FindAsync(db, review, cancellationToken);
        releases.RemoveAll(release => awaited.Contains(release.Query));
        return releases;
    }

    /// <summary>The other reviews that are not decided.</summary>
    public static Task<List<Review>> WaitingAsync(LazaretDb db, Review than, CancellationToken cancellationToken) =>
        db.Reviews.AsNoTracking().Where(other => other.DecidedAt == null && other.JobId != than.JobId).ToListAsync(cancellationToken);
}
