using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Storage;
using Lazaret.Tests.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static Lazaret.Tests.Identity.Tokens.TokenNodes;

namespace Lazaret.Tests.Identity.Tokens;

public sealed class SmartTests
{
    private const string Library = $"/fhir/Library/{ServingNode.Model}";

    private static readonly TokenSigner Elliptic = TokenSigner.Make("one");
    private static readonly TokenSigner Rsa = TokenSigner.Make("one", "RS384");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_keys_of_data_protection_are_made_at_the_start()
    {
        // Its start would write them in clear into the user's home folder.
        await using var node = await ServingNode.StartAsync(TakeSmart);
        var protection = typeof(Microsoft.AspNetCore.DataProtection.KeyManagement.KeyManagementOptions).Assembly;
        Assert.DoesNotContain(node.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>(), service => service.GetType().Assembly == protection);
    }

    [Fact]
    public async Task A_client_gets_a_token_that_every_process_takes()
    {
        await using var node = await ServingNode.StartAsync(TakeSmart);
        await using var other = await node.BesideAsync();
        foreach (var signer in new[] { Elliptic, Rsa })
        {
            var client = await SmartClient.RegisterAsync(node, $"client-{signer.Algorithm}", signer);
            var (status, body) = await client.AskAsync(node, "system/Library.read system/GuidanceResponse.rs");
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Equal(("Bearer", "system/Library.read system/GuidanceResponse.rs"), (body["token_type"]!.GetValue<string>(), body["scope"]!.GetValue<string>()));
            Assert.InRange(body["expires_in"]!.GetValue<int>(), 290, 300);
            foreach (var process in new[] { node, other })
                Assert.Equal(HttpStatusCode.OK, (await process.AskAsync(body["access_token"]!.GetValue<string>(), Library)).Status);
        }

        Assert.Equal(2, (await node.AuditAsync(AuditAction.AccessTokenIssued)).Count);
        Assert.Contains(await node.AuditAsync(AuditAction.Authenticated), entry => entry.Actor == "client-ES384");
    }

    [Theory]
    [InlineData("grant_type=password&username=ada&password=guessed")]
    [InlineData("grant_type=client_credentials&client_id=ehr&client_secret=guessed")]
    [InlineData("grant_type=client_credentials&client_assertion_type=other&client_assertion=e30.e30.e30")]
    [InlineData("grant_type=client_credentials")]
    public async Task Other_credentials_are_refused_and_audited_once(string form)
    {
        await using var node = await ServingNode.StartAsync(TakeSmart);
        using var content = new StringContent(form, System.Text.Encoding.UTF8, "application/x-www-form-urlencoded");
        using var refused = await node.Client.PostAsync(new Uri("/oauth/token", UriKind.Relative), content, Stop);
        Assert.InRange((int)refused.StatusCode, 400, 401);
        Assert.DoesNotContain("guessed", Assert.Single(await node.AuditAsync(AuditAction.AuthenticationRefused)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_assertion_that_does_not_hold_gets_nothing_and_is_audited()
    {
        await using var node = await ServingNode.StartAsync(TakeSmart);
        var client = await SmartClient.RegisterAsync(node, "ehr", Elliptic);
        var rsa = await SmartClient.RegisterAsync(node, "lab", Rsa);
        var stranger = TokenSigner.Make("one");
        var hs = TokenSigner.Make("one", "RS256");
        await SmartClient.RegisterAsync(node, "old", hs);
        JsonObject Claims(params IEnumerable<(string Name, JsonNode? Value)> other) => client.Claims(node, other);

        var wrong = new List<(string What, string Assertion, string Words)>
        {
            ("expired", Elliptic.Sign(Claims(("exp", TokenSigner.In(-61)))), "expired"),
            ("without expiry", Elliptic.Sign(Claims(("exp", null))), "exp"),
            ("valid for an hour", Elliptic.Sign(Claims(("exp", TokenSigner.In(3600)))), "five minutes"),
            ("valid for ever", Elliptic.Sign(Claims(("exp", 253402300799))), "five minutes"),
            ("not yet valid", Elliptic.Sign(Claims(("nbf", TokenSigner.In(120)))), "not valid yet"),
            ("issued in the future", Elliptic.Sign(Claims(("iat", TokenSigner.In(90)))), "iat"),
            ("for another server's token endpoint", Elliptic.Sign(Claims(("aud", "https://elsewhere.example/oauth/token"))), "aud"),
            ("for the node, not its token endpoint", Elliptic.Sign(Claims(("aud", $"{node.Client.BaseAddress}"))), "aud"),
            ("for two servers", Elliptic.Sign(Claims(("aud", new JsonArray($"{node.Client.BaseAddress}oauth/token", "https://elsewhere.example/oauth/token")))), "aud"),
            ("of nobody", Elliptic.Sign(Claims(("iss", "nobody"), ("sub", "nobody"))), "not registered"),
            ("about somebody else", Elliptic.Sign(Claims(("sub", "lab"))), "sub"),
            ("without subject", Elliptic.Sign(Claims(("sub", null))), "sub"),
            ("without id", Elliptic.Sign(Claims(("jti", null))), "jti"),
            ("with an endless id", Elliptic.Sign(Claims(("jti", new string('x', 300)))), "jti"),
            ("by a stranger's key of the same id", stranger.Sign(Claims()), "signature"),
            ("by another client's key", Rsa.Sign(Claims()), ""),
            ("by a key that is not registered", Elliptic.Sign(Claims(), ("kid", "two")), "kid"),
            ("without key id", Elliptic.Sign(Claims(), ("kid", null)), "kid"),
            ("with an address of keys", Elliptic.Sign(Claims(), ("jku", "https://elsewhere.example/jwks")), "jku"),
            ("with a key in the header", stranger.Sign(Claims(), ("jwk", stranger.Jwk())), "signature"),
            ("RS256", hs.Sign(new SmartClient("old", hs).Claims(node)), ""),
            ("too long", Elliptic.Sign(Claims(("filler", new string('x', 17 << 10)))), "too long"),
            ("no token", "x", "read"),
        };
        wrong.AddRange(new[] { "none", "NONE" }.Select(none => ($"unsigned: {none}", Elliptic.Unsigned(Claims(), none), "")));
        wrong.AddRange(Rsa.SignedWithThePublicKey(rsa.Claims(node)).Select(assertion => ("HS256 with the public key", assertion, "alg")));

        foreach (var (what, assertion, words) in wrong)
        {
            var (status, body) = await SmartClient.SendAsync(node, assertion);
            Assert.True(
                status == HttpStatusCode.Unauthorized && body["error"]!.GetValue<string>() == "invalid_client" && body["error_description"]!.GetValue<string>().Contains(words, StringComparison.Ordinal),
                $"{what}: {status} {body}");
        }

        Assert.Equal(wrong.Count, (await node.AuditAsync(AuditAction.AuthenticationRefused)).Count);
        Assert.Empty(await node.AuditAsync(AuditAction.AccessTokenIssued));
        // Nothing of all that was stored.
        await using var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
        Assert.Empty(await db.Database.SqlQueryRaw<string>("SELECT Id AS Value FROM SpentTokens").ToListAsync(Stop));
    }

    [Fact]
    public async Task An_assertion_is_used_once_on_whichever_process()
    {
        await using var node = await ServingNode.StartAsync(options => TakeSmart(options) with { Http = new() { PublicUrl = "https://lazaret.example" } });
        await using var other = await node.BesideAsync();
        var client = await SmartClient.RegisterAsync(node, "ehr", Elliptic);
        var assertion = Elliptic.Sign(client.Claims(node, ("aud", "https://lazaret.example/oauth/token")));
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => SmartClient.SendAsync(i % 2 == 0 ? node : other, assertion)));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer => Assert.Contains("used before", answer.Body["error_description"]!.GetValue<string>(), StringComparison.Ordinal));
        var refused = await node.AuditAsync(AuditAction.AuthenticationRefused);
        Assert.Equal(answers.Length - 1, refused.Count);
        // Whose assertion it was is what an operator must know, who is told that somebody else has it.
        Assert.All(refused, entry => Assert.Contains("\"claimed\":\"ehr\"", entry.Detail, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_the_operator_has_not_said_it_a_stranger_does_not_decide_what_the_node_is_called()
    {
        await using var node = await ServingNode.StartAsync(TakeSmart);
        var client = await SmartClient.RegisterAsync(node, "ehr", Elliptic);
        // Meant for another server, and sent here under that server's name.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/oauth/token")
        {
            Headers = { Host = "elsewhere.example" },
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials", ["scope"] = SmartClient.Everything, ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                ["client_assertion"] = Elliptic.Sign(client.Claims(node, ("aud", "http://elsewhere.example/oauth/token"))),
            }),
        };
        using var answer = await node.Client.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("PublicUrl", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revocation_ends_tokens_within_a_second_on_every_process()
    {
        await using var node = await ServingNode.StartAsync(TakeSmart);
        await using var other = await node.BesideAsync();
        var client = await SmartClient.RegisterAsync(node, "ehr", Elliptic);
        var stolen = await client.TokenAsync(node);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), ((await node.AskAsync(stolen, Library)).Status, (await other.AskAsync(stolen, Library)).Status));

        await node.Services.GetRequiredService<RequesterDirectory>().RevokeAsync("ehr", AuditEntry.Operator, Stop);
        await Task.Delay(TimeSpan.FromSeconds(1), Stop);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), ((await node.AskAsync(stolen, Library)).Status, (await other.AskAsync(stolen, Library)).Status));
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.AskAsync(other)).Status);
        Assert.Equal(3, (await node.AuditAsync(AuditAction.AuthenticationRefused)).Count);
    }

    [Theory]
    [InlineData("system/Observation.read")]
    [InlineData("system/Library.write")]
    [InlineData("system/Library.read system/Patient.rs")]
    [InlineData("user/Library.read")]
    [InlineData("openid")]
    [InlineData("")]
    public async Task A_scope_that_the_node_does_not_know_is_refused(string scope)
    {
        await using var node = await ServingNode.StartAsync(TakeSmart);
        var (status, body) = await (await SmartClient.RegisterAsync(node, "ehr", Elliptic)).AskAsync(node, scope);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("invalid_scope", body["error"]!.GetValue<string>());
        Assert.Single(await node.AuditAsync(AuditAction.AccessRefused), entry => entry.Actor == "ehr");
    }

    [Fact]
    public async Task A_token_opens_what_its_scopes_say_and_nothing_beside_FHIR_and_CDS_Hooks()
    {
        await using var node = await ServingNode.StartAsync(TakeSmart);
        var client = await SmartClient.RegisterAsync(node, "ehr", Elliptic);
        var (reads, whole) = (await client.TokenAsync(node, "system/Library.r"), await client.TokenAsync(node));
        Assert.Equal(HttpStatusCode.OK, (await node.AskAsync(reads, Library)).Status);
        var guidance = $"/fhir/GuidanceResponse/{Guid.NewGuid()}";
        var (status, body) = await node.AskAsync(reads, guidance);
        Assert.True(status == HttpStatusCode.Forbidden && body.Contains("system/GuidanceResponse.read", StringComparison.Ordinal), body);
        Assert.Equal(HttpStatusCode.NotFound, (await node.AskAsync(whole, guidance)).Status);
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), ((await node.AskAsync(whole)).Status, (await node.AskAsync(whole, "/v1/models")).Status));
        using var evaluated = await node.SendAsync(HttpMethod.Post, $"{Library}/$evaluate", whole, new StringContent("{}", Encoding.UTF8, "application/fhir+json"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, evaluated.StatusCode);
        Assert.NotEmpty(await node.AuditAsync(AuditAction.AccessRefused));
    }

    [Fact]
    public async Task A_token_that_the_node_did_not_sign_is_refused()
    {
        await using var node = await ServingNode.StartAsync(TakeSmart);
        var client = await SmartClient.RegisterAsync(node, "ehr", Elliptic);
        var honest = await client.TokenAsync(node);
        var forger = TokenSigner.Make("one", "ES256");
        var claims = new JsonObject { ["iss"] = "urn:lazaret:node", ["aud"] = "urn:lazaret:node", ["sub"] = "ehr", ["exp"] = TokenSigner.In(60), ["scope"] = "system/Library.read" };
        foreach (var forged in new[] { forger.Sign(claims, ("typ", "at+jwt")), forger.Unsigned(claims), honest[..^6] + "AAAAAA", Elliptic.Sign(client.Claims(node)) })
            Assert.Equal(HttpStatusCode.Unauthorized, (await node.AskAsync(forged, Library)).Status);
        Assert.Equal(4, (await node.AuditAsync(AuditAction.AuthenticationRefused)).Count);
    }

    [Fact]
    public async Task Keys_at_a_client_s_address_are_read_and_a_silent_address_is_503()
    {
        await using var keys = await KeyServer.StartAsync(Elliptic);
        await using var node = await ServingNode.StartAsync(TakeSmart);
        await node.RegisterAsync("ehr", CredentialKind.JsonWebKeys, "ehr", Encoding.UTF8.GetBytes($"{keys.Keys}"));
        var client = new SmartClient("ehr", Elliptic);
        Assert.Equal(HttpStatusCode.OK, (await SmartClient.SendAsync(node, Elliptic.Sign(client.Claims(node), ("jku", $"{keys.Keys}")))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SmartClient.SendAsync(node, Elliptic.Sign(client.Claims(node), ("jku", $"{keys.Root}other")))).Status);
        var next = TokenSigner.Make("two");
        keys.Document = TokenSigner.Jwks(next);
        Assert.Equal(HttpStatusCode.OK, (await new SmartClient("ehr", next).AskAsync(node)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.AskAsync(node)).Status);

        await node.RegisterAsync("away", CredentialKind.JsonWebKeys, "away", "http://127.0.0.1:9/jwks"u8.ToArray());
        var (status, body) = await new SmartClient("away", Elliptic).AskAsync(node);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "temporarily_unavailable"), (status, body["error"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("grant_type", "password", HttpStatusCode.BadRequest, "unsupported_grant_type")]
    [InlineData("client_assertion", null, HttpStatusCode.BadRequest, "invalid_request")]
    [InlineData("client_secret", "guess", HttpStatusCode.BadRequest, "invalid_request")]
    [InlineData("grant_type", null, HttpStatusCode.BadRequest, "invalid_request")]
    [InlineData("client_assertion_type", "urn:other", HttpStatusCode.Unauthorized, "invalid_client")]
    [InlineData("client_id", "lab", HttpStatusCode.Unauthorized, "invalid_client")]
    [InlineData("client_id", "ehr", HttpStatusCode.OK, null)]
    public async Task Requests_are_answered_as_OAuth_says(string name, string? value, HttpStatusCode status, string? error)
    {
        await using var node = await ServingNode.StartAsync(TakeSmart);
        var client = await SmartClient.RegisterAsync(node, "ehr", Elliptic);
        var answer = await SmartClient.SendAsync(node, Elliptic.Sign(client.Claims(node)), SmartClient.Everything, (name, value));
        Assert.Equal((status, error), (answer.Status, answer.Body["error"]?.GetValue<string>()));
    }

    [Fact]
    public async Task A_form_that_cannot_be_read_is_told_in_OAuth_s_words()
    {
        await using var node = await ServingNode.StartAsync(TakeSmart);
        using var crowded = new StringContent(string.Concat(Enumerable.Range(0, 2000).Select(i => $"f{i}=1&")), Encoding.UTF8, "application/x-www-form-urlencoded");
        using var answer = await node.Client.PostAsync(new Uri("/oauth/token", UriKind.Relative), crowded, Stop);
        var body = await answer.Content.ReadAsStringAsync(Stop);
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, body);
        Assert.Equal("invalid_request", (string?)JsonNode.Parse(body)!["error"]);
    }

    [Fact]
    public async Task Clients_find_the_token_endpoint_and_only_where_there_is_one()
    {
        await using var node = await ServingNode.StartAsync(TakeSmart);
        foreach (var path in new[] { "/.well-known/smart-configuration", "/fhir/.well-known/smart-configuration" })
        {
            var found = JsonNode.Parse(await node.Client.GetStringAsync(path, Stop))!;
            Assert.Equal($"{node.Client.BaseAddress}oauth/token", found["token_endpoint"]!.GetValue<string>());
            Assert.Equal(["RS384", "ES384"], found["token_endpoint_auth_signing_alg_values_supported"]!.AsArray().Select(item => item!.GetValue<string>()));
        }

        Assert.Contains("SMART-on-FHIR", await node.Client.GetStringAsync("/fhir/metadata", Stop), StringComparison.Ordinal);
        // As large as a body may be, and larger.
        using var huge = await node.Client.PostAsync("/oauth/token", new StringContent($"scope={new string('x', 1 << 20)}", Encoding.UTF8, "application/x-www-form-urlencoded"), Stop);
        Assert.InRange((int)huge.StatusCode, 400, 499);

        await using var without = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        Assert.DoesNotContain("SMART-on-FHIR", await without.Client.GetStringAsync("/fhir/metadata", Stop), StringComparison.Ordinal);
        using var none = await without.Client.GetAsync("/.well-known/smart-configuration", Stop);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }
}
