using System.Net;
using System.Text;
using Lazaret.Node.Audit;
using Lazaret.Node.Http;
using Lazaret.Node.Identity.People;
using Lazaret.Node.Identity.People.Accounts;
using Lazaret.Tests.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Identity.People;

/// <summary>Passkeys in a real browser: the page's script, the browser's WebAuthn, and the node.</summary>
public sealed class PasskeyTests
{
    private const string Fault = "!document.querySelector('#fault').hidden && document.querySelector('#fault').textContent";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"credential":null}""")]
    [InlineData("""{"credential":"x"}""")]
    [InlineData("""{"credential":7}""")]
    [InlineData("""{"credential":[]}""")]
    [InlineData("""{"credential":{}}""")]
    [InlineData("""{"credential":{"id":"a","rawId":"%%","type":"public-key","response":{}}}""")]
    [InlineData("""{"credential":{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"AA","authenticatorData":"AA","signature":"AA"},"clientExtensionResults":{}}}""")]
    public async Task What_is_no_passkey_is_refused_and_in_the_audit_also_where_a_sign_in_has_begun(string proof)
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var browser = new PersonBrowser(node);
        Assert.Equal(HttpStatusCode.OK, (await browser.SendAsync(HttpMethod.Post, "/sign-in/passkey/options", new StringContent("{}", Encoding.UTF8, "application/json"))).Status);
        var (status, body, _) = await browser.SendAsync(HttpMethod.Post, "/sign-in/passkey", new StringContent(proof, Encoding.UTF8, "application/json"));
        Assert.True(status == HttpStatusCode.Forbidden, body);
        Assert.Single(await node.AuditAsync(), entry => entry.Action == AuditAction.AuthenticationRefused);
    }

    [Fact]
    public async Task A_person_makes_a_passkey_by_their_link_and_signs_in_with_it_alone()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        await using var browser = await Chromium.StartAsync();
        var authenticator = await browser.AddAuthenticatorAsync();
        var link = await node.InviteAsync("ada");
        var site = $"http://localhost:{node.Client.BaseAddress!.Port}";

        // 1. The link leads to the page with both ways, and out of the address.
        await browser.GoAsync($"{site}/sign-in/setup#{link}");
        await browser.UntilAsync("document.querySelector('[data-passkey=set-up]')");
        Assert.Equal("", (await browser.EvaluateAsync("location.hash"))!.GetValue<string>());
        await PictureAsync(browser, "setup");
        await browser.EvaluateAsync("document.querySelector('[data-passkey=set-up]').click()");
        await browser.UntilAsync("document.querySelector('form[action=\"/sign-out\"]')");
        Assert.Equal("ada accounts steward", await WhoAsync(browser));
        Assert.Single((await browser.CallAsync("WebAuthn.getCredentials", new() { ["authenticatorId"] = authenticator }))["credentials"]!.AsArray());
        await node.ChangeAsync(async db => Assert.Single(await db.Set<IdentityUserPasskey<Guid>>().ToListAsync(Stop)));

        // 2. Signing out by the page.
        await browser.GoAsync($"{site}/sign-in");
        await browser.UntilAsync("document.querySelector('form[action=\"/sign-out\"]')");
        await PictureAsync(browser, "signed-in");
        await browser.EvaluateAsync("document.querySelector('form[action=\"/sign-out\"] button').click()");
        await browser.UntilAsync("document.querySelector('[data-passkey=sign-in]')");
        Assert.Equal("", await WhoAsync(browser));
        await PictureAsync(browser, "sign-in");

        // 3. Signing in by the passkey, without a name; twice, so that its counter is seen to be kept.
        for (var i = 0; i < 2; i++)
        {
            await browser.GoAsync($"{site}/sign-in");
            await browser.UntilAsync("document.querySelector('[data-passkey=sign-in]')");
            await browser.EvaluateAsync("document.querySelector('[data-passkey=sign-in]').click()");
            await browser.UntilAsync("document.querySelector('form[action=\"/sign-out\"]')");
            Assert.Equal("ada accounts steward", await WhoAsync(browser));
            await browser.EvaluateAsync("fetch('/sign-out', {method: 'POST'}).then(() => 1)");
            Assert.Equal("", await WhoAsync(browser));
        }

        // 4. The link was used up.
        await browser.GoAsync($"{site}/sign-in/setup?again#{link}");
        await browser.UntilAsync(Fault);
        Assert.Contains("was used already", (await browser.EvaluateAsync(Fault))!.GetValue<string>(), StringComparison.Ordinal);
        await PictureAsync(browser, "link-over");

        // 5. A passkey of somebody who was revoked.
        await node.Services.GetRequiredService<PeopleDirectory>().RevokeAsync("ada", AuditEntry.Operator, Stop);
        await browser.GoAsync($"{site}/sign-in");
        await browser.UntilAsync("document.querySelector('[data-passkey=sign-in]')");
        await browser.EvaluateAsync("document.querySelector('[data-passkey=sign-in]').click()");
        await browser.UntilAsync(Fault);
        Assert.Contains("does not know this passkey", (await browser.EvaluateAsync(Fault))!.GetValue<string>(), StringComparison.Ordinal);
        await PictureAsync(browser, "refused");
        Assert.Equal("", await WhoAsync(browser));
        Assert.Equal(3, (await node.AuditAsync()).Count(entry => entry is { Action: AuditAction.SignedIn, Actor: "ada" }));
    }

    [Fact]
    public async Task A_new_link_in_the_same_tab_is_taken_and_leaves_the_address()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        await using var browser = await Chromium.StartAsync();
        var site = $"http://localhost:{node.Client.BaseAddress!.Port}";
        await browser.GoAsync($"{site}/sign-in/setup#{await node.InviteAsync("ada")}");
        await browser.UntilAsync("document.querySelector('main strong')?.textContent === 'ada'");
        // The address differs behind the # alone: the browser loads nothing. First from the page of a link, then from the form for one.
        foreach (var name in new[] { "bob", "eve" })
        {
            await browser.EvaluateAsync($"location.hash = '{await node.InviteAsync(name)}'");
            await browser.UntilAsync($"document.querySelector('main strong')?.textContent === '{name}'");
            Assert.Equal($"{site}/sign-in/setup", (await browser.EvaluateAsync("location.href"))!.GetValue<string>());
            await browser.GoAsync($"{site}/sign-in/setup");
            await browser.UntilAsync("document.querySelector('form[data-begin]')");
        }
    }

    [Theory]
    [InlineData("localhost", "", true)]
    [InlineData("127.0.0.1", "", false)]
    [InlineData("[::1]", "", false)]
    [InlineData("localhost", "https://lazaret.hospital.example", true)]
    [InlineData("localhost", "https://192.0.2.7", false)]
    public async Task A_passkey_is_offered_where_the_node_has_a_name(string host, string publicUrl, bool offered)
    {
        await using var node = await ServingNode.StartAsync(options => Accounts.Have(options) with { Http = new HttpOptions { PublicUrl = publicUrl } });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/sign-in");
        request.Headers.Host = $"{host}:{node.Client.BaseAddress!.Port}";
        using var answer = await node.Client.SendAsync(request, Stop);
        var page = await answer.Content.ReadAsStringAsync(Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(offered, page.Contains("data-passkey", StringComparison.Ordinal));
        // Where there is a name besides, the page says it.
        Assert.Equal(!offered && publicUrl.Length == 0, page.Contains($"http://localhost:{node.Client.BaseAddress.Port}/sign-in\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_policy_of_the_pages_lets_no_other_script_run()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        await using var browser = await Chromium.StartAsync();
        await browser.GoAsync($"http://localhost:{node.Client.BaseAddress!.Port}/sign-in");
        await browser.UntilAsync("document.querySelector('[data-passkey]')");
        await browser.EvaluateAsync("const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s); document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran = 2\">')");
        await browser.EvaluateAsync("new Promise(done => setTimeout(done, 100))");
        Assert.Null(await browser.EvaluateAsync("window.ran"));
        // Every field has a label, and the stylesheet came.
        Assert.Equal(0, (await browser.EvaluateAsync("[...document.querySelectorAll('input:not([type=hidden])')].filter(field => field.labels.length !== 1 || !field.autocomplete).length"))!.GetValue<int>());
        Assert.NotEqual(0, (await browser.EvaluateAsync("document.styleSheets[0].cssRules.length"))!.GetValue<int>());
    }

    [Theory]
    [InlineData("{\"credential\":{}}")]
    [InlineData("{\"credential\":null}")]
    [InlineData("{\"credential\":[1,2]}")]
    [InlineData("{\"credential\":{\"id\":\"AAAA\",\"rawId\":\"AAAA\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"e30\",\"authenticatorData\":\"AAAA\",\"signature\":\"AAAA\",\"userHandle\":\"AAAA\"},\"clientExtensionResults\":{}}}")]
    public async Task A_passkey_that_is_none_is_refused_with_and_without_a_challenge(string body)
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var browser = new PersonBrowser(node);
        var link = await node.InviteAsync("ada");
        foreach (var (options, path, sent) in new[]
        {
            ("/sign-in/passkey/options", "/sign-in/passkey", body), ("/sign-in/setup/passkey/options", "/sign-in/setup/passkey", $"{{\"link\":\"{link}\",{body[1..]}"),
        })
        {
            await PostAsync(path, sent, HttpStatusCode.Forbidden);
            await PostAsync(options, $"{{\"link\":\"{link}\"}}", HttpStatusCode.OK);
            await PostAsync(path, sent, HttpStatusCode.Forbidden);
        }

        Assert.Null(browser.Session);
        await node.ChangeAsync(async db => Assert.Null((await db.Set<SetupLink>().SingleAsync(Stop)).UsedAt));

        async Task PostAsync(string path, string json, HttpStatusCode expected)
        {
            using var content = new StringContent(json, Encoding.UTF8, "application/json");
            Assert.Equal(expected, (await browser.SendAsync(HttpMethod.Post, path, content)).Status);
        }
    }

    // On the page of sign-in: the policy of the first page lets no script ask.
    private static async Task<string> WhoAsync(Chromium browser)
    {
        await browser.EvaluateAsync("location.assign('/sign-in')");
        await browser.UntilAsync("location.pathname === '/sign-in' && document.readyState === 'complete' && document.querySelector('main')");
        return (await browser.EvaluateAsync("fetch('/session').then(answer => answer.ok ? answer.json() : null).then(who => who === null ? '' : `${who.name} ${who.mode} ${who.roles}`)"))!.GetValue<string>();
    }

    // LAZARET_PICTURES names a folder for those who want to see the pages.
    private static async Task PictureAsync(Chromium browser, string name)
    {
        if (Environment.GetEnvironmentVariable("LAZARET_PICTURES") is not { } folder)
            return;
        foreach (var (dark, width) in new[] { (false, 900), (true, 400) })
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{name}-{(dark ? "dark" : "light")}.png"), await browser.PictureAsync(dark, width), Stop);
    }
}
