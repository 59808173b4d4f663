using System.Net;
using System.Text.Json.Nodes;
using Lazaret.Tests.Projects;

namespace Lazaret.Tests.EndToEnd;

/// <summary>Projects: approved by commands, asked within over HTTP, and run in a sandbox.</summary>
public sealed class ProjectCohortTests : IDisposable
{
    private static readonly (string, string)[] Settings = 
    [
        ("DATA_VIEW", TinySite.Folder), ("K_MIN", "5"), ("Lazaret__Auth__Jwt__Issuers__0__Name", "iss"), ("Lazaret__Auth__Jwt__Issuers__0__Issuer", "https://iss.example"),
        ("Lazaret__Auth__Jwt__Issuers__0__Audience", "lazaret"), ("Lazaret__Auth__Jwt__Issuers__0__Jwks", "https://iss.example/keys"),
    ];

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_question_is_blocked_in_a_project_of_a_larger_cohort_and_answered_in_another()
    {
        // Both catalogs show these levels, and 6 subjects have both.
        await RunAsync(0, "projects", "add", "small", "--title", "Few are enough", "--minimum-cohort", "6");
        await RunAsync(0, "projects", "add", "large", "--title", "Many are needed", "--minimum-cohort", "7");
        await using var node = await HostedNode.ServeAsync(_folder.Path, Settings);
        var (small, large) = (await AskAsync(node, "small"), await AskAsync(node, "large"));
        Assert.Equal(("done", "small"), ((string?)small["status"], (string?)small["project"]));
        Assert.Equal(("blocked", "large"), ((string?)large["status"], (string?)large["project"]));
        Assert.Null(large["n"]);
    }

    [Fact]
    public async Task The_commands_approve_show_and_close()
    {
        await RunAsync(0, "projects", "add", "study", "--title", "A study", "--purpose", "to learn", "--members", "iss/anna, iss/bert", "--outcomes", "UPDRS_change", "--masks", "STN", "--tasks", "map_to_outcome_v1", "--scores", "dot", "--minimum-cohort", "7", "--quota", "3", "--until", "2999-12-31");
        var shown = JsonNode.Parse((await RunAsync(0, "projects", "show", "study", "--json")).Output)!;
        Assert.Equal(("study", "open", 7, 3, 0, "2999-12-31"), ((string?)shown["key"], (string?)shown["state"], (int)shown["minimum_cohort"]!, (int)shown["quota"]!, (int)shown["jobs_this_week"]!, (string?)shown["until"]));
        Assert.Equal(["iss/anna", "iss/bert"], shown["members"]!.AsArray().Select(one => (string)one!));
        Assert.Equal("iss/anna\niss/carl\n", (await RunAsync(0, "projects", "members", "study", "--add", "iss/carl", "--remove", "iss/bert")).Output);
        var both = await RunAsync(2, "projects", "members", "study", "--add", "iss/anna,iss/new", "--remove", "iss/new,iss/anna");
        Assert.Equal("lazaret: 'iss/anna' is named by --add and by --remove\nlazaret: 'iss/new' is named by --add and by --remove\n", both.Error);
        Assert.Equal("iss/anna\niss/carl\n", (await RunAsync(0, "projects", "members", "study")).Output);
        await RunAsync(0, "projects", "close", "study");
        var listed = JsonNode.Parse((await RunAsync(0, "projects", "list", "--json")).Output)!.AsArray().Single()!;
        Assert.Equal("closed", (string?)listed["state"]);
        Assert.Equal(
            ["closed_at", "created_at", "key", "masks", "members", "minimum_cohort", "models", "outcomes", "purpose", "quota", "scores", "state", "tasks", "title", "until"],
            listed.AsObject().Select(member => member.Key).Order());
        Assert.Contains("closed on", (await RunAsync(2, "projects", "close", "study")).Error, StringComparison.Ordinal);
        Assert.Contains("no such project", (await RunAsync(2, "projects", "show", "none")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_project_without_an_end_or_a_quota_is_shown_in_words()
    {
        await RunAsync(0, "projects", "add", "study", "--title", "A study", "--quota", "0");
        Assert.Contains("no end", (await RunAsync(0, "projects", "list")).Output, StringComparison.Ordinal);
        var shown = (await RunAsync(0, "projects", "show", "study")).Output;
        Assert.Matches("quota +│ any number", shown);
        Assert.Matches("until +│ no end", shown);
    }

    [Fact]
    public async Task Names_that_the_site_does_not_have_are_refused_all_at_once_with_those_it_has()
    {
        var refused = await RunAsync(2, "projects", "add", "study", "--title", "A study", "--members", "nobody", "--tasks", "t", "--scores", "s", "--outcomes", "o,UPDRS_change", "--masks", "m", "--models", "x", "--minimum-cohort", "4", "--until", "31.12.2999");
        foreach (var part in new[]
        {
            "'nobody'", "'t' is no task; it may be map_to_outcome_v1", "'s' is no score; it may be dot", "'o' is no outcome of the data view; it may be", "UPDRS_change", "'m' is no mask", "STN",
            "'x' is no registered model; there are none", "4 is below the site's, which is 5", "'31.12.2999' is no day",
        })
        {
            Assert.Contains(part, refused.Error, StringComparison.Ordinal);
        }

        Assert.All(refused.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("lazaret: ", line, StringComparison.Ordinal));
        // A variable that is not set, in a script: it would allow all.
        var empty = await RunAsync(2, "projects", "add", "study", "--title", "A study", "--outcomes", "", "--masks", " , ", "--scores", "dot");
        Assert.Contains("outcomes: names nothing", empty.Error, StringComparison.Ordinal);
        Assert.Contains("masks: names nothing", empty.Error, StringComparison.Ordinal);
        Assert.Equal("[]\n", (await RunAsync(0, "projects", "list", "--json")).Output);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<JsonNode> AskAsync(HostedNode node, string project)
    {
        var map = await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/jobs") { Content = TinySite.Form(map, ("outcome", "UPDRS_change"), ("filters", """{"dx":"PD","visit":"6mo"}""")) };
        request.Headers.Add(ApprovedProjects.Header, project);
        using var admitted = await node.Client.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.Accepted, admitted.StatusCode);
        return await node.WaitAsync(admitted.Headers.Location!.ToString(), "queued", "running");
    }

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(int expected, params string[] arguments)
    {
        var run = await HostedNode.RunAsync(_folder.Path, arguments, Settings);
        Assert.True(run.ExitCode == expected, $"{run.ExitCode}: {run.Error}");
        return run;
    }
}
