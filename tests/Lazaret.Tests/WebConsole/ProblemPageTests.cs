using System.Net;
using Lazaret.Node.Identity;
using Lazaret.Node.Releases.Reviews;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity;
using Lazaret.Tests.Identity.People;
using Lazaret.Tests.Releases;

namespace Lazaret.Tests.WebConsole;

/// <summary>What a browser is told where it does not get the page that it asked for.</summary>
public sealed class ProblemPageTests
{
    [Fact]
    public async Task Whose_session_ended_is_told_how_to_keep_what_they_typed_and_comes_back_to_the_page_that_they_left()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var sam = new PersonBrowser(node);
        var secret = await sam.SetUpAsync(await node.InviteAsync("sam"));
        Assert.Equal(HttpStatusCode.SeeOther, (await sam.SubmitAsync("/sign-in", "/sign-out")).Status);
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("why", "Long thoughts.")]);
        var (status, page, _) = await sam.SendAsync(HttpMethod.Post, $"/console/reviews/{Guid.NewGuid()}", form, origin: node.Client.BaseAddress!.ToString().TrimEnd('/'));
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Contains("<h1>Your session has ended</h1>", page, StringComparison.Ordinal);
        Assert.Contains("some browsers keep what you typed", page, StringComparison.Ordinal);

        (status, _, var led) = await sam.SendAsync(HttpMethod.Get, "/console/jobs?state=done");
        Assert.Equal((HttpStatusCode.SeeOther, "/sign-in"), (status, led.Headers.Location!.ToString()));
        // Of the next half minute: nobody signs in twice with one code.
        Assert.Equal(HttpStatusCode.SeeOther, (await sam.SignInAsync("sam", Accounts.Password, Accounts.CodeOf(secret, 1))).Status);
        (status, _, var back) = await sam.SendAsync(HttpMethod.Get, "/sign-in");
        Assert.Equal((HttpStatusCode.SeeOther, "/console/jobs?state=done"), (status, back.Headers.Location!.ToString()));
        // Once.
        Assert.Contains("You are signed in", await sam.GetAsync("/sign-in"), StringComparison.Ordinal);
        foreach (var elsewhere in new[] { "//evil.example/console", "https://evil.example/console", "/console.evil.example", "/\\evil.example", "/console\\..", "/signed-out" })
        {
            sam.Cookies.Add(node.Client.BaseAddress!, new Cookie("lazaret-return", Uri.EscapeDataString(elsewhere), "/sign-in"));
            Assert.Contains("You are signed in", await sam.GetAsync("/sign-in"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_browser_gets_a_page_for_what_a_program_gets_a_problem_for()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var ada = await node.RegisterAsync("ada", Roles.Requester);
        foreach (var (path, status, words) in new[] { ("/console/jobs/0198", HttpStatusCode.NotFound, "There is nothing at /console/jobs/0198."), ("/console/reviews", HttpStatusCode.Forbidden, "Your role is requester; this needs steward or auditor.") })
        {
            foreach (var accept in new[] { "text/html,*/*;q=0.8", "*/*" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept", accept }, { "Authorization", $"Bearer {ada}" } } };
                using var answer = await node.Client.SendAsync(request, TestContext.Current.CancellationToken);
                Assert.Equal((status, accept[0] == 't' ? "text/html" : "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
                Assert.Contains(words, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
                Assert.Equal(accept[0] == 't', answer.Headers.Contains("Content-Security-Policy") && answer.Headers.GetValues("Content-Security-Policy").Single().Contains("style-src 'self'", StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task A_decision_that_is_refused_comes_back_with_its_choice_and_its_reason_and_a_line_break_counts_once()
    {
        await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Disclosure = OpenPolicy.Options with { Review = new ReviewOptions { Projects = ["*"] } } });
        var sam = await node.RegisterAsync("sam", Roles.Steward);
        var job = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a"));
        var (status, page) = await DecideAsync("ask", new string('x', ReviewRuling.LongestWhy + 1));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains($">{new string('x', ReviewRuling.LongestWhy + 1)}</textarea>", page, StringComparison.Ordinal);
        Assert.Matches("value=\"ask\" (required )?checked", page);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await DecideAsync("reject", " ")).Status);
        // As a browser sends them, of which a textarea's limit counts one each.
        Assert.Equal(HttpStatusCode.SeeOther, (await DecideAsync("ask", string.Concat(Enumerable.Repeat("x\r\n", ReviewRuling.LongestWhy / 2 - 1)) + "x")).Status);
        // Approving needs no reason.
        Assert.Equal(HttpStatusCode.SeeOther, (await DecideAsync("approve", "")).Status);

        async Task<(HttpStatusCode Status, string Page)> DecideAsync(string decision, string why)
        {
            using var form = new FormUrlEncodedContent([KeyValuePair.Create("decision", decision), KeyValuePair.Create("why", why)]);
            using var decided = await node.SendAsync(HttpMethod.Post, $"/console/reviews/{job.Id}", sam, form);
            return (decided.StatusCode, await decided.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }
}
