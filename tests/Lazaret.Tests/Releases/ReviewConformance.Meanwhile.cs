using System.Text.Json;
using System.Text.Json.Nodes;
using Lazaret.Disclosure;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Jobs;
using Lazaret.Node.Projects;
using Lazaret.Node.Releases;
using Lazaret.Node.Releases.Reviews;
using Microsoft.EntityFrameworkCore;
using static Lazaret.Tests.Releases.DecidedJobs;

namespace Lazaret.Tests.Releases;

/// <summary>Results that no ledger counted while they waited: what was answered meanwhile decides whether they may leave.</summary>
public abstract partial class ReviewConformance
{
    [Fact]
    public Task What_was_beyond_the_limit_does_not_leave_when_a_cohort_that_differs_by_few_was_answered_meanwhile() =>
        AssertKeptAsync(Ask("b", first: 0.4, n: 120), meanwhile: Ask("c", n: 119), BlockRule.Difference);

    [Fact]
    public Task What_was_beyond_the_limit_does_not_leave_when_its_cohort_was_answered_about_after_a_value_was_corrected()
    {
        double[] then = [.. Enumerable.Range(0, 120)], now = [.. then[..100], 7, .. then[101..]];
        return AssertKeptAsync(Ask("b", first: 0.4, n: 120) with { Values = then }, meanwhile: Ask("c", n: 120) with { Values = now, DataVersion = "v2" }, BlockRule.Difference);
    }

    [Fact]
    public Task What_was_beyond_the_limit_does_not_leave_when_its_outcome_has_another_name_and_a_corrected_value_now()
    {
        double[] then = [.. Enumerable.Range(0, 120)], now = [.. then[..100], 7, .. then[101..]];
        return AssertKeptAsync(
            Ask("b", first: 0.4, n: 120) with { Values = then }, meanwhile: Ask("c", n: 120) with { Values = now, DataVersion = "v2", Outcome = "mood" }, BlockRule.Difference);
    }

    [Fact]
    public Task What_was_beyond_the_limit_does_not_leave_when_its_cohort_was_cross_validated_in_another_way_meanwhile() =>
        AssertKeptAsync(Ask("b", first: 0.4, n: 120).By("loo"), meanwhile: Ask("c", n: 120).By("kfold"), BlockRule.OtherScheme);

    [Fact]
    public Task What_was_beyond_the_limit_does_not_leave_when_its_outcome_has_another_name_now_and_was_cross_validated_in_another_way()
    {
        double[] values = [.. Enumerable.Range(0, 120)];
        return AssertKeptAsync(
            Ask("b", first: 0.4, n: 120).By("loo") with { Values = values }, meanwhile: Ask("c", n: 120).By("kfold") with { Values = values, DataVersion = "v2", Outcome = "mood" }, BlockRule.OtherScheme);
    }

    [Theory]
    [InlineData(0, JobState.Done)]
    [InlineData(40, JobState.Blocked)]
    public async Task Cohorts_are_compared_by_the_minimum_of_the_project_that_waits(int minimum, JobState end)
    {
        await using var node = await StartAsync(new ReviewOptions(), "review");
        await node.Get<ProjectDirectory>().AddAsync(new Approval("p1", "A study") { MinimumCohort = minimum }, [], AuditEntry.Operator, Stop);
        await RunAsync(node.Services, Ask("a", first: 0.4));
        var spent = await RunAsync(node.Services, Ask("b", first: 0.4, n: 120), project: "p1");
        await RunAsync(node.Services, Ask("c", n: 90));
        await ApproveAsync(node, spent);
        Assert.Equal(end, (await StandAsync(node, spent.Id)).Job);
    }

    [Fact]
    public async Task Where_cohorts_are_not_compared_a_steward_lets_out_what_a_ledger_alone_keeps()
    {
        await using var node = await start(new NodeOptions { Disclosure = new DisclosureOptions { WhenSpent = "review", MinimumCohort = 20, Off = ["C2"] } });
        var spent = await AskBeyondTheLimitAsync(node, Ask("b", first: 0.4, n: 120), meanwhile: Ask("c", n: 119));
        await ApproveAsync(node, spent);
        Assert.Equal(JobState.Done, (await StandAsync(node, spent.Id)).Job);
    }

    [Fact]
    public async Task What_was_beyond_the_limit_leaves_when_its_cohort_was_answered_about_in_a_way_that_tells_nobody_apart()
    {
        await using var node = await StartAsync(new ReviewOptions(), "review");
        double[] values = [.. Enumerable.Range(0, 120)];
        var spent = await AskBeyondTheLimitAsync(node, Ask("b", first: 0.4, n: 120).By("loo") with { Values = values }, meanwhile: Ask("c", n: 120).By("loo") with { Values = values, DataVersion = "v2" });
        Assert.Equal(new ReviewOutcome.Counted(JobState.Done, 0), await DecideAsync(node, spent, "steward", ReviewVerdict.Approve));
    }

    /// <summary>Approves, and approves again by the numbers of now where they are worse than those that the review said.</summary>
    private static async Task ApproveAsync(TestNode node, Job job)
    {
        if (await DecideAsync(node, job, "steward", ReviewVerdict.Approve) is ReviewOutcome.Outdated)
            await DecideAsync(node, job, "steward", ReviewVerdict.Approve);
    }

    /// <summary>That a question beyond the limit is blocked, for that reason, when a steward approves it after another was answered.</summary>
    private async Task AssertKeptAsync(Question asked, Question meanwhile, BlockRule rule)
    {
        await using var node = await StartAsync(new ReviewOptions(), "review");
        var spent = await AskBeyondTheLimitAsync(node, asked, meanwhile);
        Assert.Equal(new ReviewOutcome.Counted(JobState.Blocked, 0), await DecideAsync(node, spent, "steward", ReviewVerdict.Approve));
        Assert.Equal((JobState.Blocked, ReleaseState.Rejected), await StandAsync(node, spent.Id));
        await using var db = node.Open();
        var entry = await db.Audit.SingleAsync(entry => entry.JobId == spent.Id && entry.Action == AuditAction.ResultBlocked, Stop);
        Assert.Equal(JsonNamingPolicy.SnakeCaseLower.ConvertName(rule.ToString()), (string?)JsonNode.Parse(entry.Detail)!["rule"]);
    }

    /// <summary>A job that waits since the ledger is spent for its first subject, and another that was answered after it.</summary>
    private static async Task<Job> AskBeyondTheLimitAsync(TestNode node, Question asked, Question meanwhile)
    {
        await RunAsync(node.Services, Ask("a", first: 0.4));
        var spent = await RunAsync(node.Services, asked);
        Assert.Equal((JobState.Held, ReleaseState.BeyondLimit), await StandAsync(node, spent.Id));
        Assert.Equal(JobState.Done, (await StandAsync(node, (await RunAsync(node.Services, meanwhile)).Id)).Job);
        return spent;
    }
}
