using System.Net;
using System.Security.Cryptography;
using System.Text;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Http;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People;
using Lazaret.Node.Identity.People.Provider;
using Lazaret.Tests.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace Lazaret.Tests.Identity.People;

public sealed class ProviderTests : IDisposable
{
    private static readonly HttpClient Web = new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_of_the_hospital_signs_in_and_what_the_provider_says_of_them_is_their_role()
    {
        await using var provider = await TestProvider.StartAsync();
        await using var node = await StartAsync(provider);
        await using var other = await node.BesideAsync();
        using var browser = new PersonBrowser(node);
        Assert.Contains("/sign-in/provider", await browser.GetAsync("/sign-in"), StringComparison.Ordinal);

        var (status, _, answer) = await ComeBackAsync(browser, await LeaveAsync(browser));
        Assert.Equal((HttpStatusCode.Found, "/sign-in"), (status, answer.Headers.Location!.ToString()));
        Assert.Contains(answer.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("lazaret=", StringComparison.Ordinal) && cookie.EndsWith("path=/; samesite=lax; httponly", StringComparison.Ordinal));
        var who = (await browser.WhoAmIAsync())!.Value;
        Assert.Equal(("oidc/ada", "oidc", "steward", "Ada Lovelace"), (who.GetProperty("name").GetString(), who.GetProperty("mode").GetString(), who.GetProperty("roles")[0].GetString(), who.GetProperty("display_name").GetString()));
        Assert.NotEmpty(provider.Redeemed!["code_verifier"].ToString());
        Assert.Single(await node.AuditAsync(), entry => entry is { Action: AuditAction.SignedIn, Actor: "oidc/ada" });

        var stolen = browser.Session;
        await other.Services.GetRequiredService<PeopleDirectory>().EndSessionsAsync("oidc/ada", AuditEntry.Operator, Stop);
        Assert.Null(await browser.WhoAmIAsync());
        Assert.NotNull(stolen);
    }

    [Fact]
    public async Task Ending_the_sessions_of_somebody_without_any_is_no_sign_out()
    {
        await using var provider = await TestProvider.StartAsync();
        await using var node = await StartAsync(provider);
        Assert.Equal(0, await node.Services.GetRequiredService<PeopleDirectory>().EndSessionsAsync("oidc/nobody", AuditEntry.Operator, Stop));
        Assert.DoesNotContain(await node.AuditAsync(), entry => entry.Action == AuditAction.SignedOut);
    }

    [Fact]
    public async Task Where_the_provider_alone_signs_people_in_there_are_no_pages_of_accounts()
    {
        await using var provider = await TestProvider.StartAsync();
        await using var node = await StartAsync(provider);
        using var browser = new PersonBrowser(node);
        foreach (var path in new[] { "/sign-in/setup", "/sign-in/setup/password", "/sign-in/passkey", "/sign-in/passkey/options", "/sign-in/setup/passkey", "/sign-in/setup/passkey/options" })
            Assert.Equal(HttpStatusCode.NotFound, (await browser.SendAsync(HttpMethod.Post, path)).Status);
    }

    [Fact]
    public async Task Whom_the_provider_gives_no_role_is_told_so()
    {
        await using var provider = await TestProvider.StartAsync();
        await using var node = await StartAsync(provider);
        foreach (var roles in new object[] { "gardeners", "", new[] { "Stewards", "steward" } })
        {
            provider.Claims["roles"] = roles;
            using var browser = new PersonBrowser(node);
            var (status, page, _) = await ComeBackAsync(browser, await LeaveAsync(browser));
            Assert.Equal(HttpStatusCode.Forbidden, status);
            Assert.Contains("says nothing that gives you a role", page, StringComparison.Ordinal);
            Assert.Null(browser.Session);
        }

        Assert.Equal(3, (await node.AuditAsync()).Count(entry => entry is { Action: AuditAction.AccessRefused, Actor: "oidc/ada" }));
        // In the configuration %3A stands for a colon.
        provider.Claims["roles"] = new[] { "auditors", "urn:hospital:stewards" };
        using var both = new PersonBrowser(node);
        await ComeBackAsync(both, await LeaveAsync(both));
        Assert.Equal(2, (await both.WhoAmIAsync())!.Value.GetProperty("roles").GetArrayLength());
    }

    [Fact]
    public async Task An_answer_that_belongs_to_another_sign_in_is_refused()
    {
        await using var provider = await TestProvider.StartAsync();
        await using var node = await StartAsync(provider);
        using var attacker = new PersonBrowser(node);
        using var victim = new PersonBrowser(node);
        var (mine, yours) = (await LeaveAsync(attacker), await LeaveAsync(victim));

        // The attacker's code and state in the victim's browser, the attacker's code under the victim's state, none at all, a state made up, and an answer used twice.
        Assert.Equal(HttpStatusCode.Forbidden, (await ComeBackAsync(victim, mine)).Status);
        var codeOfMine = System.Web.HttpUtility.ParseQueryString(mine.Query)["code"];
        var stateOfYours = System.Web.HttpUtility.ParseQueryString(yours.Query)["state"]!;
        Assert.Equal(HttpStatusCode.Forbidden, (await ComeBackAsync(victim, new Uri(node.Client.BaseAddress!, $"/sign-in/callback?code={codeOfMine}&state={Uri.EscapeDataString(stateOfYours)}"))).Status);
        foreach (var query in new[] { "", "?code=x", "?code=x&state=y", "?error=access_denied", "?error=access_denied&state=y&error_description=<script>" })
        {
            var (status, page, _) = await ComeBackAsync(victim, new Uri(node.Client.BaseAddress!, $"/sign-in/callback{query}"));
            Assert.Equal(HttpStatusCode.Forbidden, status);
            Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
        }

        var again = await LeaveAsync(victim);
        Assert.Equal(HttpStatusCode.Found, (await ComeBackAsync(victim, again)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await ComeBackAsync(victim, again)).Status);
        Assert.Contains(await node.AuditAsync(), entry => entry.Action == AuditAction.AuthenticationRefused);
    }

    [Fact]
    public async Task A_form_is_not_read_where_the_provider_sends_people_back()
    {
        await using var provider = await TestProvider.StartAsync();
        await using var node = await StartAsync(provider);
        // Most of it never comes: who reads it waits.
        using var client = await node.BeginAsync("/sign-in/callback", "application/x-www-form-urlencoded", 30_000_000, "code=x&state="u8.ToArray());
        using var reader = new StreamReader(client.GetStream());
        Assert.Equal("HTTP/1.1 404 Not Found", await reader.ReadLineAsync(Stop));
        using var whole = new FormUrlEncodedContent([KeyValuePair.Create("code", "x"), KeyValuePair.Create("state", "y")]);
        using var answer = await node.Client.PostAsync(new Uri("/sign-in/callback", UriKind.Relative), whole, Stop);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    public static TheoryData<string> Wrongs => ["nonce", "audience", "issuer", "expired", "key", "shared secret", "none", "signature cut off", "no subject", "subject with a newline"];

    [Theory]
    [MemberData(nameof(Wrongs))]
    public async Task A_token_that_does_not_hold_signs_nobody_in(string wrong)
    {
        await using var provider = await TestProvider.StartAsync();
        await using var node = await StartAsync(provider);
        using var strange = RSA.Create(2048);
        provider.Spoil = token =>
        {
            switch (wrong)
            {
                case "nonce":
                    token.Claims["nonce"] = "of another sign-in";
                    break;
                case "audience":
                    token.Audience = "another-client";
                    break;
                case "issuer":
                    token.Issuer = "https://evil.example";
                    break;
                case "expired":
                    (token.NotBefore, token.IssuedAt, token.Expires) = (DateTime.UnixEpoch, DateTime.UnixEpoch, DateTime.UnixEpoch.AddHours(1));
                    break;
                case "key":
                    token.SigningCredentials = new SigningCredentials(new RsaSecurityKey(strange) { KeyId = "one" }, SecurityAlgorithms.RsaSha256);
                    break;
                case "shared secret":
                    token.SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Encoding.ASCII.GetBytes(provider.Key.Rsa.ExportSubjectPublicKeyInfoPem())) { KeyId = "one" }, SecurityAlgorithms.HmacSha256);
                    break;
                case "none":
                    token.SigningCredentials = null;
                    break;
                case "signature cut off":
                    provider.Send = text => text[..(text.LastIndexOf('.') + 1)];
                    break;
                case "no subject":
                    token.Claims.Remove("sub");
                    break;
                default:
                    token.Claims["sub"] = "ada\nlovelace";
                    break;
            }
        };
        using var browser = new PersonBrowser(node);
        Assert.Equal(HttpStatusCode.Forbidden, (await ComeBackAsync(browser, await LeaveAsync(browser))).Status);
        Assert.Null(browser.Session);
        Assert.Contains(await node.AuditAsync(), entry => entry.Action == AuditAction.AuthenticationRefused);
    }

    [Fact]
    public async Task Behind_a_proxy_the_provider_sends_the_browser_to_the_public_address()
    {
        await using var provider = await TestProvider.StartAsync();
        await using var node = await StartAsync(provider, publicUrl: "https://proxy.hospital.example/lazaret");
        using var browser = new PersonBrowser(node);
        var back = await LeaveAsync(browser);
        Assert.StartsWith("https://proxy.hospital.example/lazaret/sign-in/callback?code=", back.ToString(), StringComparison.Ordinal);
        // The proxy takes its prefix off.
        var (status, _, answer) = await browser.SendAsync(HttpMethod.Get, back.PathAndQuery["/lazaret".Length..], site: "cross-site");
        Assert.Equal((HttpStatusCode.Found, "/lazaret/sign-in"), (status, answer.Headers.Location!.ToString()));
        Assert.Contains(answer.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("__Host-lazaret=", StringComparison.Ordinal) && cookie.EndsWith("path=/; secure; samesite=lax; httponly", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_provider_that_speaks_for_another_issuer_signs_nobody_in()
    {
        await using var provider = await TestProvider.StartAsync();
        await using var node = await StartAsync(provider);
        provider.Speaker = "https://elsewhere.example";
        using var browser = new PersonBrowser(node);
        Assert.Equal(HttpStatusCode.Forbidden, (await ComeBackAsync(browser, await LeaveAsync(browser))).Status);
        Assert.Null(browser.Session);
    }

    [Fact]
    public async Task The_same_subject_of_another_provider_is_another_person()
    {
        await using var first = await TestProvider.StartAsync();
        await using var second = await TestProvider.StartAsync();
        await using var node = await StartAsync(first);
        using var browser = new PersonBrowser(node);
        await ComeBackAsync(browser, await LeaveAsync(browser));
        Assert.Equal("oidc/ada", (await browser.WhoAmIAsync())!.Value.GetProperty("name").GetString());

        AuthOptions Of(TestProvider provider, string name) => new()
        {
            Modes = [AuthModes.Oidc],
            Oidc = new OidcOptions { Name = name, Authority = $"{provider.Issuer}/", ClientId = TestProvider.ClientId, Roles = new Dictionary<string, string> { ["stewards"] = "steward" } },
        };
        await using (await node.BesideAsync(options => options with { Auth = Of(first, "oidc") }))
        {
            // A slash at the end makes no other issuer.
        }

        var refusal = await Assert.ThrowsAsync<InputException>(() => node.BesideAsync(options => options with { Auth = Of(second, "oidc") }));
        Assert.Contains($"Lazaret:Auth:Oidc:Name: 'oidc' names the people of {first.Issuer}", refusal.Message, StringComparison.Ordinal);

        // Under a name of its own it is taken, and whoever the first provider signed in is signed in no longer.
        await using var other = await node.BesideAsync(options => options with { Auth = Of(second, "clinic") });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/session");
        request.Headers.Add("Cookie", $"lazaret={browser.Session}");
        using var answer = await other.Client.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_provider_that_is_away_is_said_in_words()
    {
        var provider = await TestProvider.StartAsync();
        await using var node = await StartAsync(provider);
        await provider.DisposeAsync();
        using var browser = new PersonBrowser(node);
        var (status, page, _) = await browser.SendAsync(HttpMethod.Get, "/sign-in/provider");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("cannot be reached", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_that_others_may_read_stops_the_start()
    {
        await using var provider = await TestProvider.StartAsync();
        var refusal = await Assert.ThrowsAsync<MissingException>(() => StartAsync(provider, UnixFileMode.UserRead | UnixFileMode.GroupRead));
        Assert.Contains("chmod 600", refusal.Message, StringComparison.Ordinal);

        // With all else that is wrong.
        refusal = await Assert.ThrowsAsync<MissingException>(() => StartAsync(provider, UnixFileMode.UserRead | UnixFileMode.GroupRead, url: "https://127.0.0.1:0"));
        Assert.Contains("chmod 600", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Lazaret:Tls:Certificate", refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private Task<ServingNode> StartAsync(TestProvider provider, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite, string publicUrl = "", string url = "http://127.0.0.1:0")
    {
        var secret = _folder["secret"];
        File.WriteAllText(secret, $"{TestProvider.Secret}\n");
        File.SetUnixFileMode(secret, mode);
        return ServingNode.StartAsync(options => options with
        {
            Http = new HttpOptions { PublicUrl = publicUrl },
            Auth = new AuthOptions
            {
                Modes = [AuthModes.Oidc],
                Oidc = new OidcOptions { Authority = provider.Issuer, ClientId = TestProvider.ClientId, ClientSecretFile = secret, Roles = new Dictionary<string, string> { ["stewards"] = "steward", ["auditors"] = "auditor", ["urn%3Ahospital%3Astewards"] = "steward" } },
            },
        }, url);
    }

    /// <summary>Goes to the provider; answers where it sends the browser.</summary>
    private static async Task<Uri> LeaveAsync(PersonBrowser browser)
    {
        var (status, page, answer) = await browser.SendAsync(HttpMethod.Get, "/sign-in/provider");
        Assert.True(status == HttpStatusCode.Found, page);
        using var sent = await Web.GetAsync(answer.Headers.Location, Stop);
        Assert.Equal(HttpStatusCode.Found, sent.StatusCode);
        return sent.Headers.Location!;
    }

    private static Task<(HttpStatusCode Status, string Body, HttpResponseMessage Answer)> ComeBackAsync(PersonBrowser browser, Uri back) => browser.SendAsync(HttpMethod.Get, back.PathAndQuery, site: "cross-site");
}
