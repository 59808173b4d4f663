using System.Security.Cryptography;
using System.Text;
using Lazaret.Disclosure;
using Lazaret.Node.Audit;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Projects;
using Lazaret.Node.Releases.Earlier;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Releases.Reviews;

/// <summary>
/// Takes a steward's word about a held result. Everything that follows from it is one transaction, and no two of them, nor one of them and a
/// run's decision or a cancellation, happen at the same time.
/// </summary>
internal sealed class ReviewRuling(
    IDbContextFactory<LazaretDb> databases,
    ReleaseBook book,
    EarlierAnswers earlierAnswers,
    ReviewNumbers numbers,
    ReleaseDecision decision,
    DisclosureOptions options,
    JobSignal signal,
    TimeProvider time)
{
    /// <summary>The longest reason, in characters.</summary>
    public const int LongestWhy = 1000;

    /// <summary>
    /// <list type="number">
    /// <item>See that it waits, and that the steward is not its requester.</item>
    /// <item>See that what an approval rests on still holds: where the result would tell more by now, stewards look at it again.</item>
    /// <item>Count the vote; a steward's later word takes the place of their earlier one.</item>
    /// <item>One rejection ends it; so do as many approvals as the policy asks for.</item>
    /// </list>
    /// </summary>
    /// <param name="id">The job.</param>
    /// <param name="steward">Who decides.</param>
    /// <param name="verdict">What.</param>
    /// <param name="why">Why; empty for nothing.</param>
    /// <param name="cancellationToken">Ends it before anything is written.</param>
    /// <param name="seen">Of when the numbers are that the steward saw; null where that is not known.</param>
    public async Task<ReviewOutcome> DecideAsync(Guid id, string steward, ReviewVerdict verdict, string why, CancellationToken cancellationToken, DateTimeOffset? seen = null)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var writing = await db.BeginAloneAsync(JobQueue.Decisions, cancellationToken);

        // 1. See that it waits, and that the steward is not its requester.
        if (await db.Reviews.SingleOrDefaultAsync(review => review.JobId == id, cancellationToken) is not { } review)
            return new ReviewOutcome.NoSuchReview();
        var job = await db.Jobs.SingleAsync(job => job.Id == id, cancellationToken);
        if (job.Requester == steward)
            return new ReviewOutcome.OwnRequest();
        // A word that was counted already, and is sent again by a second click or for a lost answer, is told what it did.
        if (job.State != JobState.Held)
            return await db.ReviewVotes.AnyAsync(vote => vote.JobId == id && vote.Steward == steward && vote.Verdict == verdict && vote.Why == why, cancellationToken) ? new ReviewOutcome.Counted(job.State, 0) : new ReviewOutcome.Over(job.State);
        // Another's job with the same question gives them the same answer.
        if (await HeldReleases.IsAskedByAsync(db, review, steward, cancellationToken))
            return new ReviewOutcome.OwnRequest();

        // 2. See that what an approval rests on still holds.
        var now = time.GetUtcNow();
        BlockRule? rule = null;
        if (verdict == ReviewVerdict.Approve)
        {
            if (seen is { } shown && shown != review.NumbersAt)
                return new ReviewOutcome.Outdated();
            rule = await FindRuleAsync(db, review, job, cancellationToken);
            if (rule is null && await numbers.FindWorseAsync(db, review, job, cancellationToken) is { } worse)
            {
                await AskAgainAsync(db, review, worse, steward, now, cancellationToken);
                await db.SaveChangesAsync(cancellationToken);
                await writing.CommitAsync(cancellationToken);
                return new ReviewOutcome.Outdated();
            }
        }

        // 3. Count the vote.
        var votes = await CountAsync(db, id, steward, verdict, why, now, cancellationToken);

        // 4. One rejection ends it; so do as many approvals as the policy asks for.
        var missing = Math.Max(0, options.Review.Approvals - votes.Count(vote => vote.Verdict == ReviewVerdict.Approve));
        if (verdict == ReviewVerdict.Reject)
            await BlockAsync(db, review, job, rule: BlockRule.Rejected, now, cancellationToken);
        else if (verdict == ReviewVerdict.Approve && missing == 0)
            await ApproveAsync(db, review, job, rule, now, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await writing.CommitAsync(cancellationToken);
        if (job.IsOver)
            signal.Say(new JobNews.Over(id));
        return new ReviewOutcome.Counted(job.State, missing);
    }

    /// <summary>Writes the numbers of now into the review, and takes back what was approved by the old ones.</summary>
    private static async Task AskAgainAsync(LazaretDb db, Review review, IReadOnlyList<TriedLedger> worse, string steward, DateTimeOffset now, CancellationToken cancellationToken)
    {
        review.Assess(worse, now);
        foreach (var vote in await db.ReviewVotes.Where(vote => vote.JobId == review.JobId && vote.Verdict == ReviewVerdict.Approve).ToListAsync(cancellationToken))
        {
            // What was asked back stays with the requester.
            if (vote.Asked is { } asked)
                (vote.Verdict, vote.Why) = (ReviewVerdict.Ask, asked);
            else
                db.ReviewVotes.Remove(vote);
        }

        var detail = review.ReadDetail();
        detail["verdict"] = ReviewVerdict.Approve;
        detail["outdated"] = true;
        db.Audit.Add(AuditEntry.Of(AuditAction.ResultReviewed, now, steward, detail, review.JobId));
    }

    /// <summary>Every vote about a result, with the steward's own as it is now.</summary>
    private static async Task<List<ReviewVote>> CountAsync(LazaretDb db, Guid id, string steward, ReviewVerdict verdict, string why, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var votes = await db.ReviewVotes.Where(vote => vote.JobId == id).ToListAsync(cancellationToken);
        if (votes.Find(vote => vote.Steward == steward) is not { } own)
        {
            own = new ReviewVote { JobId = id, Steward = steward, Verdict = verdict, Why = why, At = now };
            votes.Add(own);
            db.ReviewVotes.Add(own);
        }

        (own.Verdict, own.Why, own.At) = (verdict, why, now);
        if (verdict == ReviewVerdict.Ask)
            own.Asked = why;
        db.Audit.Add(AuditEntry.Of(AuditAction.ResultReviewed, now, steward, new()
        {
            ["verdict"] = verdict,
            // The words themselves stay in the table: they are a person's, and the audit is for ever.
            ["why_sha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(why))),
        }, id));
        return votes;
    }

    /// <summary>
    /// What keeps the result also when it is approved; null for nothing. A steward can overrule only a spent ledger. A release beyond the limit was not charged, so later
    /// answers were not compared with it: it is compared with them now.
    /// </summary>
    private async Task<BlockRule?> FindRuleAsync(LazaretDb db, Review review, Job job, CancellationToken cancellationToken) =>
        review.Rule is { } kept && !kept.IsSpentLedger() ? kept : await FindConflictAsync(db, await HeldReleases.FindAsync(db, review, cancellationToken), job, cancellationToken);

    /// <param name="rule">What keeps it all the same; null for nothing.</param>
    private async Task ApproveAsync(LazaretDb db, Review review, Job job, BlockRule? rule, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (rule is not null)
        {
            await BlockAsync(db, review, job, rule.Value, now, cancellationToken);
            return;
        }

        foreach (var release in await HeldReleases.FindAsync(db, review, cancellationToken))
            release.Approve();
        review.Decide(now);
        job.Complete(now);
        Publish(db, job, AuditAction.ResultReleased, review.ReadDetail(), now);
    }

    private async Task BlockAsync(LazaretDb db, Review review, Job job, BlockRule rule, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await HeldReleases.RejectAsync(db, review, now, cancellationToken);
        job.Block(now);
        var detail = review.ReadDetail();
        detail["rule"] = rule;
        Publish(db, job, AuditAction.ResultBlocked, detail, now);
    }

    private void Publish(LazaretDb db, Job job, AuditAction action, AuditDetail detail, DateTimeOffset now)
    {
        // A steward may decide before the held state was shown to the requester. Then the decision is not shown before that time.
        if (decision.TickAfter(now, job.PublishedAt) is { } tick)
            job.PublishAt(tick);
        detail["reviewed"] = true;
        db.Audit.Add(AuditEntry.Of(action, now, job, detail));
    }

    /// <summary>What of these releases that are beyond the limit does not go together with what was answered.</summary>
    private async Task<BlockRule?> FindConflictAsync(LazaretDb db, List<Release> releases, Job job, CancellationToken cancellationToken)
    {
        string[] queries = [.. releases.Where(release => release.State == ReleaseState.BeyondLimit).Select(release => release.Query)];
        if (queries.Length == 0)
            return null;
        var project = job.Project is null ? null : await db.Projects.AsNoTracking().SingleOrDefaultAsync(project => project.Key == job.Project, cancellationToken);
        using var turn = await book.OpenAsync(db, cancellationToken);
        ComparedAnswer[] answers = [.. queries.Select(query => book.Find(query)!.Compared)];
        // Which outcomes those data had is known from answers about them alone: in doubt, another name with nearly the same values is the same outcome.
        return earlierAnswers.FindConflict(answers, options.MinimumOf(project), name => book.All.Any(entry => entry.Outcome == name && entry.DataVersion == answers[0].DataVersion));
    }
}
