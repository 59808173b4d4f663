using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Lazaret.Disclosure;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases;
using Lazaret.Node.Releases.Reviews;
using Lazaret.Node.Storage;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity;
using Lazaret.Tests.Projects;
using Lazaret.Tests.WebConsole;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static Lazaret.Tests.Releases.DecidedJobs;

namespace Lazaret.Tests.Releases;

/// <summary>Reviews, receipts and budgets over HTTP.</summary>
public sealed partial class ReviewHttpTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_steward_reads_what_it_would_cost_and_never_what_it_says()
    {
        await using var node = await StartAsync();
        var (asker, steward) = (await node.RegisterAsync("asker", Roles.Requester), await node.RegisterAsync("steward", Roles.Steward));
        await node.ApproveAsync(new("p1", "A study") { Purpose = "of tremor", Members = ["asker"] });
        var job = await RunAsync(node.Services, Ask("a", first: 0.2), project: "p1");

        Assert.Equal($"{job.Id}", (string?)Assert.Single((await ReadAsync(node, "/v1/reviews", steward))["reviews"]!.AsArray())!["job_id"]);
        var seen = await ReadAsync(node, $"/v1/reviews/{job.Id}", steward);
        Assert.Equal("held asker p1 project True", $"{seen["status"]} {seen["requester"]} {seen["project"]} {seen["reason"]} {seen["can_leave"]!.GetValue<bool>()}");
        Assert.Equal("A study: of tremor", (string?)seen["purpose"]);
        Assert.Equal("the Pearson correlation between UPDRS_change and the map's score (dot) inside the mask STN, among people with dx = PD, visit = 6mo", (string?)seen["words"]);
        Assert.Equal(60, (int?)seen["n"]![0]);
        Assert.InRange((double)seen["leverage"]!["after"]!, 0.15, 0.3);
        Assert.Equal((0, 0.5), ((double)seen["leverage"]!["before"]!, (double)seen["leverage"]!["limit"]!));
        Assert.True((double)seen["bits"]!["after"]! > 0);
        Assert.Equal(1, (int?)seen["history"]!["held"]);
        Assert.DoesNotContain("0.123", seen.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("0.045", seen.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\"s0\"", seen.ToJsonString(), StringComparison.Ordinal);

        foreach (var path in new[] { "/v1/reviews", $"/v1/reviews/{job.Id}" })
        {
            using var refused = await node.SendAsync(HttpMethod.Get, path, asker);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
    }

    [Fact]
    public async Task An_auditor_reads_reviews_and_what_was_said_once_it_is_decided_and_decides_nothing()
    {
        await using var node = await StartAsync();
        await node.RegisterAsync("asker", Roles.Requester);
        var (steward, auditor) = (await node.RegisterAsync("steward", Roles.Steward), await node.RegisterAsync("auditor", Roles.Auditor));
        await node.ApproveAsync(new("p1", "A study") { Members = ["asker"] });
        var job = await RunAsync(node.Services, Ask("a"), project: "p1");
        var (path, page) = ($"/v1/reviews/{job.Id}", $"/console/reviews/{job.Id}");

        Assert.Equal($"{job.Id}", (string?)Assert.Single((await ReadAsync(node, "/v1/reviews", auditor))["reviews"]!.AsArray())!["job_id"]);
        Assert.DoesNotContain("0.123", (await ReadAsync(node, path, auditor)).ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("<form class=\"panel\"", await PageAsync(), StringComparison.Ordinal);
        using (var refused = await node.SendAsync(HttpMethod.Post, path, auditor, Json("""{"decision":"approve","why":"fine"}""")))
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using (await node.SendAsync(HttpMethod.Post, path, steward, Json("""{"decision":"ask","why":"How many more?"}""")))
            Assert.DoesNotContain("How many more?", await PageAsync(), StringComparison.Ordinal);
        using (await node.SendAsync(HttpMethod.Post, path, steward, Json("""{"decision":"reject","why":"Too many."}""")))
            Assert.Contains("Too many.", await PageAsync(), StringComparison.Ordinal);

        async Task<string> PageAsync()
        {
            using var answer = await node.SendAsync(HttpMethod.Get, page, auditor);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return await answer.Content.ReadAsStringAsync(Stop);
        }
    }

    [Fact]
    public async Task Many_that_wait_come_a_hundred_at_once()
    {
        await using var node = await StartAsync();
        var steward = await node.RegisterAsync("steward", Roles.Steward);
        var jobs = new List<string>();
        for (var i = 0; i < 102; i++)
            jobs.Add($"{(await RunAsync(node.Services, Ask("a"))).Id}");

        var first = await ReadAsync(node, "/v1/reviews", steward);
        var rest = await ReadAsync(node, (string)first["next"]!, steward);
        Assert.Equal((100, 2), (first["reviews"]!.AsArray().Count, rest["reviews"]!.AsArray().Count));
        Assert.Null(rest["next"]);
        Assert.Equal(jobs.Order(StringComparer.Ordinal), first["reviews"]!.AsArray().Concat(rest["reviews"]!.AsArray()).Select(one => (string)one!["job_id"]!).Order(StringComparer.Ordinal));
        foreach (var (after, status) in new[] { ("yesterday", HttpStatusCode.BadRequest), ($"{Guid.NewGuid()}", HttpStatusCode.NotFound) })
        {
            using var refused = await node.SendAsync(HttpMethod.Get, $"/v1/reviews?after={after}", steward);
            Assert.Equal(status, refused.StatusCode);
        }
    }

    [Fact]
    public async Task What_a_steward_asks_is_shown_to_the_requester_and_the_answer_after_the_approval_has_a_receipt()
    {
        await using var node = await StartAsync();
        var (asker, steward) = (await node.RegisterAsync("asker", Roles.Requester), await node.RegisterAsync("steward", Roles.Steward));
        var job = await RunAsync(node.Services, Ask("a"));
        Assert.Equal("""{"status":"held"}""", (await ReadAsync(node, $"/jobs/{job.Id}", asker)).ToJsonString());

        Assert.Equal("held", (string?)(await DecideAsync(node, job.Id, steward, """{"decision":"ask","why":"Which atlas?"}"""))["status"]);
        Assert.Equal("""{"status":"held","review":{"asked":"Which atlas?"}}""", (await ReadAsync(node, $"/jobs/{job.Id}", asker)).ToJsonString());
        using (var early = await node.SendAsync(HttpMethod.Get, $"/jobs/{job.Id}/receipt", asker))
            Assert.Equal(HttpStatusCode.Conflict, early.StatusCode);

        Assert.Equal("done", (string?)(await DecideAsync(node, job.Id, steward, """{"decision":"approve"}"""))["status"]);
        var done = await ReadAsync(node, $"/jobs/{job.Id}", asker);
        Assert.Equal("done 0.123", $"{done["status"]} {done["R"]}");
        // What was asked back is not lost with the decision.
        var vote = (await ReadAsync(node, $"/v1/reviews/{job.Id}", steward))["votes"]![0]!;
        Assert.Equal("approve Which atlas?", $"{vote["decision"]} {vote["asked"]}");
        var receipt = await ReadAsync(node, (string)done["receipt"]!, asker);
        Assert.Equal($"{job.Id}", (string?)receipt["receipt"]!["job_id"]);
        using var again = await node.SendAsync(HttpMethod.Post, $"/v1/reviews/{job.Id}", steward, Json("""{"decision":"reject","why":"late"}"""));
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
    }

    [Fact]
    public async Task A_rejected_and_a_blocked_result_look_alike()
    {
        await using var node = await StartAsync();
        var (asker, steward) = (await node.RegisterAsync("asker", Roles.Requester), await node.RegisterAsync("steward", Roles.Steward));
        var bodies = new HashSet<string>();
        foreach (var (question, decision) in new[]
        {
            (Ask("a"), """{"decision":"reject","why":"no"}"""), (Ask("b", rule: BlockRule.Outcome), """{"decision":"approve"}"""), (Ask("c", rule: BlockRule.Extreme), """{"decision":"reject","why":"no"}"""),
        })
        {
            var job = await RunAsync(node.Services, question);
            Assert.Equal("blocked", (string?)(await DecideAsync(node, job.Id, steward, decision))["status"]);
            bodies.Add((await ReadAsync(node, $"/jobs/{job.Id}", asker)).ToJsonString().Replace($"{job.Id}", "", StringComparison.Ordinal));
        }

        Assert.Equal("""{"status":"blocked","code":"DISCLOSURE_CONTROL","ref":""}""", Assert.Single(bodies));
    }

    [Fact]
    public async Task Nobody_decides_their_own_and_without_authentication_only_the_command_decides()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Disclosure = Policy });
        var job = await RunAsync(node.Services, Ask("a"), Requester.Local.Name);
        Assert.Empty((await ReadAsync(node, "/v1/reviews", null))["reviews"]!.AsArray());
        using var seen = await node.SendAsync(HttpMethod.Get, $"/v1/reviews/{job.Id}", null);
        Assert.Equal(HttpStatusCode.NotFound, seen.StatusCode);
        using var approved = await node.SendAsync(HttpMethod.Post, $"/v1/reviews/{job.Id}", null, Json("""{"decision":"approve"}"""));
        Assert.Equal(HttpStatusCode.Forbidden, approved.StatusCode);
        Assert.Contains("lazaret review", await approved.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.IsType<ReviewOutcome.Counted>(await node.Services.GetRequiredService<ReviewRuling>().DecideAsync(job.Id, AuditEntry.Operator, ReviewVerdict.Approve, "", Stop));
    }

    [Fact]
    public async Task An_approval_by_numbers_that_do_not_hold_any_more_is_refused_on_the_page_and_over_http()
    {
        await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Disclosure = Policy with { WhenSpent = "review", Review = new() } });
        var steward = await node.RegisterAsync("steward", Roles.Steward);
        await RunAsync(node.Services, Ask("a", first: 0.4));
        var job = await RunAsync(node.Services, Ask("b", first: 0.4));
        var (path, page) = ($"/v1/reviews/{job.Id}", $"/console/reviews/{job.Id}");
        var seen = await ReadAsync(node, path, steward);
        await RunAsync(node.Services, Ask("c", first: 0.08));

        // A second click on the page sends the old time again.
        for (var click = 0; click < 2; click++)
        {
            using var form = new FormUrlEncodedContent([new("decision", "approve"), new("why", ""), new("assessed_at", (string)seen["assessed_at"]!)]);
            using var refused = await node.SendAsync(HttpMethod.Post, page, steward, form);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
            Assert.Contains("Other answers were released since", await refused.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }

        using (var refused = await node.SendAsync(HttpMethod.Post, path, steward, Json($$"""{"decision":"approve","assessed_at":"{{seen["assessed_at"]}}"}""")))
            Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        var anew = await ReadAsync(node, path, steward);
        var (before, after) = (Assert.Single(seen["ledgers"]!.AsArray())!, Assert.Single(anew["ledgers"]!.AsArray())!);
        Assert.Equal("site leverage", $"{after["counts"]} {after["rule"]}");
        Assert.True((double)after["leverage"]!["after"]! > (double)before["leverage"]!["after"]!);
        Assert.Equal("done", (string?)(await DecideAsync(node, job.Id, steward, $$"""{"decision":"approve","assessed_at":"{{anew["assessed_at"]}}"}"""))["status"]);
    }

    [Fact]
    public async Task A_requester_withdraws_a_held_job()
    {
        await using var node = await StartAsync();
        var asker = await node.RegisterAsync("asker", Roles.Requester);
        var job = await RunAsync(node.Services, Ask("a"));
        using var withdrawn = await node.SendAsync(HttpMethod.Delete, $"/jobs/{job.Id}", asker);
        Assert.Equal(HttpStatusCode.NoContent, withdrawn.StatusCode);
        await using var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
        Assert.Equal((JobState.Cancelled, 0), ((await db.Jobs.SingleAsync(Stop)).State, await db.Releases.CountAsync(Stop)));
    }

    [Fact]
    public async Task A_budget_says_what_remains_to_requesters_and_to_stewards_how_ledgers_stand()
    {
        await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Disclosure = new DisclosureOptions { QueriesPerWeek = 20, TickMilliseconds = 0 } });
        var (asker, steward, auditor) = (await node.RegisterAsync("asker", Roles.Requester), await node.RegisterAsync("steward", Roles.Steward), await node.RegisterAsync("auditor", Roles.Auditor));
        Assert.Equal("""{"questions":{"limit":20,"asked":0,"left":20}}""", (await ReadAsync(node, "/v1/budget", asker)).ToJsonString());
        await RunAsync(node.Services, Ask("a"));
        var first = await ReadAsync(node, "/v1/budget", asker);
        Assert.Equal("1 19", $"{first["questions"]!["asked"]} {first["questions"]!["left"]}");
        Assert.NotNull(first["questions"]!["room_at"]);
        Assert.Equal("UPDRS_change True", $"{first["remaining"]!["outcome"]} {first["remaining"]!["is_estimate"]!.GetValue<bool>()}");
        Assert.Null(first["ledgers"]);
        var before = (int)first["remaining"]!["at_least"]!;
        Assert.InRange(before, 1, 20);
        // The page of a question shows the price of the outcome that is chosen on it.
        Assert.Contains($"Estimate: at least {before} more different maps about <code>UPDRS_change</code> can be answered", (await ConsoleTests.GetAsync(node, "/console/ask?outcome=UPDRS_change", asker)).Page, StringComparison.Ordinal);
        Assert.Contains("How many more maps about <code>YBOCS_change</code> can be answered is estimated here once", (await ConsoleTests.GetAsync(node, "/console/ask?outcome=YBOCS_change", asker)).Page, StringComparison.Ordinal);
        await RunAsync(node.Services, Ask("b", first: 0.42));
        Assert.True((int)(await ReadAsync(node, "/v1/budget", asker))["remaining"]!["at_least"]! < before);

        var ledger = Assert.Single((await ReadAsync(node, "/v1/budget", steward))["ledgers"]!.AsArray())!;
        Assert.Equal("""["UPDRS_change"]""", ledger["outcomes"]!.ToJsonString());
        Assert.Equal((2, 0), ((int)ledger["releases"]!, (int)ledger["held"]!));
        Assert.InRange((double)ledger["leverage"]!, 0.3, (double)ledger["leverage_limit"]!);
        Assert.InRange((double)ledger["bits"]!, 1, (double)ledger["bits_limit"]!);
        Assert.Equal(ledger.ToJsonString(), Assert.Single((await ReadAsync(node, "/v1/budget", auditor))["ledgers"]!.AsArray())!.ToJsonString());
    }

    [Fact]
    public async Task A_question_that_was_withdrawn_counts_once_its_run_began_and_so_does_one_on_which_the_program_failed()
    {
        await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Disclosure = new DisclosureOptions { QueriesPerWeek = 20, TickMilliseconds = 0 } });
        var asker = await node.RegisterAsync("asker", Roles.Requester);
        var queue = node.Services.GetRequiredService<JobQueue>();
        await CancelAsync(await AdmitAsync(node.Services, "asker", "a"));
        Assert.Equal(0, await AskedAsync());
        var begun = await AdmitAsync(node.Services, "asker", "b");
        Assert.NotNull(await queue.ClaimAsync("process", Unrunnable.None, begun.Id, Stop));
        await CancelAsync(begun);
        Assert.Equal(1, await AskedAsync());
        var failing = (await queue.ClaimAsync("process", Unrunnable.None, (await AdmitAsync(node.Services, "asker", "c")).Id, Stop))!;
        await queue.ConcludeAsync(failing, new RunReport.Failed(RunEnd.Exited, "the program ended with exit code 1"), Stop);
        Assert.Equal(2, await AskedAsync());

        async Task CancelAsync(Job job) => Assert.Equal(JobState.Cancelled, (await queue.CancelAsync(job.Id, JobKind.Cohort, "asker", Stop))!.State);

        async Task<int> AskedAsync() => (int)(await ReadAsync(node, "/v1/budget", asker))["questions"]!["asked"]!;
    }

    private static DisclosureOptions Policy { get; } = new() { Review = new ReviewOptions { Projects = ["*"] }, TickMilliseconds = 0 };

    private static Task<ServingNode> StartAsync() => ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Disclosure = Policy });

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static async Task<JsonNode> ReadAsync(ServingNode node, string path, string? key)
    {
        using var answer = await node.SendAsync(HttpMethod.Get, path, key);
        var body = await answer.Content.ReadAsStringAsync(Stop);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, body);
        return JsonNode.Parse(body)!;
    }

    private static async Task<JsonNode> DecideAsync(ServingNode node, Guid job, string key, string word)
    {
        using var answer = await node.SendAsync(HttpMethod.Post, $"/v1/reviews/{job}", key, Json(word));
        var body = await answer.Content.ReadAsStringAsync(Stop);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, body);
        return JsonNode.Parse(body)!;
    }
}
