using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lazaret.Tests.Disclosure;
using Microsoft.Data.Sqlite;

namespace Lazaret.Tests.EndToEnd;

/// <summary>Disclosure control as it is out of the box, over HTTP, on a site whose data hold no effect.</summary>
public sealed class ReleaseTests : IDisposable
{
    private static readonly (string, string)[] Quick = [("Lazaret__Disclosure__TickMilliseconds", "0")];

    private static readonly (string, string)[] Unlimited = [.. Quick, ("Lazaret__Disclosure__QueriesPerWeek", "0")];

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_question_gets_the_same_answer_however_the_map_is_scaled_and_whoever_asks()
    {
        using var site = new RandomSite(60, seed: 1);
        await using var node = await ServeAsync(site, Quick);
        var map = site.Noise();
        var first = await AskAsync(node, RandomSite.Write(map), "change");
        Assert.Equal("done", (string?)first["status"]);
        Assert.Equal(60, (int)first["n"]!);
        // Set to nothing is off, too.
        var catalog = JsonNode.Parse(await node.Client.GetStringAsync(new Uri("/catalog/variables", UriKind.Relative), Stop))!;
        foreach (var said in (JsonNode[])[first, catalog])
            Assert.Equal(["Tick"], said["disclosure"]!["off"]!.AsArray().Select(name => (string?)name));
        foreach (var scale in new[] { 2f, 1e-3f, 1.00001f })
        {
            var again = await AskAsync(node, RandomSite.Write(map, scale), "change");
            Assert.All((string[])["n", "R", "p", "ci95", "query"], member => Assert.Equal(first[member]!.ToJsonString(), again[member]!.ToJsonString()));
        }

        // Four requests, and one question of the twenty of a week.
        for (var asked = 1; asked < 20; asked++)
        {
            using var form = TinySite.Form(site.NextMap(), ("outcome", "change"));
            using var response = await node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        }

        using var further = TinySite.Form(site.NextMap(), ("outcome", "change"));
        using var refused = await node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), further, Stop);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
    }

    [Fact]
    public async Task Many_maps_are_answered_until_they_would_tell_too_much_and_then_all_refusals_are_alike()
    {
        using var site = new RandomSite(60, seed: 2);
        await using var node = await ServeAsync(site, [.. Unlimited, ("Lazaret__Disclosure__Review__BlocksInARow", "0")]);
        var answers = new List<JsonNode>();
        for (var map = 0; map < 30; map++)
            answers.Add(await AskAsync(node, site.NextMap(), "change"));
        var answered = answers.FindIndex(answer => (string?)answer["status"] == "blocked");
        Assert.InRange(answered, 10, 25);
        Assert.Contains(answers.Take(answered), answer => (string?)answer["status"] == "done");
        var refusals = answers.Where(answer => (string?)answer["status"] == "blocked").ToList();
        // A cohort below the minimum, and one that differs by few from one that was answered.
        refusals.Add(await AskAsync(node, site.NextMap(), "responder", """{"ward":["a","b"]}"""));
        Assert.All(refusals, refusal => Assert.Equal("""{"status":"blocked","code":"DISCLOSURE_CONTROL","ref":""}""", Bare(refusal)));
        Assert.Equal(refusals.Count, refusals.Select(refusal => (string?)refusal["ref"]).Distinct().Count());

        static string Bare(JsonNode refusal)
        {
            var bare = refusal.DeepClone();
            bare["ref"] = "";
            return bare.ToJsonString();
        }
    }

    [Fact]
    public async Task Two_cohorts_that_differ_by_few_are_not_both_answered()
    {
        using var site = new RandomSite(60, seed: 3);
        await using var node = await ServeAsync(site, [.. Quick, ("K_MIN", "5")]);
        // Wards a and b are 55 of 60: 5 remain. With a minimum of 20 that is refused by itself, with 5 only after 56 were asked.
        Assert.Equal("done", (string?)(await AskAsync(node, site.NextMap(), "change", """{"ward":["a","b"]}"""))["status"]);
        Assert.Equal("done", (string?)(await AskAsync(node, site.NextMap(), "change"))["status"]);
        Assert.Equal("done", (string?)(await AskAsync(node, site.NextMap(), "change", """{"ward":"a"}"""))["status"]);
    }

    [Fact]
    public async Task Whoever_is_here_at_several_visits_is_one_subject_and_a_visit_must_be_named()
    {
        using var site = new RandomSite(30, 4, "baseline", "later");
        await using var node = await ServeAsync(site, Quick);
        var catalog = (await node.Client.GetFromJsonAsync<JsonNode>("/catalog/variables", Stop))!;
        Assert.All(catalog["outcomes"]!.AsArray(), outcome => Assert.Equal(30, (int)outcome!["N"]!));
        using var form = TinySite.Form(site.NextMap(), ("outcome", "change"));
        using var response = await node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        var fault = Assert.Single(JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!["errors"]!.AsArray())!;
        Assert.Equal("filters", (string?)fault["field"]);
        Assert.Equal(["baseline", "later"], fault["allowed"]!.AsArray().Select(visit => (string?)visit));
        Assert.Equal(30, (int)(await AskAsync(node, site.NextMap(), "change", """{"visit":"later"}"""))["n"]!);
    }

    [Fact]
    public async Task Each_map_of_a_batch_is_a_question_and_one_decision_is_made_about_all()
    {
        using var site = new RandomSite(60, seed: 5);
        await using var node = await ServeAsync(site, [.. Quick, ("Lazaret__Disclosure__QueriesPerWeek", "40")]);
        var few = await AskAsync(node, RandomSite.Write(site.Noise(3), maps: 3), "change");
        Assert.Equal(3, few["results"]!.AsArray().Count);
        Assert.Equal("blocked", (string?)(await AskAsync(node, RandomSite.Write(site.Noise(30), maps: 30), "change"))["status"]);
        // 33 of 40 are asked.
        using var form = TinySite.Form(RandomSite.Write(site.Noise(8), maps: 8), ("outcome", "change"));
        using var response = await node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        // The refused batch cost nothing of what may be told.
        Assert.Equal("done", (string?)(await AskAsync(node, site.NextMap(), "change"))["status"]);
    }

    [Fact]
    public async Task After_three_blocked_results_in_a_row_a_steward_is_asked()
    {
        using var site = new RandomSite(60, seed: 6);
        await using var node = await ServeAsync(site, Quick);
        for (var block = 0; block < 3; block++)
            Assert.Equal("blocked", (string?)(await AskAsync(node, site.NextMap(), "change", """{"ward":["a","b"]}"""))["status"]);
        Assert.Equal(["status"], (await AskAsync(node, site.NextMap(), "change")).AsObject().Select(member => member.Key));
        Assert.Equal("held", (string?)(await AskAsync(node, site.NextMap(), "change", """{"ward":["a","b"]}"""))["status"]);
    }

    [Fact]
    public async Task An_outcome_of_few_values_has_noise_and_the_answer_says_so()
    {
        using var site = new RandomSite(60, seed: 7);
        await using var node = await ServeAsync(site, Quick);
        var answer = await AskAsync(node, site.NextMap(), "responder");
        Assert.Equal(0.5, (double)answer["disclosure"]!["noise"]!);
        Assert.Null((await AskAsync(node, site.NextMap(), "change"))["disclosure"]!["noise"]);
    }

    [Fact]
    public async Task A_covariate_that_is_an_outcome_is_charged_for_by_itself_and_spends_nothing_of_what_is_left_of_the_other()
    {
        using var site = new RandomSite(60, seed: 10);
        await using var node = await ServeAsync(site, Quick);
        var adjusted = await AskAsync(node, site.NextMap(), "change", covariates: "responder");
        Assert.Equal("done", (string?)adjusted["status"]);
        // It tells of the outcome of two values, too.
        Assert.Equal(0.5, (double)adjusted["disclosure"]!["noise"]!);
        var first = await BitsAsync();
        Assert.Equal(["change", "responder"], first.Keys.Order(StringComparer.Ordinal));
        Assert.True(first["responder"] > 0);
        // In one ledger with an outcome of two values, change would be refused after three.
        for (var map = 0; map < 8; map++)
            Assert.Equal("done", (string?)(await AskAsync(node, site.NextMap(), "change"))["status"]);
        var then = await BitsAsync();
        Assert.Equal(first["responder"], then["responder"]);
        // The other way round it is the covariate's ledger that counts.
        Assert.Equal("done", (string?)(await AskAsync(node, site.NextMap(), "responder", covariates: "change"))["status"]);
        Assert.True((await BitsAsync())["change"] > then["change"]);

        async Task<Dictionary<string, double>> BitsAsync() => (await node.Client.GetFromJsonAsync<JsonNode>("/v1/budget", Stop))!["ledgers"]!.AsArray()
            .ToDictionary(ledger => string.Join(',', ledger!["outcomes"]!.AsArray()), ledger => (double)ledger!["bits"]!);
    }

    [Theory]
    [InlineData("guarded")]
    [InlineData("dp")]
    public async Task Noise_is_the_same_whenever_the_same_is_asked(string profile)
    {
        using var site = new RandomSite(60, seed: 8);
        await using var node = await ServeAsync(site, [.. Quick, ("Lazaret__Disclosure__Profile", profile)]);
        var map = site.NextMap();
        var answers = new List<JsonNode>();
        for (var time = 0; time < 3; time++)
            answers.Add(await AskAsync(node, map, "change", stat: "spearman"));
        Assert.Equal("done", (string?)answers[0]["status"]);
        Assert.Single(answers.Select(answer => $"{answer["R"]} {answer["p"]}").Distinct());
        Assert.Equal(profile, (string?)answers[0]["disclosure"]!["profile"]);
    }

    [Fact]
    public async Task Answers_are_shown_on_the_tick()
    {
        using var site = new RandomSite(60, seed: 9);
        await using var node = await ServeAsync(site, [("Lazaret__Disclosure__TickMilliseconds", "2000")]);
        var shown = new List<DateTimeOffset>();
        foreach (var filters in new[] { null, """{"ward":["a","b"]}""" })
        {
            await AskAsync(node, site.NextMap(), "change", filters);
            shown.Add(TimeProvider.System.GetUtcNow());
        }

        await using var database = new SqliteConnection($"Data Source={_folder["state/lazaret.db"]};Pooling=False");
        await database.OpenAsync(Stop);
        await using var select = database.CreateCommand();
        select.CommandText = "SELECT PublishedAt FROM Jobs ORDER BY CreatedAt";
        await using var rows = await select.ExecuteReaderAsync(Stop);
        foreach (var instant in shown)
        {
            Assert.True(await rows.ReadAsync(Stop));
            var published = rows.GetFieldValue<DateTimeOffset>(0);
            Assert.Equal(0, published.ToUnixTimeMilliseconds() % 2000);
            // Not before its tick, and before the next.
            Assert.InRange(instant - published, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        }
    }

    [Fact]
    public async Task What_the_decision_takes_is_not_seen_in_the_time_of_an_answer()
    {
        using var site = new RandomSite(60, seed: 9);
        await using var node = await ServeAsync(site, [.. Unlimited, ("Lazaret__Disclosure__TickMilliseconds", "1")]);
        var answered = await AskAsync(node, site.NextMap(), "change");
        var blocked = await AskAsync(node, site.NextMap(), "change", """{"ward":["a","b"]}""");
        Assert.Equal(("done", "blocked"), ((string?)answered["status"], (string?)blocked["status"]));
        await using var database = new SqliteConnection($"Data Source={_folder["state/lazaret.db"]};Pooling=False");
        await database.OpenAsync(Stop);
        await using var select = database.CreateCommand();
        select.CommandText = """
            SELECT COUNT(*) FROM Jobs JOIN Runs ON Runs.JobId = Jobs.Id
            WHERE (julianday(PublishedAt) - julianday(StartedAt)) * 24 * 60 * 60 * 1000 > WallMilliseconds + MIN(2 * WallMilliseconds, 10000)
            """;
        Assert.Equal(2L, await select.ExecuteScalarAsync(Stop));
    }

    public void Dispose() => _folder.Dispose();

    private Task<HostedNode> ServeAsync(RandomSite site, (string, string)[] settings) => HostedNode.ServeAsync(_folder.MakePrivate("state"), [("DATA_VIEW", site.Path), .. settings]);

    private static async Task<JsonNode> AskAsync(HostedNode node, byte[] map, string outcome, string? filters = null, string? stat = null, string? covariates = null)
    {
        using var form = TinySite.Form(map, ("outcome", outcome), ("filters", filters), ("stat", stat), ("covariates", covariates));
        return await node.AskAsync(form);
    }
}
