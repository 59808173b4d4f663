using System.Text.Json.Nodes;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Releases;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using static Lazaret.Tests.Releases.DecidedJobs;

namespace Lazaret.Tests.Releases;

/// <summary>The budget of differential privacy: what was spent on the same people, by whomever, and what a project has spent, on whomever.</summary>
public sealed class PrivacyBudgetTests
{
    private static readonly string[] Others = [.. Enumerable.Range(60, 60).Select(subject => $"s{subject}")];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_project_that_has_spent_its_budget_is_answered_about_nobody_and_another_is()
    {
        await using var node = await StartAsync();
        Assert.Null(await WhyNotAsync(node, Ask("a"), "first-study"));
        Assert.Equal("privacy_budget", await WhyNotAsync(node, Ask("b") with { Subjects = Others }, "first-study"));
        Assert.Null(await WhyNotAsync(node, Ask("c") with { Subjects = Others }, "second-study"));
    }

    [Fact]
    public async Task People_whose_budget_is_spent_are_in_no_answer_to_any_project()
    {
        await using var node = await StartAsync();
        Assert.Null(await WhyNotAsync(node, Ask("a"), "first-study"));
        Assert.Equal("privacy_budget", await WhyNotAsync(node, Ask("b"), "second-study"));
        Assert.Equal("privacy_budget", await WhyNotAsync(node, Ask("c", n: 120), project: null));
    }

    [Fact]
    public async Task What_another_project_was_told_already_is_charged_to_whoever_is_told_it_again()
    {
        await using var node = await StartAsync();
        Assert.Null(await WhyNotAsync(node, Ask("a"), "first-study"));
        Assert.Null(await WhyNotAsync(node, Ask("a"), "second-study"));
        Assert.Equal("privacy_budget", await WhyNotAsync(node, Ask("b") with { Subjects = Others }, "second-study"));
    }

    private static Task<TestNode> StartAsync() => DatabaseUnderTest.SqliteAsync(new NodeOptions { Disclosure = new DisclosureOptions { Profile = "dp", Epsilon = 1, RhoBudget = 2, MinimumCohort = 20 } });

    /// <summary>Asks, for more than half of the budget. Null when it was answered.</summary>
    private static async Task<string?> WhyNotAsync(TestNode node, Question question, string? project)
    {
        var job = await RunAsync(node.Services, question with { Rho = 1.5m, HasRow = false, Rows = [] }, project: project);
        await using var db = node.Open();
        var entry = await db.Audit.SingleAsync(entry => entry.JobId == job.Id && (entry.Action == AuditAction.ResultReleased || entry.Action == AuditAction.ResultBlocked), Stop);
        return (string?)JsonNode.Parse(entry.Detail)!["rule"];
    }
}
