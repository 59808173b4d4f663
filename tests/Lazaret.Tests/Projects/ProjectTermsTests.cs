using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Projects;
using Lazaret.Node.Storage;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Projects;

/// <summary>What a project does not allow.</summary>
public sealed class ProjectTermsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Dialects => ApprovedProjects.Dialects;

    [Fact]
    public async Task Everything_that_a_project_does_not_allow_is_said_at_once_and_nothing_else()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var key = await node.RegisterAsync("anna", Roles.Requester);
        await node.ApproveAsync(new Approval("narrow", "A study") { Members = ["anna"], Tasks = ["starter"], Outcomes = ["YBOCS_change"], Masks = ["STN"] });

        using var refused = await node.AskCohortAsync(key, outcome: "UPDRS_change", mask: "GPI", task: "map_to_outcome_v1");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);
        var errors = (await JsonAsync(refused))["errors"]!.AsArray();
        Assert.Equal(["task", "outcome", "mask"], errors.Select(error => (string)error!["field"]!));
        Assert.Equal([["starter"], ["YBOCS_change"], ["STN"]], errors.Select(error => error!["allowed"]!.AsArray().Select(one => (string)one!).ToArray()));
        Assert.All(errors, error => Assert.Contains("project narrow", (string)error!["message"]!, StringComparison.Ordinal));

        // The whole grid is none of its masks.
        using var unmasked = await node.AskCohortAsync(key, outcome: "YBOCS_change", task: "starter");
        Assert.Equal(HttpStatusCode.Forbidden, unmasked.StatusCode);
        Assert.Equal("mask", (string?)(await JsonAsync(unmasked))["errors"]!.AsArray().Single()!["field"]);

        await using var db = await OpenAsync(node);
        Assert.Equal(0, await db.Jobs.CountAsync(Stop));
        var entries = await db.Audit.Where(entry => entry.Action == AuditAction.AccessRefused).ToListAsync(Stop);
        Assert.Equal(2, entries.Count);
        Assert.All(entries, entry => Assert.Contains("\"project\":\"narrow\"", entry.Detail, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_score_that_is_meant_where_none_is_named_is_named_by_the_refusal()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var key = await node.RegisterAsync("anna", Roles.Requester);
        await node.ApproveAsync(new Approval("narrow", "A study") { Members = ["anna"], Scores = ["cosine"] });
        using var unnamed = new MultipartFormDataContent { { new StringContent("cross_validate_v1"), "task" }, { new StringContent("loo"), "cv" }, { new StringContent("UPDRS_change"), "outcome" } };
        Assert.Equal("is missing, and spatial_pearson, which is then meant, is not what project narrow allows", await RefusedAsync(unnamed));
        using var named = new MultipartFormDataContent { { new StringContent("cross_validate_v1"), "task" }, { new StringContent("loo"), "cv" }, { new StringContent("UPDRS_change"), "outcome" }, { new StringContent("dot"), "score" } };
        Assert.Equal("is not what project narrow allows", await RefusedAsync(named));

        async Task<string?> RefusedAsync(HttpContent form)
        {
            using var answer = await node.AskAsync(HttpMethod.Post, "/jobs", key, form);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            var fault = Assert.Single((await JsonAsync(answer))["errors"]!.AsArray())!;
            Assert.Equal(("score", "cosine"), ((string)fault["field"]!, (string)Assert.Single(fault["allowed"]!.AsArray())!));
            return (string?)fault["message"];
        }
    }

    [Fact]
    public async Task An_outcome_that_a_project_does_not_allow_is_no_covariate_of_its_questions_either()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var key = await node.RegisterAsync("anna", Roles.Requester);
        await node.ApproveAsync(new Approval("narrow", "A study") { Members = ["anna"], Outcomes = ["UPDRS_change"] });
        foreach (var (covariates, status) in new[] { ("YBOCS_change", HttpStatusCode.Forbidden), ("age, YBOCS_change", HttpStatusCode.Forbidden), ("age", HttpStatusCode.Accepted) })
        {
            using var answer = await AskAsync(covariates);
            Assert.Equal(status, answer.StatusCode);
            if (status == HttpStatusCode.Forbidden)
                Assert.Equal("covariates", (string?)(await JsonAsync(answer))["errors"]!.AsArray().Single()!["field"]);
        }

        using var unknown = await AskAsync("nope");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, unknown.StatusCode);
        Assert.DoesNotContain("YBOCS_change", await unknown.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);

        async Task<HttpResponseMessage> AskAsync(string covariates)
        {
            using var form = TinySite.Form(await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop), ("outcome", "UPDRS_change"), ("covariates", covariates));
            return await node.AskAsync(HttpMethod.Post, "/jobs", key, form);
        }
    }

    [Fact]
    public async Task What_a_project_allows_is_admitted()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var key = await node.RegisterAsync("anna", Roles.Requester);
        await node.ApproveAsync(new Approval("study", "A study")
        {
            Members = ["anna"],
            Tasks = ["map_to_outcome_v1"],
            Scores = ["dot"],
            Outcomes = ["UPDRS_change"],
            Masks = ["STN"],
            Models = [ServingNode.Model],
        });
        using var cohort = await node.AskCohortAsync(key, mask: "STN");
        Assert.Equal(HttpStatusCode.Accepted, cohort.StatusCode);
        using var diagnosis = await node.AskAsync(HttpMethod.Post, "/v1/diagnose", key, ApprovedProjects.BodyFor("/v1/diagnose", ApprovedProjects.Bundle));
        Assert.Equal(HttpStatusCode.Accepted, diagnosis.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_model_that_is_not_allowed_is_refused_in_each_dialect_before_the_bundle_is_read(string path)
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var key = await node.RegisterAsync("anna", Roles.Requester);
        await node.ApproveAsync(new Approval("study", "A study") { Members = ["anna"], Models = ["another"] });

        var answers = new HashSet<string>();
        foreach (var bundle in new[] { ApprovedProjects.Bundle, """{"resourceType":"Bundle","type":"collection"}""", """{"resourceType":"Patient","birthDate":"never"}""", "[]", """{"torn""" })
        {
            using var answer = await node.AskAsync(HttpMethod.Post, path, key, ApprovedProjects.BodyFor(path, bundle));
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            answers.Add(await ApprovedProjects.ReadAsync(answer));
        }

        var body = JsonNode.Parse(Assert.Single(answers))!;
        Assert.Contains("another", body.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(path.StartsWith("/v1", StringComparison.Ordinal) ? null : "forbidden", (string?)body["issue"]?[0]?["code"]);
    }

    [Fact]
    public async Task A_body_that_tears_before_it_names_the_model_is_answered_alike_whatever_the_project_allows()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var keys = new[] { await node.RegisterAsync("anna", Roles.Requester), await node.RegisterAsync("bert", Roles.Requester) };
        await node.ApproveAsync(new Approval("study", "A study") { Members = ["anna"], Models = ["another"] });
        foreach (var torn in new[] { "{\"client_id\":\"bot\",\"fhir_bundle\":{\"resourceType\":\"Bundle\",\"torn", "{\"fhir_bundle\":{\"a\":1},", "{" })
        {
            var answers = new HashSet<string>();
            foreach (var key in keys)
            {
                using var answer = await node.AskAsync(HttpMethod.Post, "/v1/diagnose", key, new StringContent(torn, Encoding.UTF8, "application/json"));
                Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
                answers.Add(await ApprovedProjects.ReadAsync(answer));
            }

            // Where it tore, and nothing about models.
            var fault = JsonNode.Parse(Assert.Single(answers))!["errors"]!.AsArray().Single()!;
            Assert.Equal("body", (string?)fault["field"]);
            Assert.StartsWith("is not valid JSON (line ", (string?)fault["message"], StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task Who_may_not_ask_at_all_is_refused_in_each_dialect_whatever_the_body(string path)
    {
        await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Projects = new ProjectOptions { Required = true } });
        var key = await node.RegisterAsync("anna", Roles.Requester);
        var answers = new HashSet<string>();
        foreach (var body in new[] { ApprovedProjects.BodyFor(path, ApprovedProjects.Bundle), ApprovedProjects.BodyFor(path, "{}"), new StringContent("{\"torn", Encoding.UTF8, "application/json") })
        {
            using var answer = await node.AskAsync(HttpMethod.Post, path, key, body);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            answers.Add(await ApprovedProjects.ReadAsync(answer));
        }

        Assert.Single(answers);
    }

    [Fact]
    public async Task The_catalog_shows_what_the_project_allows_by_its_smallest_cohort()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var (member, other) = (await node.RegisterAsync("anna", Roles.Requester), await node.RegisterAsync("bert", Roles.Requester));
        await node.ApproveAsync(new Approval("study", "A study") { Members = ["anna"], MinimumCohort = 22, Outcomes = ["UPDRS_change", "gone"], Masks = ["STN"], Tasks = ["map_to_outcome_v1"] });

        var all = await CatalogAsync(other);
        Assert.Equal(5, (int)all["minimum_cohort"]!);
        Assert.Null(all["project"]);
        Assert.True(all["masks"]!.AsArray().Count > 1);
        foreach (var project in new[] { null, "study" })
        {
            var mine = await CatalogAsync(member, project);
            Assert.Equal(22, (int)mine["minimum_cohort"]!);
            Assert.Equal("study", (string?)mine["project"]);
            Assert.Equal(["UPDRS_change"], mine["outcomes"]!.AsArray().Select(outcome => (string)outcome!["name"]!));
            Assert.Equal(["STN"], mine["masks"]!.AsArray().Select(mask => (string)mask!));
            // Two diagnoses share 24 subjects, so neither has 22.
            Assert.DoesNotContain("dx", mine["variables"]!.AsArray().Select(variable => (string)variable!["name"]!));
        }

        // What the catalog does not show cannot be asked for.
        var map = await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop);
        using var form = TinySite.Form(map, ("outcome", "UPDRS_change"), ("mask", "STN"), ("filters", """{"dx":"PD"}"""));
        using var filtered = await node.AskAsync(HttpMethod.Post, "/jobs", member, form);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, filtered.StatusCode);

        async Task<JsonNode> CatalogAsync(string key, string? project = null)
        {
            using var answer = await node.AskAsync(HttpMethod.Get, "/catalog/variables", key, null, ApprovedProjects.Named(project));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return await JsonAsync(answer);
        }
    }

    [Fact]
    public async Task A_spent_quota_is_429_until_it_is_not_and_a_repeated_request_costs_nothing()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var key = await node.RegisterAsync("anna", Roles.Requester);
        await node.ApproveAsync(new Approval("study", "A study") { Members = ["anna"], Quota = 2 });
        string? first = null;
        for (var i = 0; i < 3; i++)
        {
            using var repeated = await node.AskCohortAsync(key, idempotencyKey: "k");
            Assert.Equal(HttpStatusCode.Accepted, repeated.StatusCode);
            Assert.Equal(first ??= repeated.Headers.Location!.ToString(), repeated.Headers.Location!.ToString());
        }

        using (var second = await node.AskCohortAsync(key))
            Assert.Equal(HttpStatusCode.Accepted, second.StatusCode);
        foreach (var path in new[] { "/v1/diagnose", $"/fhir/Library/{ServingNode.Model}/$evaluate", $"/cds-services/{ServingNode.Model}" })
        {
            using var spent = await node.AskAsync(HttpMethod.Post, path, key, ApprovedProjects.BodyFor(path, ApprovedProjects.Bundle));
            await AssertSpentAsync(spent);
        }

        using (var spent = await node.AskCohortAsync(key))
            await AssertSpentAsync(spent);
        using (var again = await node.AskCohortAsync(key, idempotencyKey: "k"))
            Assert.Equal(first, again.Headers.Location!.ToString());
        using var dry = await node.AskAsync(HttpMethod.Post, "/v1/diagnose?dry_run=true", key, ApprovedProjects.BodyFor("/v1/diagnose", ApprovedProjects.Bundle));
        Assert.Equal(HttpStatusCode.OK, dry.StatusCode);
        using var budget = await node.AskAsync(HttpMethod.Get, "/v1/budget", key);
        var jobs = (await JsonAsync(budget))["project_jobs"]!;
        Assert.Equal((2, 2, 0), ((int)jobs["limit"]!, (int)jobs["asked"]!, (int)jobs["left"]!));
        Assert.NotNull(jobs["room_at"]);
        using var form = TinySite.Form(await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop), ("outcome", "UPDRS_change"), ("filters", "{}"));
        using var looked = await node.AskAsync(HttpMethod.Post, "/console/ask/check", key, form);
        Assert.Contains("Project study may have 2 jobs in seven days, and has had them", await looked.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        using var page = await node.AskAsync(HttpMethod.Get, "/console/ask", key);
        Assert.Contains("Project study may have 0 more of 2 jobs this week.", await page.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);

        static async Task AssertSpentAsync(HttpResponseMessage answer)
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
            Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromDays(6.9), TimeSpan.FromDays(7));
            Assert.Contains("2 jobs in seven days", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_same_key_in_another_project_is_another_request()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var key = await node.RegisterAsync("anna", Roles.Requester);
        foreach (var name in new[] { "one", "two" })
            await node.ApproveAsync(new Approval(name, "A study") { Members = ["anna"] });
        using var one = await node.AskCohortAsync(key, "one", idempotencyKey: "k");
        using var two = await node.AskCohortAsync(key, "two", idempotencyKey: "k");
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.UnprocessableEntity), (one.StatusCode, two.StatusCode));
    }

    [Fact]
    public async Task The_interface_describes_the_header_wherever_a_project_is_looked_at()
    {
        await using var node = await ServingNode.StartAsync();
        var paths = JsonNode.Parse(await node.Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative), Stop))!["paths"]!;
        foreach (var (path, method) in new[]
        {
            ("/jobs", "post"), ("/v1/diagnose", "post"), ("/fhir/Library/{key}/$evaluate", "post"), ("/cds-services/{key}", "post"), ("/catalog/variables", "get"),
        })
        {
            var operation = paths[path]![method]!;
            Assert.Contains(operation["parameters"]!.AsArray(), parameter => (string?)parameter!["name"] == ApprovedProjects.Header && (string?)parameter["in"] == "header");
            Assert.NotNull(operation["responses"]!["403"]);
        }
    }

    private static async Task<JsonNode> JsonAsync(HttpResponseMessage answer) => JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!;

    private static Task<LazaretDb> OpenAsync(ServingNode node) => node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
}
