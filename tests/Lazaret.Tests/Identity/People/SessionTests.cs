using System.Net;
using System.Text;
using Lazaret.Node.Audit;
using Lazaret.Node.Http;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People;
using Lazaret.Node.Identity.People.Accounts;
using Lazaret.Node.Identity.People.Sessions;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity.Tokens;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Lazaret.Tests.Identity.People;

public sealed class SessionTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cookie_that_was_stolen_is_worth_nothing_after_sign_out_on_any_process()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        await using var other = await node.BesideAsync();
        using var browser = new PersonBrowser(node);
        await browser.SetUpAsync(await node.InviteAsync("ada"));
        var stolen = browser.Session!;
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await AskAsync(node, stolen), await AskAsync(other, stolen)));

        var (status, _, _) = await browser.SubmitAsync("/sign-in", "/sign-out");
        Assert.Equal((HttpStatusCode.SeeOther, null), (status, browser.Session));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (await AskAsync(node, stolen), await AskAsync(other, stolen)));
        Assert.Equal(2, (await node.AuditAsync(AuditAction.AuthenticationRefused)).Count);
        Assert.Single(await node.AuditAsync(), entry => entry is { Action: AuditAction.SignedOut, Actor: "ada" });
    }

    [Fact]
    public async Task Somebody_signs_out_in_every_browser_at_once()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var here = new PersonBrowser(node);
        using var lost = new PersonBrowser(node);
        using var bea = new PersonBrowser(node);
        var secret = await here.SetUpAsync(await node.InviteAsync("ada"));
        await bea.SetUpAsync(await node.InviteAsync("bea"));
        Assert.Equal(HttpStatusCode.SeeOther, (await lost.SignInAsync("ada", Accounts.Password, Accounts.CodeOf(secret, 1))).Status);
        Assert.Contains("Sign out in every browser", await here.GetAsync("/sign-in"), StringComparison.Ordinal);
        await here.SubmitAsync("/sign-in", "/sign-out", ("everywhere", "yes"));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await AskAsync(node, lost.Session!), await AskAsync(node, bea.Session!)));
        Assert.Contains(await node.AuditAsync(), entry => entry is { Action: AuditAction.SignedOut, Actor: "ada" } && entry.Detail.Contains("\"sessions\":2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_revocation_ends_the_sessions_on_every_process()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        await using var other = await node.BesideAsync();
        using var browser = new PersonBrowser(node);
        var secret = await browser.SetUpAsync(await node.InviteAsync("ada"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(other, browser.Session!));
        await node.Services.GetRequiredService<PeopleDirectory>().RevokeAsync("ada", AuditEntry.Operator, Stop);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (await AskAsync(node, browser.Session!), await AskAsync(other, browser.Session!)));
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SignInAsync("ada", Accounts.Password, Accounts.CodeOf(secret, 1))).Status);
    }

    [Fact]
    public async Task A_sign_in_gives_a_new_id_and_ends_the_old_one()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var browser = new PersonBrowser(node);
        var secret = await browser.SetUpAsync(await node.InviteAsync("ada"));
        var before = browser.Session!;
        // Also by an address in other letters, which routing takes for the same.
        var page = PersonBrowser.Hidden(await browser.GetAsync("/sign-in/setup"));
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync("/SIGN-IN", page, ("name", "ada"), ("password", Accounts.Password), ("code", Accounts.CodeOf(secret, 1)))).Status);
        Assert.NotEqual(before, browser.Session);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await AskAsync(node, before), await AskAsync(node, browser.Session!)));
    }

    [Fact]
    public async Task Another_site_s_page_does_nothing_with_a_session()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var browser = new PersonBrowser(node);
        await browser.SetUpAsync(await node.InviteAsync("ada", Roles.Requester));
        var own = browser.Node.GetLeftPart(UriPartial.Authority);
        var path = $"/jobs/{Guid.NewGuid()}";
        foreach (var (site, origin) in new[] { ("cross-site", "https://evil.example"), ("same-site", null), ("none", null), (null, "https://evil.example"), (null, "null"), ("same-origin", "https://evil.example"), ("cross-site", own), (null, null) })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await browser.SendAsync(HttpMethod.Delete, path, null, site, origin)).Status);
            using var form = new StringContent("name=ada", Encoding.UTF8, "application/x-www-form-urlencoded");
            Assert.Equal(HttpStatusCode.BadRequest, (await browser.SendAsync(HttpMethod.Post, "/sign-in", form, site, origin)).Status);
            using var text = new StringContent("{}", Encoding.UTF8, "text/plain");
            Assert.Equal(HttpStatusCode.BadRequest, (await browser.SendAsync(HttpMethod.Post, "/sign-out", text, site, origin)).Status);
        }

        Assert.NotNull(await browser.WhoAmIAsync());
        foreach (var (site, origin) in new[] { ("same-origin", own), ("same-origin", null), (null, own) })
            Assert.Equal(HttpStatusCode.NotFound, (await browser.SendAsync(HttpMethod.Delete, path, null, site, origin)).Status);
        // A key is no cookie: no browser adds it by itself.
        using var byKey = await node.SendAsync(HttpMethod.Delete, path, await node.RegisterAsync("bot", Roles.Requester));
        Assert.Equal(HttpStatusCode.NotFound, byKey.StatusCode);
    }

    [Fact]
    public async Task A_web_socket_of_another_site_s_page_brings_nobody()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var browser = new PersonBrowser(node);
        await browser.SetUpAsync(await node.InviteAsync("ada"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/session");
        request.Headers.Add("Cookie", $"lazaret={browser.Session}");
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.ParseAdd("websocket");
        request.Headers.Add("Origin", "https://evil.example");
        using var answer = await node.Client.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_form_without_the_token_of_its_page_is_refused()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var browser = new PersonBrowser(node);
        using var stranger = new PersonBrowser(node);
        var foreign = PersonBrowser.Hidden(await stranger.GetAsync("/sign-in"));
        await browser.GetAsync("/sign-in");
        foreach (var hidden in new[] { new Dictionary<string, string>(), foreign, new Dictionary<string, string> { ["form_token"] = "x" } })
            Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostAsync("/sign-in", hidden, ("name", "ada"))).Status);
    }

    [Theory]
    [InlineData("/sign-in", HttpStatusCode.BadRequest)]
    [InlineData("/sign-in/setup", HttpStatusCode.BadRequest)]
    [InlineData($"/console/models/{ServingNode.Model}", HttpStatusCode.OK)]
    public async Task A_form_that_breaks_off_is_its_sender_s_fault(string path, HttpStatusCode expected)
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var torn = new StringContent("--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nada");
        torn.Headers.ContentType = new("multipart/form-data") { Parameters = { new("boundary", "x") } };
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = torn };
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        request.Headers.Authorization = new("Bearer", await node.RegisterAsync("bot", Roles.Requester));
        using var answer = await node.Client.SendAsync(request, Stop);
        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task A_session_ends_when_it_is_idle_and_when_its_hours_are_over()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        await node.InviteAsync("ada");
        await node.ChangeAsync(db => db.Set<Person>().ExecuteUpdateAsync(set => set.SetProperty(p => p.PasswordHash, "set up"), Stop));
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var store = new SessionStore(node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>(), new AuthOptions { Modes = [AuthModes.Accounts] }, time);
        var ticket = new AuthenticationTicket(new Requester("ada", Roles.Steward).ToPrincipal(AuthModes.Accounts), "session");

        var idle = await store.StoreAsync(ticket, Stop);
        time.Advance(TimeSpan.FromMinutes(14));
        Assert.NotNull(await store.RetrieveAsync(idle, Stop));
        time.Advance(TimeSpan.FromMinutes(14));
        Assert.NotNull(await store.RetrieveAsync(idle, Stop));
        time.Advance(TimeSpan.FromMinutes(15));
        Assert.Null(await store.RetrieveAsync(idle, Stop));

        // Before a page that fetches itself nobody need sit.
        var open = await store.StoreAsync(ticket, Stop);
        var alone = new DefaultHttpContext();
        alone.Request.Headers[SessionStore.Unattended] = "1";
        time.Advance(TimeSpan.FromMinutes(14));
        Assert.NotNull(await store.RetrieveAsync(open, alone, Stop));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await store.RetrieveAsync(open, alone, Stop));

        var busy = await store.StoreAsync(ticket, Stop);
        for (var minutes = 10; minutes < 8 * 60; minutes += 10)
        {
            time.Advance(TimeSpan.FromMinutes(10));
            Assert.NotNull(await store.RetrieveAsync(busy, Stop));
        }

        time.Advance(TimeSpan.FromMinutes(10));
        Assert.Null(await store.RetrieveAsync(busy, Stop));
        // The next sign-in drops both rows.
        await store.StoreAsync(ticket, Stop);
        await node.ChangeAsync(async db => Assert.Single(await db.Set<BrowserSession>().ToListAsync(Stop)));
    }

    [Fact]
    public async Task The_cookie_is_bound_to_this_host_and_out_of_scripts_reach()
    {
        await using var node = await ServingNode.StartAsync(options => Accounts.Have(options) with { Http = new HttpOptions { PublicUrl = "https://lazaret.hospital.example" } });
        using var browser = new PersonBrowser(node);
        var (_, page, _) = await browser.SubmitAsync("/sign-in/setup", "/sign-in/setup", ("link", await node.InviteAsync("ada")));
        var (_, _, answer) = await browser.PostAsync(
            "/sign-in/setup/password", PersonBrowser.Hidden(page), ("password", Accounts.Password), ("again", Accounts.Password), ("code", Accounts.CodeOf(Accounts.SecretOf(page))));
        var cookie = answer.Headers.GetValues("Set-Cookie").Single(set => set.StartsWith("__Host-lazaret=", StringComparison.Ordinal));
        Assert.Equal("path=/; secure; samesite=strict; httponly", cookie[(cookie.IndexOf(';', StringComparison.Ordinal) + 2)..]);
        var secret = cookie[(cookie.IndexOf('=', StringComparison.Ordinal) + 1)..cookie.IndexOf(';', StringComparison.Ordinal)];
        // What the database holds is not what the cookie holds.
        await node.ChangeAsync(async db => Assert.DoesNotContain(secret, (await db.Set<BrowserSession>().SingleAsync(Stop)).Id, StringComparison.Ordinal));
        // Under the name without the prefix it is nobody's.
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(node, secret));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(node, secret, "__Host-lazaret"));
    }

    [Fact]
    public async Task Nobody_signs_in_where_others_could_read_it()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var browser = new PersonBrowser(node);
        await browser.SetUpAsync(await node.InviteAsync("ada"));
        foreach (var (path, expected) in new[] { ("/sign-in", HttpStatusCode.BadRequest), ("/sign-in/setup", HttpStatusCode.BadRequest), ("/session", HttpStatusCode.Unauthorized) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Host = "lazaret.hospital.example";
            request.Headers.Add("Cookie", $"lazaret={browser.Session}");
            using var answer = await node.Client.SendAsync(request, Stop);
            Assert.Equal(expected, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Processes_share_their_keys_which_lie_nowhere_in_clear()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        await using var other = await node.BesideAsync();
        using var browser = new PersonBrowser(node);
        using var beside = new PersonBrowser(other);
        var hidden = PersonBrowser.Hidden(await browser.GetAsync("/sign-in"));
        beside.Cookies.Add(beside.Node, new Cookie("lazaret-form", browser.Cookies.GetCookies(browser.Node)["lazaret-form"]!.Value));
        // The form of one process is taken by the other; it fails for its content only.
        Assert.Equal(HttpStatusCode.Forbidden, (await beside.PostAsync("/sign-in", hidden, ("name", "x"))).Status);

        await node.ChangeAsync(async db =>
        {
            var key = Assert.Single(await db.Set<ProtectionKey>().ToListAsync(Stop));
            Assert.DoesNotContain("masterKey", Encoding.Latin1.GetString(key.Content), StringComparison.Ordinal);
            Assert.Contains("masterKey", key.Open(node.Services.GetRequiredService<RecordSeal>()).ToString(), StringComparison.Ordinal);
        });
    }

    private static async Task<HttpStatusCode> AskAsync(ServingNode node, string session, string cookie = "lazaret")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/session");
        request.Headers.Add("Cookie", $"{cookie}={session}");
        using var answer = await node.Client.SendAsync(request, Stop);
        return answer.StatusCode;
    }
}
