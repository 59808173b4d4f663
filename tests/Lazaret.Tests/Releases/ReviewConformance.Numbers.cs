using System.Text.Json.Nodes;
using Lazaret.Disclosure;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases;
using Lazaret.Node.Releases.Reviews;
using Microsoft.EntityFrameworkCore;
using static Lazaret.Tests.Releases.DecidedJobs;

namespace Lazaret.Tests.Releases;

/// <summary>Results beyond a limit, of which a steward sees what they would tell: with what was released meanwhile they tell more.</summary>
public abstract partial class ReviewConformance
{
    [Fact]
    public async Task Of_two_answers_about_one_person_that_wait_the_second_is_shown_anew_once_the_first_was_approved()
    {
        await using var node = await StartAsync(new ReviewOptions(), "review");
        await RunAsync(node.Services, Ask("a", first: 0.4));
        var (first, second) = (await RunAsync(node.Services, Ask("b", first: 0.4)), await RunAsync(node.Services, Ask("c", first: 0.45)));
        node.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(new ReviewOutcome.Counted(JobState.Done, 0), await DecideAsync(node, first, "steward", ReviewVerdict.Approve));

        var held = await ReviewOfAsync(node, second);
        Assert.Equal(new ReviewOutcome.Outdated(), await DecideAsync(node, second, "steward", ReviewVerdict.Approve));
        Assert.Equal((JobState.Held, ReleaseState.BeyondLimit), await StandAsync(node, second.Id));
        var anew = await ReviewOfAsync(node, second);
        Assert.True(Single(anew).LeverageBefore > 0.5 && Single(anew).LeverageBefore > Single(held).LeverageBefore, "the first one is not counted");
        Assert.True(Single(anew).Leverage > Single(held).Leverage + 0.05, "it does not tell more");
        Assert.Equal((held.At, node.Time.GetUtcNow()), (anew.At, anew.AssessedAt));
        Assert.Equal(Math.Round(Single(anew).Leverage, 3), ((System.Text.Json.JsonElement)anew.ReadDetail()["leverage"]!).GetDouble());
        await using (var db = node.Open())
        {
            Assert.Empty(await db.ReviewVotes.Where(vote => vote.JobId == second.Id).ToListAsync(Stop));
            var entry = JsonNode.Parse((await db.Audit.SingleAsync(entry => entry.JobId == second.Id && entry.Action == AuditAction.ResultReviewed, Stop)).Detail)!;
            Assert.Equal((true, Math.Round(Single(anew).Leverage, 3)), ((bool)entry["outdated"]!, (double)entry["leverage"]!));
        }

        // Nothing was released since: now the steward has seen what it tells.
        Assert.Equal(new ReviewOutcome.Counted(JobState.Done, 0), await DecideAsync(node, second, "steward", ReviewVerdict.Approve));
    }

    [Fact]
    public async Task Of_two_stewards_who_must_approve_the_first_is_asked_again_when_the_second_finds_other_numbers()
    {
        await using var node = await StartAsync(new ReviewOptions { Approvals = 2 }, "review");
        await RunAsync(node.Services, Ask("a", first: 0.4));
        var waiting = await RunAsync(node.Services, Ask("b", first: 0.4));
        await DecideAsync(node, waiting, "asking", ReviewVerdict.Ask);
        Assert.Equal(new ReviewOutcome.Counted(JobState.Held, 1), await DecideAsync(node, waiting, "asking", ReviewVerdict.Approve));
        // It tells more of the same person, by itself within the limit.
        Assert.Equal(JobState.Done, (await StandAsync(node, (await RunAsync(node.Services, Ask("c", first: 0.08))).Id)).Job);

        Assert.Equal(new ReviewOutcome.Outdated(), await DecideAsync(node, waiting, "second", ReviewVerdict.Approve));
        await using (var db = node.Open())
        {
            // What was asked back waits for the requester's answer again.
            var vote = await db.ReviewVotes.SingleAsync(vote => vote.JobId == waiting.Id, Stop);
            Assert.Equal(("asking", ReviewVerdict.Ask, "because"), (vote.Steward, vote.Verdict, vote.Why));
        }

        Assert.Equal(new ReviewOutcome.Counted(JobState.Held, 1), await DecideAsync(node, waiting, "second", ReviewVerdict.Approve));
        Assert.Equal(new ReviewOutcome.Counted(JobState.Done, 0), await DecideAsync(node, waiting, "asking", ReviewVerdict.Approve));
    }

    [Fact]
    public async Task A_steward_sees_the_ledger_of_all_projects_also_where_the_projects_own_is_spent()
    {
        await using var node = await StartByProjectAsync();
        await RunAsync(node.Services, Ask("a", first: 0.45), project: "other");
        await RunAsync(node.Services, Ask("b", first: 0.4), project: "own");
        var waiting = await RunAsync(node.Services, Ask("c", first: 0.4), project: "own");
        var ledgers = (await ReviewOfAsync(node, waiting)).ReadLedgers().Where(ledger => ledger.Outcomes.Count > 0).ToList();
        Assert.Equal([(false, 0.5, BlockRule.Leverage), (true, 0.8, null)], ledgers.Select(ledger => (ledger.IsOfSite, ledger.Limits.Leverage, ledger.Rule)));
        Assert.True(ledgers[1].Leverage > ledgers[0].Leverage);

        // Others spend the rest of what all may tell; the project's own ledger is as it was.
        for (var other = 0; (await StandAsync(node, (await RunAsync(node.Services, Ask($"d{other}", first: 0.45), project: $"p{other}")).Id)).Job == JobState.Done; other++)
            Assert.True(other < 20, "nothing was ever refused");
        Assert.Equal(new ReviewOutcome.Outdated(), await DecideAsync(node, waiting, "steward", ReviewVerdict.Approve));
        var anew = (await ReviewOfAsync(node, waiting)).ReadLedgers();
        Assert.Equal(ledgers[0].Leverage, anew[0].Leverage, 1e-9);
        Assert.Equal(BlockRule.Leverage, anew[1].Rule);
        Assert.True(anew[1].Leverage > 0.8);
    }

    [Fact]
    public async Task What_another_project_was_given_changes_nothing_for_a_project_that_shares_a_waiting_answer_within_the_limit_of_all()
    {
        await using var node = await StartByProjectAsync();
        await RunAsync(node.Services, Ask("a", first: 0.4), project: "own");
        var waiting = await RunAsync(node.Services, Ask("b", first: 0.4), project: "own");
        await RunAsync(node.Services, Ask("c", first: 0.05), project: "other");
        Assert.Equal(new ReviewOutcome.Counted(JobState.Done, 0), await DecideAsync(node, waiting, "steward", ReviewVerdict.Approve));
    }

    [Fact]
    public async Task An_outcome_that_turned_out_to_be_another_s_kin_since_counts_for_a_waiting_answer()
    {
        await using var node = await StartAsync(new ReviewOptions(), "review");
        await RunAsync(node.Services, Ask("a", first: 0.4));
        var waiting = await RunAsync(node.Services, Ask("b", first: 0.4));
        Assert.Equal(JobState.Done, (await StandAsync(node, (await RunAsync(node.Services, Ask("c", first: 0.08) with { Outcome = "mood" })).Id)).Job);
        await using (var db = node.Open())
        {
            db.OutcomeKinships.Add(new OutcomeKinship { First = Outcome, Second = "mood" });
            await db.SaveChangesAsync(Stop);
        }

        Assert.Equal(new ReviewOutcome.Outdated(), await DecideAsync(node, waiting, "steward", ReviewVerdict.Approve));
        Assert.Equal([Outcome, "mood"], Single(await ReviewOfAsync(node, waiting)).Outcomes);
    }

    [Fact]
    public async Task A_batch_of_which_one_map_waits_already_is_shown_with_all_that_it_tells()
    {
        await using var node = await StartAsync(new ReviewOptions(), "review");
        await RunAsync(node.Services, Ask("a", first: 0.4));
        await RunAsync(node.Services, Ask("b", first: 0.4));
        var batch = await RunBatchAsync(node.Services, "another", Ask("b", first: 0.4), Ask("c"));
        var held = await ReviewOfAsync(node, batch);
        Assert.Equal((ReviewReason.SameQueryHeld, (BlockRule?)null), (held.Reason, Single(held).Rule));

        Assert.Equal(new ReviewOutcome.Outdated(), await DecideAsync(node, batch, "steward", ReviewVerdict.Approve));
        Assert.Equal(BlockRule.Leverage, Single(await ReviewOfAsync(node, batch)).Rule);
        Assert.Equal(new ReviewOutcome.Counted(JobState.Done, 0), await DecideAsync(node, batch, "steward", ReviewVerdict.Approve));
    }

    [Fact]
    public async Task A_second_click_on_an_approval_that_was_refused_approves_nothing()
    {
        await using var node = await StartAsync(new ReviewOptions(), "review");
        await RunAsync(node.Services, Ask("a", first: 0.4));
        var waiting = await RunAsync(node.Services, Ask("b", first: 0.4));
        await RunAsync(node.Services, Ask("c", first: 0.08));
        node.Time.Advance(TimeSpan.FromMinutes(1));
        var seen = (await ReviewOfAsync(node, waiting)).At;
        var ruling = node.Get<ReviewRuling>();
        for (var click = 0; click < 2; click++)
            Assert.Equal(new ReviewOutcome.Outdated(), await ruling.DecideAsync(waiting.Id, "steward", ReviewVerdict.Approve, "", Stop, seen));
        Assert.Equal(JobState.Held, (await StandAsync(node, waiting.Id)).Job);
        Assert.Equal(new ReviewOutcome.Counted(JobState.Done, 0), await ruling.DecideAsync(waiting.Id, "steward", ReviewVerdict.Approve, "", Stop, (await ReviewOfAsync(node, waiting)).AssessedAt));
    }

    private static TriedLedger Single(Review review) => Assert.Single(review.ReadLedgers(), ledger => ledger.Outcomes.Count > 0);

    private Task<TestNode> StartByProjectAsync() => start(new NodeOptions { Disclosure = new DisclosureOptions { Ledger = "project", WhenSpent = "review", MinimumCohort = 20 } });

    private static async Task<Review> ReviewOfAsync(TestNode node, Job job)
    {
        await using var db = node.Open();
        return await db.Reviews.AsNoTracking().SingleAsync(review => review.JobId == job.Id, Stop);
    }
}
