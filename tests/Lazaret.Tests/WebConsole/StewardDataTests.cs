using System.Net;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Identity;
using Lazaret.Node.Projects;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity;
using Lazaret.Tests.Projects;

namespace Lazaret.Tests.WebConsole;

/// <summary>What the console shows of the site's data, and to whom.</summary>
public sealed class StewardDataTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_volume_that_cannot_be_used_is_on_the_home_page_and_its_reason_on_the_page_of_the_data()
    {
        using var folder = new TemporaryFolder();
        var view = folder.Copy(TinySite.Folder, "view");
        await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Data = new DataOptions { View = view } });
        var (sam, olga, ada) = (await node.RegisterAsync("sam", Roles.Steward), await node.RegisterAsync("olga", Roles.Operator), await node.RegisterAsync("ada", Roles.Requester));
        await IngestAsync(node, sam);
        var before = await GetAsync(node, "/console/data", sam);
        Assert.DoesNotContain("Unusable</span>", before, StringComparison.Ordinal);

        // It lost its end.
        var volume = Path.Combine(view, "conn", "sub-0003.nii.gz");
        await File.WriteAllBytesAsync(volume, (await File.ReadAllBytesAsync(volume, Stop))[..200], Stop);
        await IngestAsync(node, sam);
        var home = await GetAsync(node, "/console", sam);
        Assert.Contains("1 volume cannot be used", home, StringComparison.Ordinal);
        Assert.Matches(@"Data view</th><td><span class=""b hold"">Look</span><br><span class=""small muted"">1 fault; 1 volume cannot be used<", home);
        var page = await GetAsync(node, "/console/data", sam);
        Assert.Matches(@"<strong>\d+ of \d+</strong> volumes; 1 of all cannot be used", page);
        Assert.Matches(@"Unusable</span><span class=""place"">paths\.csv:\d+</span>", page);
        // Operators see that there is one; the reason names a person's file.
        var counted = await GetAsync(node, "/console/data", olga);
        Assert.Contains("id=\"volumes\"", counted, StringComparison.Ordinal);
        Assert.DoesNotContain("paths.csv:", counted, StringComparison.Ordinal);
        // Nor are visits told to them, which may be of few people.
        Assert.All(TinySite.Open().Rows.Select(row => row.Visit).Distinct(StringComparer.Ordinal), visit => Assert.Equal((1, 0), (Times(page, visit), Times(counted, visit))));
        Assert.Contains("<th scope=\"row\">All</th>", counted, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"volumes\"", await GetAsync(node, "/console/data", ada), StringComparison.Ordinal);

        static int Times(string page, string visit) => page.Split($"<tr><th scope=\"row\">{visit}</th>").Length - 1;
    }

    [Fact]
    public async Task Volumes_that_vanished_are_named_to_those_who_may_know_and_so_is_what_brings_them_back()
    {
        using var folder = new TemporaryFolder();
        var view = folder.Copy(TinySite.Folder, "view");
        await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Data = new DataOptions { View = view } });
        var (sam, olga) = (await node.RegisterAsync("sam", Roles.Steward), await node.RegisterAsync("olga", Roles.Operator));
        await IngestAsync(node, sam);
        var (volumes, away) = (Path.Combine(view, "conn"), folder.MakePrivate("away"));
        foreach (var number in Enumerable.Range(1, 7))
            File.Move(Path.Combine(volumes, $"sub-000{number}.nii.gz"), Path.Combine(away, $"sub-000{number}.nii.gz"));
        await ReloadAsync();
        var page = await GetAsync(node, "/console/data", sam);
        Assert.Contains("7 volumes that the cohort has are not there any more", page, StringComparison.Ordinal);
        Assert.Equal(5, page.Split("<li><code>conn/sub-000").Length - 1);
        Assert.Contains("<li>and 2 more</li>", page, StringComparison.Ordinal);
        Assert.Contains("“Reload the tables” brings the data back", page, StringComparison.Ordinal);
        Assert.DoesNotContain("sub-0003", await GetAsync(node, "/console/data", olga), StringComparison.Ordinal);

        foreach (var volume in Directory.EnumerateFiles(away))
            File.Move(volume, Path.Combine(volumes, Path.GetFileName(volume)));
        await ReloadAsync();
        Assert.DoesNotContain("not there any more", await GetAsync(node, "/console/data", sam), StringComparison.Ordinal);

        async Task ReloadAsync()
        {
            using var reloaded = await node.SendAsync(HttpMethod.Post, "/console/data/reload", sam, new FormUrlEncodedContent([]));
            Assert.Equal(HttpStatusCode.SeeOther, reloaded.StatusCode);
        }
    }

    [Fact]
    public async Task Outcomes_are_pictured_for_stewards_alone_and_small_cells_are_hidden()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var (sam, ada) = (await node.RegisterAsync("sam", Roles.Steward), await node.RegisterAsync("ada", Roles.Requester));
        Assert.Contains("aria-label=\"UPDRS_change: below", await GetAsync(node, "/console/data", sam), StringComparison.Ordinal);
        Assert.DoesNotContain("UPDRS_change: below", await GetAsync(node, "/console/data", ada), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_form_of_a_question_offers_what_its_project_allows_and_no_more()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var ada = await node.RegisterAsync("ada", Roles.Requester);
        await node.ApproveAsync(new Approval("narrow", "A study") { Members = ["ada"], Outcomes = ["YBOCS_change"], Masks = ["STN"] });
        await node.ApproveAsync(new Approval("wide", "Another study") { Members = ["ada"] });
        var masks = TinySite.Open().Masks;
        Assert.True(masks.Count > 1);
        foreach (var (project, offered) in new (string, IReadOnlyList<string>)[] { ("narrow", ["STN"]), ("wide", masks) })
        {
            var page = await GetAsync(node, $"/console/ask?project={project}", ada);
            Assert.Equal(offered.Order(StringComparer.Ordinal), masks.Where(mask => page.Contains($"<option value=\"{mask}\"", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
            Assert.Equal(project == "wide", page.Contains("<option value=\"UPDRS_change\"", StringComparison.Ordinal));
            // This policy counts rows.
            Assert.DoesNotContain("One visit must be chosen", page, StringComparison.Ordinal);
            Assert.Equal(project == "wide", page.Contains("none: the whole grid", StringComparison.Ordinal));
            // The other one is one link away, also without a script.
            Assert.Contains($"/console/ask?project={(project == "wide" ? "narrow" : "wide")}\"", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Filters_say_how_many_people_they_hold_rounded_and_never_fewer_than_the_smallest_cohort()
    {
        await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Disclosure = OpenPolicy.Options with { MinimumCohort = 7 } });
        var page = await GetAsync(node, "/console/ask", await node.RegisterAsync("ada", Roles.Requester));
        var view = TinySite.Open();
        var people = view.Rows.Where((_, row) => view.Attributes["dx"][row] == "PD").Select(row => row.SubjectId).Distinct(StringComparer.Ordinal).Count();
        Assert.NotEqual(0, people % 5);
        Assert.Matches($">PD</label><span class=\"n small\" id=\"n-\\d+-\\d+\">at least {Math.Max(7, people / 5 * 5)} people</span>", page);
        Assert.DoesNotMatch("(at least |: )[1-6](<|;| people)", page);
    }

    [Fact]
    public async Task The_page_of_the_data_shows_a_requester_what_their_project_allows_and_a_steward_what_each_project_is_shown()
    {
        await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Disclosure = OpenPolicy.Options with { MinimumCohort = 5 } });
        var (ada, sam) = (await node.RegisterAsync("ada", Roles.Requester), await node.RegisterAsync("sam", Roles.Steward));
        await node.ApproveAsync(new Approval("narrow", "A study") { Members = ["ada"], Outcomes = ["YBOCS_change"], Masks = ["STN"], MinimumCohort = 20 });
        await node.ApproveAsync(new Approval("wide", "Another study") { Members = ["ada"] });
        for (var number = 0; number < 6; number++)
            await node.ApproveAsync(new Approval($"more-{number}", "A study"));

        var page = await GetAsync(node, "/console/data", ada);
        Assert.Contains("<strong>narrow</strong>, whose smallest cohort is 20 people", page, StringComparison.Ordinal);
        Assert.Contains("<code>YBOCS_change</code>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("UPDRS_change", page, StringComparison.Ordinal);
        Assert.Equal(["STN"], TinySite.Open().Masks.Where(mask => page.Contains($"<code>{mask}</code>", StringComparison.Ordinal)));
        // Of 24 people no diagnosis has 20.
        Assert.DoesNotContain(">PD</li>", page, StringComparison.Ordinal);
        var wide = await GetAsync(node, "/console/data?project=wide", ada);
        Assert.Contains("UPDRS_change", wide, StringComparison.Ordinal);
        Assert.Contains(">PD</li>", wide, StringComparison.Ordinal);

        var all = await GetAsync(node, "/console/data", sam);
        Assert.Contains("6 of 8 open projects are shown here", all, StringComparison.Ordinal);
        Assert.Contains("<code>STN</code></th><td>mask</td>", all, StringComparison.Ordinal);
    }

    internal static async Task IngestAsync(ServingNode node, string steward)
    {
        using var begun = await node.SendAsync(HttpMethod.Post, "/console/data/ingest", steward, new FormUrlEncodedContent([]));
        Assert.Equal(HttpStatusCode.SeeOther, begun.StatusCode);
        await Wait.UntilAsync(async () => (await GetAsync(node, "/console/data", steward)).Contains("Ingest ended", StringComparison.Ordinal), "the end of the ingest");
    }

    private static async Task<string> GetAsync(ServingNode node, string path, string? key)
    {
        using var answer = await node.SendAsync(HttpMethod.Get, path, key);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Stop));
    }
}
