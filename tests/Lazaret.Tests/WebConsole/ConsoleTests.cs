using System.Net;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases.Reviews;
using Lazaret.Node.Storage;
using Lazaret.Node.WebConsole.Parts;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity;
using Lazaret.Tests.Identity.People;
using Lazaret.Tests.Releases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.WebConsole;

/// <summary>The console's pages: who sees what, and that what they do is what the HTTP interface does.</summary>
public sealed class ConsoleTests
{
    private static readonly string[] Chapters = ["", "/jobs", "/ask", "/reviews", "/data", "/models", "/ledger", "/people"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Roles.Requester, "", "/jobs", "/ask", "/data", "/models")]
    [InlineData(Roles.Steward, "", "/jobs", "/reviews", "/data", "/models", "/ledger", "/people")]
    [InlineData(Roles.Auditor, "", "/jobs", "/reviews", "/data", "/models", "/ledger", "/people")]
    [InlineData(Roles.Operator, "", "/jobs", "/data", "/models", "/people")]
    public async Task A_role_finds_its_chapters_in_the_navigation_and_is_refused_the_others(Roles role, params string[] chapters)
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var key = await node.RegisterAsync("ada", role);
        var (_, home) = await GetAsync(node, "/console", key);
        foreach (var chapter in Chapters)
        {
            var (status, page) = await GetAsync(node, $"/console{chapter}", key);
            Assert.Equal(chapters.Contains(chapter) ? HttpStatusCode.OK : HttpStatusCode.Forbidden, status);
            Assert.Equal(chapters.Contains(chapter), home.Contains($"<a href=\"/console{chapter}\"", StringComparison.Ordinal));
            if (status == HttpStatusCode.OK)
                Assert.Contains("<h1>", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_page_runs_nothing_but_the_nodes_own_script()
    {
        await using var node = await ServingNode.StartAsync();
        foreach (var chapter in Chapters)
        {
            using var answer = await node.Client.GetAsync(new Uri($"/console{chapter}", UriKind.Relative), Stop);
            var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            Assert.Contains("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            var page = await answer.Content.ReadAsStringAsync(Stop);
            Assert.DoesNotContain(" style=", page, StringComparison.Ordinal);
            Assert.DoesNotContain("http://", page.Replace("http://loinc.org", "", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_stranger_with_a_browser_is_led_to_the_sign_in_page_and_a_program_is_told_401()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/console/jobs") { Headers = { { "Accept", "text/html" } } };
        using var led = await node.Client.SendAsync(request, Stop);
        Assert.Equal((HttpStatusCode.SeeOther, "/sign-in"), (led.StatusCode, led.Headers.Location!.ToString()));
        using var told = await node.Client.GetAsync(new Uri("/console/jobs", UriKind.Relative), Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, told.StatusCode);
    }

    [Fact]
    public async Task Where_nobody_signs_in_there_is_no_session_to_end()
    {
        await using var node = await ServingNode.StartAsync();
        using var answer = await node.Client.PostAsync(new Uri("/console/sign-out", UriKind.Relative), null, Stop);
        Assert.Equal((HttpStatusCode.SeeOther, "/console"), (answer.StatusCode, answer.Headers.Location!.ToString()));
    }

    [Fact]
    public async Task A_requester_sees_no_job_of_another_and_a_steward_all_of_them_without_their_answers()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var (mine, yours, steward) = (await node.RegisterAsync("mine", Roles.Requester), await node.RegisterAsync("yours", Roles.Requester), await node.RegisterAsync("steward", Roles.Steward));
        var job = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a"), "mine");
        var path = $"/console/jobs/{job.Id}";

        var (status, page) = await GetAsync(node, path, mine);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("0.123", page, StringComparison.Ordinal);
        Assert.Contains("Signed receipt", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(node, path, yours)).Status);
        Assert.DoesNotContain(job.Id.ToString(), (await GetAsync(node, "/console/jobs", yours)).Page, StringComparison.Ordinal);

        (status, page) = await GetAsync(node, path, steward);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.DoesNotContain("0.123", page, StringComparison.Ordinal);
        Assert.Contains(job.Id.ToString(), (await GetAsync(node, "/console/jobs?state=done", steward)).Page, StringComparison.Ordinal);
        Assert.DoesNotContain(job.Id.ToString(), (await GetAsync(node, "/console/jobs?state=failed", steward)).Page, StringComparison.Ordinal);
        Assert.Contains("there is no such one", (await GetAsync(node, "/console/jobs?state=cooked", steward)).Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_goes_on_where_its_page_ends()
    {
        await using var node = await ServingNode.StartAsync();
        for (var i = 0; i < 60; i++)
            await DecidedJobs.AdmitAsync(node.Services, Requester.Local.Name, $"q{i}");
        var (_, first) = await GetAsync(node, "/console/jobs", null);
        var older = first[first.IndexOf("/console/jobs?before=", StringComparison.Ordinal)..].Split('"')[0];
        var (_, second) = await GetAsync(node, older, null);
        Assert.Equal((50, 10), (Rows(first), Rows(second)));
        Assert.DoesNotContain("Older", second, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stewards_decide_on_the_page_of_a_held_release_without_its_result_and_without_a_colleagues_word()
    {
        await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with
        {
            Disclosure = OpenPolicy.Options with { Review = new ReviewOptions { Projects = ["*"], Approvals = 2 } },
        });
        var (first, second) = (await node.RegisterAsync("first", Roles.Steward), await node.RegisterAsync("second", Roles.Steward | Roles.Auditor));
        var auditor = await node.RegisterAsync("eve", Roles.Auditor);
        await node.RegisterAsync("asker", Roles.Requester);
        var job = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a"));
        var path = $"/console/reviews/{job.Id}";

        Assert.Contains(job.Id.ToString(), (await GetAsync(node, "/console/reviews", first)).Page, StringComparison.Ordinal);
        var (_, page) = await GetAsync(node, path, first);
        Assert.DoesNotContain("0.123", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await DecideAsync(node, path, first, "reject", ""));
        Assert.Equal(HttpStatusCode.SeeOther, await DecideAsync(node, path, first, "approve", "As the protocol says."));
        Assert.DoesNotContain("As the protocol says.", (await GetAsync(node, path, second)).Page, StringComparison.Ordinal);
        Assert.Contains("As the protocol says.", (await GetAsync(node, path, first)).Page, StringComparison.Ordinal);
        // Nor does the audit tell it, but to those who decide about nothing.
        Assert.Equal((1, 0, 1), (await CountVotesAsync(first), await CountVotesAsync(second), await CountVotesAsync(auditor)));
        Assert.Equal(HttpStatusCode.SeeOther, await DecideAsync(node, path, second, "approve", "Agreed."));
        Assert.Equal(JobState.Done, await StateAsync(node, job.Id));
        Assert.Equal(2, await CountVotesAsync(second));
        // A second click is told what the first one did.
        Assert.Equal(HttpStatusCode.SeeOther, await DecideAsync(node, path, second, "approve", "Agreed."));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await DecideAsync(node, path, second, "reject", "No."));

        async Task<int> CountVotesAsync(string reader) => (await GetAsync(node, $"/console/ledger?action=ResultReviewed&job={job.Id}", reader)).Page.Split($"<td>{Words.Name(AuditAction.ResultReviewed)}</td>").Length - 1;
    }

    [Fact]
    public async Task What_a_page_shows_of_the_audit_is_an_entry_of_the_audit_and_the_chain_is_verified_by_a_button()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var auditor = await node.RegisterAsync("eve", Roles.Auditor);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(node, "/console/ledger?action=RequesterAdded", auditor)).Status);
        Assert.Contains(await node.AuditAsync(), entry => entry.Action == AuditAction.AuditRead && entry.Actor == "eve" && entry.Detail.Contains("\"format\":\"page\"", StringComparison.Ordinal));
        // The list would fill with readings of itself: they are there for the asking.
        var reading = $"<td>{Words.Name(AuditAction.AuditRead)}</td>";
        Assert.DoesNotContain(reading, (await GetAsync(node, "/console/ledger", auditor)).Page, StringComparison.Ordinal);
        Assert.Contains(reading, (await GetAsync(node, "/console/ledger?action=AuditRead", auditor)).Page, StringComparison.Ordinal);
        using var verified = await node.SendAsync(HttpMethod.Post, "/console/ledger/verify", auditor, new FormUrlEncodedContent([]));
        Assert.Contains("Unbroken", await verified.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_can_be_asked_without_a_script()
    {
        await using var node = await ServingNode.StartAsync();
        var map = await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop);
        // A browser sends the fields that nothing was written into, too.
        (string, string?)[] rest = [("score", "dot"), ("stat", "pearson"), ("alternative", "two-sided"), ("mask", ""), ("null", ""), ("filters", "{}"), ("covariates", "")];
        using var wrong = TinySite.Form(map, [("outcome", "mood"), .. rest]);
        using var refused = await node.Client.PostAsync(new Uri("/console/ask", UriKind.Relative), wrong, Stop);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        var page = WebUtility.HtmlDecode(await refused.Content.ReadAsStringAsync(Stop));
        Assert.Contains("""<a href="#outcome">Outcome: unknown outcome""", page, StringComparison.Ordinal);
        Assert.Matches("""id="outcome-f">Outcome: unknown outcome.*<select id="outcome"[^>]* aria-describedby="outcome-f" aria-invalid="true">""", page);
        using var right = TinySite.Form(map, [("outcome", "UPDRS_change"), .. rest]);
        using var taken = await node.Client.PostAsync(new Uri("/console/ask", UriKind.Relative), right, Stop);
        Assert.True(taken.StatusCode == HttpStatusCode.SeeOther, await taken.Content.ReadAsStringAsync(Stop));
        Assert.StartsWith("/console/jobs/", taken.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_is_checked_for_nothing_and_no_job_is_made()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Disclosure = OpenPolicy.Options with { QueriesPerWeek = 1 } });
        var map = await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop);
        for (var time = 0; time < 2; time++)
        {
            using var right = TinySite.Form(map, [("outcome", "UPDRS_change"), ("filters", "{}")]);
            using var sound = await node.Client.PostAsync(new Uri("/console/ask/check", UriKind.Relative), right, Stop);
            Assert.Equal("""{"maps":1,"faults":[],"words":"Nothing is wrong with it. It would be one question, and none was asked yet."}""", await sound.Content.ReadAsStringAsync(Stop));
        }

        using var wrong = TinySite.Form(map, [("outcome", "mood"), ("filters", """{"mood":"low"}""")]);
        using var faulty = await node.Client.PostAsync(new Uri("/console/ask/check", UriKind.Relative), wrong, Stop);
        Assert.Matches("Outcome: unknown outcome.*Who", await faulty.Content.ReadAsStringAsync(Stop));
        Assert.Equal(2, (await node.AuditAsync()).Count(entry => entry.Action == AuditAction.RequestChecked && entry.Actor == Requester.Local.Name));
        await using var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
        Assert.Empty(await db.Set<Job>().ToListAsync(Stop));
    }

    [Fact]
    public async Task Whose_access_was_revoked_is_shown_no_page_any_more()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var sam = new PersonBrowser(node);
        await sam.SetUpAsync(await node.InviteAsync("sam", Roles.Steward));
        var olga = await node.RegisterAsync("olga", Roles.Operator);
        Assert.Contains("sam", await sam.GetAsync("/console"), StringComparison.Ordinal);
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("name", "sam")]);
        using var revoked = await node.SendAsync(HttpMethod.Post, "/console/people/revoke", olga, form);
        Assert.Equal(HttpStatusCode.SeeOther, revoked.StatusCode);
        foreach (var route in AccessTable.Endpoints.Where(entry => entry.Key.StartsWith("GET /console", StringComparison.Ordinal) && entry.Value != Access.Open))
        {
            var path = route.Key["GET ".Length..].Replace("{id:guid}", $"{Guid.NewGuid()}", StringComparison.Ordinal).Replace("{key}", ServingNode.Model, StringComparison.Ordinal).Replace("{name}", "STN", StringComparison.Ordinal);
            var (status, _, answer) = await sam.SendAsync(HttpMethod.Get, path);
            Assert.True(status == HttpStatusCode.SeeOther && answer.Headers.Location!.ToString().StartsWith("/sign-in", StringComparison.Ordinal), $"{path}: {status} {answer.Headers.Location}");
        }
    }

    [Theory]
    [InlineData("check", "Check ended", "conn_path names a file that does not exist")]
    [InlineData("ingest", "of 26</strong>", "Ingest ended")]
    public async Task A_steward_has_the_volumes_read_and_follows_it_to_its_end(string what, params string[] said)
    {
        await using var node = await ServingNode.StartAsync();
        using var begun = await node.Client.PostAsync(new Uri($"/console/data/{what}", UriKind.Relative), new FormUrlEncodedContent([]), Stop);
        Assert.Equal(HttpStatusCode.SeeOther, begun.StatusCode);
        var page = "";
        await Wait.UntilAsync(async () => (page = (await GetAsync(node, "/console/data", null)).Page).Contains(" ended</h2>", StringComparison.Ordinal), "the end of the reading");
        Assert.All(said, part => Assert.Contains(part, page, StringComparison.Ordinal));
        Assert.Contains(await node.AuditAsync(), entry => entry.Action == AuditAction.DataRead && entry.Actor == Requester.Local.Name);
    }

    [Fact]
    public async Task What_happens_on_the_node_is_told_to_an_open_page()
    {
        await using var node = await ServingNode.StartAsync();
        var seen = await node.Client.GetStringAsync(new Uri("/console/changes", UriKind.Relative), Stop);
        var next = node.Client.GetStringAsync(new Uri($"/console/changes?seen={seen}", UriKind.Relative), Stop);
        await DecidedJobs.AdmitAsync(node.Services, Requester.Local.Name, "q");
        Assert.NotEqual(seen, await next);
    }

    [Fact]
    public async Task Of_many_pages_that_are_left_open_a_few_wait_and_the_others_are_answered_at_once()
    {
        await using var node = await ServingNode.StartAsync();
        var seen = await node.Client.GetStringAsync(new Uri("/console/changes", UriKind.Relative), Stop);
        using var closed = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var open = Enumerable.Range(0, 12).Select(_ => node.Client.GetStringAsync(new Uri($"/console/changes?seen={seen}", UriKind.Relative), closed.Token)).ToList();
        for (var answered = 0; answered < 4; answered++)
        {
            var one = await Task.WhenAny(open);
            Assert.Equal(seen, await one);
            open.Remove(one);
        }

        await closed.CancelAsync();
        await ((Task)Task.WhenAll(open)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        Assert.All(open, one => Assert.True(one.IsCanceled));
    }

    internal static async Task<(HttpStatusCode Status, string Page)> GetAsync(ServingNode node, string path, string? key)
    {
        using var answer = await node.SendAsync(HttpMethod.Get, path, key);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    private static async Task<HttpStatusCode> DecideAsync(ServingNode node, string path, string key, string decision, string why)
    {
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("decision", decision), KeyValuePair.Create("why", why)]);
        using var answer = await node.SendAsync(HttpMethod.Post, path, key, form);
        return answer.StatusCode;
    }

    private static async Task<JobState> StateAsync(ServingNode node, Guid job)
    {
        await using var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
        return (await db.Set<Job>().SingleAsync(row => row.Id == job, Stop)).State;
    }

    private static int Rows(string page) => page.Split("<tr><th scope=\"row\">").Length - 1;
}
