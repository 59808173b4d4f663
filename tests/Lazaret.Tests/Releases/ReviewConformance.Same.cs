using System.Text.Json.Nodes;
using Lazaret.Disclosure;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases;
using Lazaret.Node.Releases.Reviews;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static Lazaret.Tests.Releases.DecidedJobs;

namespace Lazaret.Tests.Releases;

/// <summary>One question that several jobs wait for, or several projects ask.</summary>
public abstract partial class ReviewConformance
{
    [Fact]
    public async Task An_answer_that_two_jobs_wait_for_stays_charged_until_both_are_decided()
    {
        await using var node = await StartAsync(All);
        var (first, second) = (await RunAsync(node.Services, Ask("a"), "one"), await RunAsync(node.Services, Ask("a"), "two"));
        Assert.Equal(first.Id, Assert.Single((await node.Get<ReviewDesk>().FindAsync(second.Id, "steward", Stop))!.SameQuestion));
        await DecideAsync(node, first, "steward", ReviewVerdict.Reject);
        Assert.Equal((JobState.Blocked, ReleaseState.Held), await StandAsync(node, first.Id));
        await DecideAsync(node, second, "steward", ReviewVerdict.Approve);
        Assert.Equal(ReleaseState.Released, (await StandAsync(node, first.Id)).Release);
        Assert.Equal(JobState.Done, (await StandAsync(node, second.Id)).Job);
    }

    [Fact]
    public async Task Who_asked_the_same_question_decides_about_nobody_s()
    {
        await using var node = await StartAsync(All);
        var (own, other) = (await RunAsync(node.Services, Ask("a"), "steward"), await RunAsync(node.Services, Ask("a"), "asker"));
        Assert.Equal(new ReviewOutcome.OwnRequest(), await DecideAsync(node, other, "steward", ReviewVerdict.Approve));
        node.Time.Advance(TimeSpan.FromSeconds(2));
        // Nor once their own job is withdrawn: they have the answer for the asking.
        Assert.Equal(JobState.Cancelled, (await node.Get<JobQueue>().CancelAsync(own.Id, JobKind.Cohort, "steward", Stop, HeldReleases.WithdrawAsync))!.State);
        Assert.Equal(new ReviewOutcome.OwnRequest(), await DecideAsync(node, other, "steward", ReviewVerdict.Approve));
        Assert.Equal(new ReviewOutcome.Counted(JobState.Done, 0), await DecideAsync(node, other, "colleague", ReviewVerdict.Approve));
    }

    [Fact]
    public async Task A_question_that_was_withdrawn_is_asked_anew_at_any_process()
    {
        await using var node = await StartAsync(All);
        await using var beside = await BesideAsync(node);
        var first = await RunAsync(node.Services, Ask("a"), "one");
        // The other process has read it, and counts it.
        await RunAsync(beside, Ask("b"), "two");
        node.Time.Advance(TimeSpan.FromSeconds(2));
        await node.Get<JobQueue>().CancelAsync(first.Id, JobKind.Cohort, "one", Stop, HeldReleases.WithdrawAsync);
        Assert.Equal((JobState.Cancelled, (ReleaseState?)null), await StandAsync(node, first.Id));

        var again = await RunAsync(beside, Ask("a"), "two");
        Assert.Equal((JobState.Held, ReleaseState.Held), await StandAsync(node, again.Id));
        // Who has withdrawn it decides about nobody's: they have the answer for the asking.
        Assert.Equal(new ReviewOutcome.OwnRequest(), await DecideAsync(node, again, "one", ReviewVerdict.Approve));
        await DecideAsync(node, again, "steward", ReviewVerdict.Approve);
        Assert.Equal((JobState.Done, ReleaseState.Released), await StandAsync(node, again.Id));
        await using var db = node.Open();
        Assert.Equal(2, await db.Releases.CountAsync(Stop));
        Assert.Equal(2, await db.ReleaseGrants.CountAsync(Stop));
        // Both books hold what the database holds.
        foreach (var services in new[] { node.Services, beside })
        {
            var book = services.GetRequiredService<ReleaseBook>();
            using (await book.OpenAsync(db, Stop))
                Assert.Equal(2, book.Charged.Count());
        }
    }

    [Fact]
    public async Task A_question_that_waits_already_shows_a_steward_all_that_was_said_of_it_at_first()
    {
        await using var node = await StartAsync(new ReviewOptions(), "review");
        await RunAsync(node.Services, Ask("a", first: 0.4));
        var first = await RunAsync(node.Services, Ask("b", first: 0.4));
        var again = await RunAsync(node.Services, Ask("b", first: 0.4));
        node.Time.Advance(TimeSpan.FromSeconds(2));
        await node.Get<JobQueue>().CancelAsync(first.Id, JobKind.Cohort, "asker", Stop, HeldReleases.WithdrawAsync);
        var (said, found) = (await ReviewAsync(first), await ReviewAsync(again));
        Assert.Equal((ReviewReason.SameQueryHeld, BlockRule.Leverage), (found.Reason, found.Rule));
        Assert.Empty(said.ReadDetail().Keys.Except(found.ReadDetail().Keys));

        async Task<Review> ReviewAsync(Job job)
        {
            await using var db = node.Open();
            return await db.Reviews.SingleAsync(review => review.JobId == job.Id, Stop);
        }
    }

    [Fact]
    public async Task Where_the_account_of_all_projects_refuses_the_steward_sees_its_numbers_and_its_limit()
    {
        await using var node = await start(new NodeOptions { Disclosure = new DisclosureOptions { Ledger = "project", WhenSpent = "review", MinimumCohort = 20 } });
        for (var project = 1; ; project++)
        {
            Assert.True(project < 20, "nothing was ever refused");
            var job = await RunAsync(node.Services, Ask($"a{project}", first: 0.4), project: $"p{project}");
            if ((await StandAsync(node, job.Id)).Job == JobState.Done)
                continue;
            await using var db = node.Open();
            var detail = JsonNode.Parse((await db.Audit.SingleAsync(entry => entry.JobId == job.Id && entry.Action == AuditAction.ResultHeld, Stop)).Detail)!;
            Assert.Equal(0.8, (double)detail["leverage_limit"]!);
            Assert.InRange((double)detail["leverage"]!, 0.8, 1);
            Assert.InRange((double)detail["leverage_before"]!, 0.5, 0.8);
            return;
        }
    }
}
