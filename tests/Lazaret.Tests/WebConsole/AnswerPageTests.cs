using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lazaret.Disclosure;
using Lazaret.Node.Audit;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases;
using Lazaret.Node.Releases.Reviews;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity;
using Lazaret.Tests.Identity.People;
using Lazaret.Tests.Projects;
using Lazaret.Tests.Releases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static Lazaret.Tests.WebConsole.ConsoleTests;

namespace Lazaret.Tests.WebConsole;

/// <summary>What the console shows of answers, to whom, and what they cost.</summary>
public sealed class AnswerPageTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_steward_asks_back_stands_on_the_requesters_page_and_on_no_others()
    {
        await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Disclosure = OpenPolicy.Options with { Review = new ReviewOptions { Projects = ["*"] } } });
        var (asker, steward, other) = (await node.RegisterAsync("asker", Roles.Requester), await node.RegisterAsync("steward", Roles.Steward), await node.RegisterAsync("other", Roles.Requester));
        var job = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a"));
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("decision", "ask"), KeyValuePair.Create("why", "Which <i>atlas</i> is it?")]);
        using var asked = await node.SendAsync(HttpMethod.Post, $"/console/reviews/{job.Id}", steward, form);
        Assert.Equal(HttpStatusCode.SeeOther, asked.StatusCode);
        var (status, page) = await GetAsync(node, $"/console/jobs/{job.Id}", asker);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("A steward asks", page, StringComparison.Ordinal);
        Assert.Contains("Which &lt;i&gt;atlas&lt;/i&gt; is it?", page, StringComparison.Ordinal);
        Assert.DoesNotContain("0.123", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(node, $"/console/jobs/{job.Id}", other)).Status);
        Assert.DoesNotContain("atlas", (await GetAsync(node, $"/console/jobs/{job.Id}", await node.RegisterAsync("olga", Roles.Operator))).Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_look_up_why_nothing_left_is_led_there_and_the_requester_is_told_no_more()
    {
        await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Disclosure = OpenPolicy.Options });
        var asker = await node.RegisterAsync("asker", Roles.Requester);
        var queue = node.Services.GetRequiredService<JobQueue>();
        var blocked = (await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a", rule: BlockRule.Outcome))).Id;
        var failed = (await DecidedJobs.AdmitAsync(node.Services, "asker", "b")).Id;
        var claimed = (await queue.ClaimAsync("process", Unrunnable.None, failed, Stop))!;
        await queue.ConcludeAsync(claimed, new RunReport.Failed(RunEnd.Exited, "the analysis gave no answer") { Why = "the program ended with exit code 3" }, Stop);

        foreach (var role in new[] { Roles.Steward, Roles.Auditor, Roles.Operator })
        {
            var key = await node.RegisterAsync($"a-{role}", role);
            Assert.Contains("Why: the program ended with exit code 3.", (await GetAsync(node, $"/console/jobs/{failed}", key)).Page, StringComparison.Ordinal);
            foreach (var job in new[] { blocked, failed })
                Assert.Equal(role != Roles.Operator, (await GetAsync(node, $"/console/jobs/{job}", key)).Page.Contains($"/console/ledger?job={job}#audit", StringComparison.Ordinal));
        }

        foreach (var job in new[] { blocked, failed })
        {
            var (_, own) = await GetAsync(node, $"/console/jobs/{job}", asker);
            Assert.DoesNotContain("exit code 3", own, StringComparison.Ordinal);
            Assert.DoesNotContain("/console/ledger", own, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Where_nobody_signs_in_whoever_decides_about_an_answer_sees_it_when_it_has_left()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Disclosure = OpenPolicy.Options with { Review = new ReviewOptions { Requesters = ["somebody"] } } });
        var held = (await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a"), "somebody")).Id;
        // A refused word says where it is wrong.
        using var nothing = await node.SendAsync(HttpMethod.Post, $"/console/reviews/{held}", null, new FormUrlEncodedContent([KeyValuePair.Create("decision", "reject"), KeyValuePair.Create("why", "")]));
        var refused = await nothing.Content.ReadAsStringAsync(Stop);
        Assert.Contains("role=\"alert\" tabindex=\"-1\" autofocus", refused, StringComparison.Ordinal);
        Assert.Contains("<a href=\"#why\">Why is missing", refused, StringComparison.Ordinal);
        Assert.Contains("aria-describedby=\"why-h why-f\" aria-invalid=\"true\"", refused, StringComparison.Ordinal);
        using var numbered = await node.SendAsync(HttpMethod.Post, $"/console/reviews/{held}", null, new FormUrlEncodedContent([KeyValuePair.Create("decision", "0"), KeyValuePair.Create("why", "")]));
        Assert.Contains("<a href=\"#d-approve\">Choose one", await numbered.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);

        using var approved = await node.SendAsync(HttpMethod.Post, $"/console/reviews/{held}", null, new FormUrlEncodedContent([KeyValuePair.Create("decision", "approve"), KeyValuePair.Create("why", "")]));
        Assert.Equal(HttpStatusCode.SeeOther, approved.StatusCode);
        Assert.Contains("class=\"big\"", (await GetAsync(node, $"/console/jobs/{held}", null)).Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_diagnosis_is_shown_to_its_requester_and_nothing_of_the_patient_to_anybody_else()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var bot = await node.RegisterAsync("bot", Roles.Requester);
        var bundle = JsonNode.Parse("""
            {"resourceType":"Bundle","type":"collection","entry":[
            {"fullUrl":"http://x.org/fhir/Patient/p","resource":{"resourceType":"Patient","id":"p"}},
            {"fullUrl":"http://x.org/fhir/Observation/o","resource":{"resourceType":"Observation","id":"o","status":"final",
              "code":{"coding":[{"system":"http://loinc.org","code":"8310-5"}]},"subject":{"reference":"Patient/p"},"effectiveDateTime":"2024-05-20T08:00:00Z",
              "valueQuantity":{"value":38.6,"system":"http://unitsofmeasure.org","code":"Cel"}}}]}
            """);
        var body = new JsonObject { ["client_id"] = "c", ["target_diagnosis"] = ServingNode.Model, ["fhir_bundle"] = bundle }.ToJsonString();
        using var admitted = await node.SendAsync(HttpMethod.Post, "/v1/diagnose", bot, new StringContent(body, Encoding.UTF8, "application/json"));
        var id = Guid.Parse(admitted.Headers.Location!.ToString().Split('/')[^1]);
        var queue = node.Services.GetRequiredService<JobQueue>();
        var claimed = (await queue.ClaimAsync("process", Unrunnable.None, id, Stop))!;
        await queue.ConcludeAsync(claimed, new RunReport.Released("""{"diagnosis":"POSITIVE"}"""u8.ToArray(), new AuditDetail()), Stop);

        var (_, own) = await GetAsync(node, $"/console/jobs/{id}", bot);
        foreach (var part in new[] { "POSITIVE", "38.6", $"/v1/jobs/{id}/receipt", "8310-5" })
            Assert.Contains(part, own, StringComparison.Ordinal);
        foreach (var role in new[] { Roles.Steward, Roles.Operator, Roles.Auditor })
        {
            var (status, page) = await GetAsync(node, $"/console/jobs/{id}", await node.RegisterAsync($"a-{role}", role));
            Assert.Equal(HttpStatusCode.OK, status);
            foreach (var part in new[] { "POSITIVE", "38.6", "8310-5" })
                Assert.DoesNotContain(part, page, StringComparison.Ordinal);
            // It holds no value of the patient.
            Assert.Equal(role == Roles.Auditor, page.Contains($"/v1/jobs/{id}/receipt", StringComparison.Ordinal));
        }

        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(node, $"/console/jobs/{id}", await node.RegisterAsync("stranger", Roles.Requester))).Status);
    }

    [Fact]
    public async Task An_answer_shows_each_number_that_it_has_by_its_name_and_the_day_of_what_was_not_today()
    {
        await using var node = await ServingNode.StartAsync();
        var question = DecidedJobs.Ask("a");
        var answer = JsonSerializer.Deserialize<CohortAnswerResult>(question.Answer)! with { RBesideDegree = -0.212m, PBesideDegree = 0m, Auc = 0.71m, AucInterval = [0.6m, 0.82m], AucP = 0.02m, Ones = 25, Zeros = 35 };
        var job = await DecidedJobs.AdmitAsync(node.Services, Requester.Local.Name, "a", alternative: "greater");
        await DecidedJobs.ConcludeAsync(node.Services, job.Id, question with { Answer = JsonSerializer.SerializeToUtf8Bytes(answer) });
        await node.ChangeAsync(db => db.Set<Job>().ExecuteUpdateAsync(jobs => jobs.SetProperty(one => one.CreatedAt, new DateTimeOffset(2026, 11, 2, 14, 32, 7, TimeSpan.Zero)), Stop));
        var page = WebUtility.HtmlDecode(await node.Client.GetStringAsync(new Uri($"/console/jobs/{job.Id}", UriKind.Relative), Stop));
        foreach (var (name, number) in new[] { ("p, one-sided (greater)", "0.022"), ("R beside the mean map (degree)", "−0.212"), ("AUC", "0.710 (0.600 to 0.820)"), ("n of the larger and of the smaller value", "25, 35") })
            Assert.Contains($"<dt>{name}</dt><dd>{number}</dd>", page, StringComparison.Ordinal);
        // One side of it: nearly certain to be below R.
        Assert.Contains("<dt>p of that R</dt><dd>1.000</dd>", page, StringComparison.Ordinal);
        Assert.Contains("p one-sided (greater)", page, StringComparison.Ordinal);
        Assert.Contains("and R of −0.212 beside the score of the cohort’s mean map", page, StringComparison.Ordinal);
        Assert.Contains("<path class=\"f2\"", page, StringComparison.Ordinal);
        Assert.Contains("""<span class="when"><time datetime="2026-11-02T14:32:07Z">2 November 2026, 14:32:07</time></span>""", page, StringComparison.Ordinal);
        Assert.Contains("Times are UTC.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_tells_of_two_outcomes_shows_what_it_cost_in_the_ledger_of_each()
    {
        await using var node = await ServingNode.StartAsync();
        var job = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a") with { AlsoTold = ["LEDD"] });
        var page = await node.Client.GetStringAsync(new Uri($"/console/jobs/{job.Id}", UriKind.Relative), Stop);
        Assert.All((string[])["LEDD", DecidedJobs.Outcome], outcome => Assert.Contains($"Ledger of <code>{outcome}</code>", page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_a_batch_the_p_over_all_its_maps_stands_beside_each()
    {
        await using var node = await ServingNode.StartAsync();
        Question[] questions = [.. ((string[])["a", "b"]).Select(name => DecidedJobs.Ask(name)).Select((question, index) => question with
        {
            Answer = JsonSerializer.SerializeToUtf8Bytes(JsonSerializer.Deserialize<CohortAnswerResult>(question.Answer)! with { FamilyWiseP = 0.25m + index, Permutations = 999 }),
        })];
        var job = await DecidedJobs.RunBatchAsync(node.Services, Requester.Local.Name, questions);
        var page = WebUtility.HtmlDecode(await node.Client.GetStringAsync(new Uri($"/console/jobs/{job.Id}", UriKind.Relative), Stop));
        Assert.Contains("p, of 999 draws</th>", page, StringComparison.Ordinal);
        Assert.Matches(@"p over all maps \(family-wise\)</th>.*<td class=""num"">0\.250</td>.*<td class=""num"">1\.250</td>", page.ReplaceLineEndings(" "));
        Assert.DoesNotContain("AUC</th>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_ledger_is_a_picture_of_who_spent_it_and_of_what_one_more_question_costs_with_the_same_numbers_beside_it()
    {
        await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Disclosure = new DisclosureOptions { QueriesPerWeek = 0, TickMilliseconds = 0 } });
        var steward = await node.RegisterAsync("steward", Roles.Steward);
        await node.RegisterAsync("asker", Roles.Requester);
        await node.ApproveAsync(new("park", "A study") { Members = ["asker"] });
        await node.ApproveAsync(new("stroke", "Another") { Members = ["asker"] });
        await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a", first: 0.2), project: "park");
        await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("b"), project: "stroke");

        using var answer = await node.SendAsync(HttpMethod.Get, "/v1/budget", steward);
        var ledger = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!["ledgers"]![0]!;
        var shares = ledger["by_project"]!.AsArray().ToDictionary(share => (string)share!["project"]!, share => ((double)share!["leverage"]!, (double)share!["bits"]!));
        Assert.Equal(["park", "stroke"], shares.Keys.Order());
        // The parts are the whole.
        Assert.Equal((double)ledger["leverage"]!, shares.Values.Sum(share => share.Item1), 0.002);
        Assert.Equal((double)ledger["bits"]!, shares.Values.Sum(share => share.Item2), 0.02);
        Assert.Equal(60, (int)ledger["people"]!);
        Assert.True((double)ledger["one_more"]!["bits"]! > 0);

        var (_, page) = await GetAsync(node, "/console/ledger", steward);
        Assert.Contains("role=\"img\" aria-label=\"Share of each ledger that is spent", page, StringComparison.Ordinal);
        foreach (var part in new[] { "class=\"f1\"", "class=\"f2\"", "class=\"more\"", "<th scope=\"col\" class=\"num\">park</th>", "<th scope=\"col\" class=\"num\">stroke</th>", "60 people" })
            Assert.Contains(part, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ledger_of_fewer_people_than_the_smallest_cohort_does_not_say_how_many()
    {
        await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Disclosure = OpenPolicy.Options with { MinimumCohort = 70 } });
        var steward = await node.RegisterAsync("steward", Roles.Steward);
        await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a"));
        using var answer = await node.SendAsync(HttpMethod.Get, "/v1/budget", steward);
        Assert.Null(JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!["ledgers"]![0]!["people"]);
        var (_, page) = await GetAsync(node, "/console/ledger", steward);
        Assert.Contains("fewer than 70", page, StringComparison.Ordinal);
        // Nothing limits it, and so there is no share to draw.
        Assert.Contains("No limit is set, so nothing is counted against one.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Share of each ledger", page, StringComparison.Ordinal);
        // Which controls are off stands on this page, for those who may open it.
        Assert.Contains("<a href=\"/console/ledger#controls\">14 disclosure controls are switched off</a>", page, StringComparison.Ordinal);
        var home = (await GetAsync(node, "/console", await node.RegisterAsync("asker", Roles.Requester))).Page;
        Assert.Contains("14 disclosure controls are switched off", home, StringComparison.Ordinal);
        Assert.DoesNotContain("/console/ledger", home, StringComparison.Ordinal);
    }
}
