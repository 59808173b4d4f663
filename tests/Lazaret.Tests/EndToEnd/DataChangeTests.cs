using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lazaret.Tests.Disclosure;
using Microsoft.Data.Sqlite;

namespace Lazaret.Tests.EndToEnd;

/// <summary>What was answered is not forgotten when the data change.</summary>
public sealed class DataChangeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_value_that_was_corrected_is_not_told_by_what_was_answered_before_and_after()
    {
        using var site = new RandomSite(60, seed: 13);
        await using var node = await ServeAsync(site);
        Assert.Equal("done", (string?)(await AskAsync(node, site.NextMap(), "change"))["status"]);
        await CorrectAsync(site, people: 1);
        Assert.Equal("blocked", (string?)(await AskAsync(node, site.NextMap(), "change"))["status"]);
        Assert.Equal("done", (string?)(await AskAsync(node, site.NextMap(), "responder"))["status"]);
        await CorrectAsync(site, people: 19);
        Assert.Equal("blocked", (string?)(await AskAsync(node, site.NextMap(), "change"))["status"]);
        await CorrectAsync(site, people: 20);
        Assert.Equal("done", (string?)(await AskAsync(node, site.NextMap(), "change"))["status"]);
    }

    [Fact]
    public async Task An_outcome_under_another_name_is_no_fresh_start()
    {
        using var site = new RandomSite(40, seed: 14);
        await using var node = await ServeAsync(site);
        var answered = 0;
        while ((string?)(await AskAsync(node, site.NextMap(), "change"))["status"] == "done")
            Assert.InRange(++answered, 1, 40);
        var file = Path.Combine(site.Path, "outcomes.csv");
        // Two of forty were corrected, too.
        await CorrectAsync(site, people: 2);
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, Stop)).Replace("visit,change,", "visit,mood,", StringComparison.Ordinal), Stop);
        Assert.Equal("blocked", (string?)(await AskAsync(node, site.NextMap(), "mood"))["status"]);
        await CorrectAsync(site, people: 2, by: -1);
        Assert.Equal("blocked", (string?)(await AskAsync(node, site.NextMap(), "mood"))["status"]);
        await using var database = new SqliteConnection($"Data Source={_folder["state/lazaret.db"]};Pooling=False");
        await database.OpenAsync(Stop);
        await using var select = database.CreateCommand();
        select.CommandText = "SELECT First || ' ' || Second FROM OutcomeKinships WHERE Second = 'mood'";
        Assert.Equal("change mood", await select.ExecuteScalarAsync(Stop));
    }

    [Fact]
    public async Task A_privacy_budget_is_of_people_and_not_of_a_state_of_the_data()
    {
        using var site = new RandomSite(60, seed: 15);
        await using var node = await ServeAsync(site, ("Lazaret__Disclosure__Profile", "dp"), ("Lazaret__Disclosure__Epsilon", "1"), ("Lazaret__Disclosure__RhoBudget", "0.5"));
        var answer = await AskAsync(node, site.NextMap(), "change", "spearman");
        Assert.Equal("done", (string?)answer["status"]);
        // What the noise stands in for neither acts nor was switched off.
        Assert.Equal(["C0", "C1", "C2"], answer["disclosure"]!["controls"]!.AsArray().Select(name => (string)name!).Where(name => name is "C0" or "C1" or "C2" or "C3" or "C4" or "C5" or "Pairs"));
        Assert.DoesNotContain("C3", answer["disclosure"]!["off"]!.AsArray().Select(name => (string?)name));
        await File.WriteAllTextAsync(Path.Combine(site.Path, "site.yaml"), "missing: [NA]\n", Stop);
        Assert.Equal("blocked", (string?)(await AskAsync(node, site.NextMap(), "change", "spearman"))["status"]);
        Assert.Equal(0, (int)(await node.Client.GetFromJsonAsync<JsonNode>("/v1/budget", Stop))!["remaining"]!["at_least"]!);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Gives the first people another value of the outcome 'change'.</summary>
    private static async Task CorrectAsync(RandomSite site, int people, int by = 1)
    {
        var file = Path.Combine(site.Path, "outcomes.csv");
        var lines = await File.ReadAllLinesAsync(file, Stop);
        foreach (ref var line in lines.AsSpan(1, people))
        {
            var cells = line.Split(',');
            cells[2] = (decimal.Parse(cells[2], CultureInfo.InvariantCulture) + by).ToString(CultureInfo.InvariantCulture);
            line = string.Join(',', cells);
        }

        await File.WriteAllLinesAsync(file, lines, Stop);
    }

    private Task<HostedNode> ServeAsync(RandomSite site, params (string, string)[] more) => HostedNode.ServeAsync(
        _folder.MakePrivate("state"), [("DATA_VIEW", site.Path), ("Lazaret__Disclosure__TickMilliseconds", "0"), ("Lazaret__Disclosure__QueriesPerWeek", "0"), .. more]);

    private static async Task<JsonNode> AskAsync(HostedNode node, byte[] map, string outcome, string? stat = null)
    {
        using var form = TinySite.Form(map, ("outcome", outcome), ("stat", stat));
        return await node.AskAsync(form);
    }
}
