using System.Net;
using System.Text.Json.Nodes;
using Lazaret.Node.Audit;
using Lazaret.Node.Configuration;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Tokens;
using Lazaret.Tests.Http;
using static Lazaret.Tests.Identity.Tokens.TokenNodes;

namespace Lazaret.Tests.Identity.Tokens;

public sealed class JwtTests : IDisposable
{
    private static readonly TokenSigner Good = TokenSigner.Make("one", "RS256");
    private static readonly TokenSigner Elliptic = TokenSigner.Make("two", "ES256");
    private static readonly TokenSigner Stranger = TokenSigner.Make("one", "RS256");

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_access_token_is_taken_for_as_long_as_it_holds()
    {
        await using var node = await StartAsync();
        var honest = Good.Sign(Claims());
        Assert.Equal(HttpStatusCode.OK, (await node.AskAsync(honest)).Status);
        Assert.Equal(HttpStatusCode.OK, (await node.AskAsync(Elliptic.Sign(Claims(("aud", new JsonArray("other", "lazaret")))))).Status);
        // Within the clock skew.
        Assert.Equal(HttpStatusCode.OK, (await node.AskAsync(Good.Sign(Claims(("exp", TokenSigner.In(-30)))))).Status);

        var middle = honest.IndexOf('.', StringComparison.Ordinal) + 10;
        var wrong = new List<(string What, string Token, string Words)>
        {
            ("expired", Good.Sign(Claims(("exp", TokenSigner.In(-61)))), "expired"),
            ("without expiry", Good.Sign(Claims(("exp", null))), "exp"),
            ("not yet valid", Good.Sign(Claims(("nbf", TokenSigner.In(90)))), "not valid yet"),
            ("issued in the future", Good.Sign(Claims(("iat", TokenSigner.In(90)))), "iat"),
            ("of a foreign issuer", Good.Sign(Claims(("iss", "https://elsewhere.example"))), "iss"),
            ("without issuer", Good.Sign(Claims(("iss", null))), "iss"),
            ("of an issuer that differs by a slash", Good.Sign(Claims(("iss", "https://hospital.example/"))), "iss"),
            ("for somebody else", Good.Sign(Claims(("aud", "other"))), "aud"),
            ("for nobody", Good.Sign(Claims(("aud", null))), "aud"),
            ("signed by a stranger", Stranger.Sign(Claims()), "signature"),
            ("signed by an unknown key", Good.Sign(Claims(), ("kid", "three")), "kid"),
            ("without key id, where there are two", Good.Sign(Claims(), ("kid", null)), "kid"),
            ("by another's key id", Good.Sign(Claims(), ("kid", "two")), ""),
            ("with its algorithm changed", Good.Sign(Claims(), ("alg", "RS512")), ""),
            ("changed", honest[..middle] + (honest[middle] == 'A' ? 'B' : 'A') + honest[(middle + 1)..], ""),
            ("with a signature cut short", honest[..^4], ""),
            ("without a subject", Good.Sign(Claims(("sub", null))), "sub"),
            ("with a subject that breaks a line", Good.Sign(Claims(("sub", "a\nb"))), "sub"),
            ("bound to a key", Good.Sign(Claims(("cnf", new JsonObject { ["jkt"] = "x" }))), "cnf"),
            ("huge", Good.Sign(Claims(("filler", new string('x', 17 << 10)))), "too long"),
            ("with a header that must be understood", Good.Sign(Claims(), ("crit", new JsonArray("b64")), ("b64", false)), "read"),
            ("with an absurd expiry", Good.Sign(Claims(("exp", 1e300))), ""),
            ("with an expiry in words", Good.Sign(Claims(("exp", "tomorrow"))), ""),
            ("no JSON", "abc.def.ghi", "read"),
            ("empty", "..", "read"),
        };
        wrong.AddRange(new[] { "none", "None", "NONE", "" }.Select(none => ($"unsigned: {none}", Good.Unsigned(Claims(), none), "")));
        wrong.AddRange(Good.SignedWithThePublicKey(Claims()).Select(token => ("HS256 with the public key", token, "alg")));

        foreach (var (what, token, words) in wrong)
        {
            var (status, body) = await node.AskAsync(token);
            Assert.True(status == HttpStatusCode.Unauthorized && body.Contains(words, StringComparison.Ordinal), $"{what}: {status} {body}");
            Assert.DoesNotContain("IDX", body, StringComparison.Ordinal);
        }

        var audited = await node.AuditAsync(AuditAction.AuthenticationRefused);
        Assert.Equal(wrong.Count, audited.Count);
        Assert.All(audited, entry => Assert.DoesNotContain("anna", entry.Detail, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tokens_of_any_content_are_refused_and_never_fail_the_node()
    {
        await using var node = await ServingNode.StartAsync(options => options with
        {
            Auth = new AuthOptions { Modes = [AuthModes.Key, AuthModes.Smart, AuthModes.Jwt], Jwt = TakeJwt(Issuer(Keys()))(options).Auth.Jwt },
        });
        var random = new Random(20260301);
        JsonNode? Any(int depth = 0) => random.Next(depth > 3 ? 6 : 8) switch
        {
            0 => null,
            1 => random.Next(-5, 5),
            2 => random.NextDouble() * Math.Pow(10, random.Next(-300, 300)),
            3 => random.Next(2) == 0,
            4 => new string((char)random.Next(32, 0xD000), random.Next(40)),
            5 => "urn:lazaret:node",
            6 => new JsonArray(Any(depth + 1), Any(depth + 1)),
            _ => new JsonObject { ["a"] = Any(depth + 1) },
        };
        (string, JsonNode?)[] Some(params string[] names) => [.. names.Where(_ => random.Next(3) == 0).Select(name => (name, Any()))];
        var paths = new[] { Catalog, "/cds-services/quick", "/fhir/Library/quick" };
        for (var i = 0; i < 400; i++)
        {
            // Half are signed well: what then comes out of them is the issuer's doing, and must be taken or refused all the same.
            var claims = Claims(Some("iss", "sub", "aud", "exp", "nbf", "iat", "scope", "scp", "jti", "cnf"));
            var header = Some("kid", "alg", "typ", "jku", "jwk", "crit", "zip", "cty");
            var token = (i % 2 == 0 ? Good : Stranger).Sign(claims, header);
            if (i % 5 == 0)
                token = string.Join('.', token.Split('.').Select(part => part[..random.Next(part.Length + 1)]));
            var (status, body) = await node.AskAsync(token, paths[i % 3]);
            Assert.True((int)status < 500, $"{status} {claims} {body}");
            var (issued, error) = await SmartClient.SendAsync(node, token);
            Assert.True(issued is HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest, $"{issued} {claims} {error}");
        }
    }

    public static TheoryData<string?, string?, bool, bool> Kinds => new()
    {
        // What the header says, what the content says besides, and whether it is taken; also where only typed tokens are.
        { "at+jwt", null, true, true },
        { "AT+JWT", null, true, true },
        { "application/at+jwt", null, true, true },
        { "JWT", null, true, false },
        { null, null, true, false },
        { "JWT", """{"typ":"Bearer","nonce":"n"}""", true, false },
        { "JWT", """{"token_use":"access"}""", true, false },
        { "logout+jwt", """{"events":{"http://schemas.openid.net/event/backchannel-logout":{}}}""", false, false },
        { "secevent+jwt", null, false, false },
        { "dpop+jwt", null, false, false },
        { "jwt-more", null, false, false },
        { "JWT", """{"typ":"ID"}""", false, false },
        { "JWT", """{"typ":"Refresh"}""", false, false },
        { "JWT", """{"typ":"Offline"}""", false, false },
        { "JWT", """{"typ":"Logout"}""", false, false },
        { "JWT", """{"token_use":"id"}""", false, false },
        { "JWT", """{"typ":"Bearer","token_use":"id"}""", false, false },
        { "JWT", """{"nonce":"n"}""", false, false },
        { "JWT", """{"at_hash":"h"}""", false, false },
        { null, """{"typ":"Bearer","at_hash":"h"}""", false, false },
        { null, """{"events":{}}""", false, false },
        { "JWT", """{"c_hash":"h"}""", false, false },
        { "JWT", """{"typ":["Bearer","ID"]}""", false, false },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Another_token_of_the_issuer_is_no_access_token(string? typ, string? claims, bool isTaken, bool isTakenTyped)
    {
        var more = claims is null ? [] : JsonNode.Parse(claims)!.AsObject().Select(claim => (claim.Key, claim.Value?.DeepClone()));
        var token = Good.Sign(Claims(more), ("typ", typ));
        foreach (var (typedOnly, expected) in new[] { (false, isTaken), (true, isTakenTyped) })
        {
            await using var node = await ServingNode.StartAsync(TakeJwt(Issuer(Keys()) with { TypedOnly = typedOnly }));
            var (status, body) = await node.AskAsync(token);
            Assert.True(status == (expected ? HttpStatusCode.OK : HttpStatusCode.Unauthorized), body);
            Assert.True(expected || body.Contains("access token", StringComparison.Ordinal), body);
        }
    }

    [Fact]
    public async Task A_token_is_taken_out_of_the_header_alone()
    {
        await using var node = await StartAsync();
        using var query = await node.Client.GetAsync($"{Catalog}?access_token={Good.Sign(Claims())}", Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, query.StatusCode);
    }

    [Fact]
    public async Task Scopes_that_are_configured_give_roles_and_others_none()
    {
        await using var node = await StartAsync();
        var (status, body) = await node.AskAsync(Good.Sign(Claims(("scope", "openid lazaret.ask.more"))));
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("Your role is none", body, StringComparison.Ordinal);
        // Roles are the configuration's to give.
        Assert.Equal(HttpStatusCode.Forbidden, (await node.AskAsync(Good.Sign(Claims(("scope", null), ("role", "operator"), ("roles", new JsonArray("operator")))))).Status);

        using var admitted = await node.AdmitMapAsync(Good.Sign(Claims()));
        var job = admitted.Headers.Location!.ToString();
        Assert.Equal(HttpStatusCode.OK, (await node.AskAsync(Good.Sign(Claims()), job)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await node.AskAsync(Good.Sign(Claims(("sub", "bert"))), job)).Status);
        // Watching is an auditor's; scp is another name for scope.
        var auditor = Good.Sign(Claims(("sub", "bert"), ("scope", null), ("scp", new JsonArray("x", "lazaret:watch"))));
        Assert.Equal(HttpStatusCode.OK, (await node.AskAsync(auditor, job)).Status);
        Assert.Contains(await node.AuditAsync(AuditAction.Authenticated), entry => entry.Actor == "hospital/bert");
    }

    [Fact]
    public async Task An_issuer_does_not_inherit_another_s_name_and_people()
    {
        await using var node = await StartAsync();
        var other = Issuer(Keys()) with { Issuer = "https://other.example" };
        var refusal = await Assert.ThrowsAsync<Lazaret.Node.InputException>(() => node.BesideAsync(TakeJwt(other)));
        Assert.Contains("Lazaret:Auth:Jwt:Issuers:0:Name: 'hospital' names the people of https://hospital.example", refusal.Message, StringComparison.Ordinal);
        await using var beside = await node.BesideAsync(TakeJwt(Issuer(Keys()), other with { Name = "other" }));
    }

    [Fact]
    public async Task The_same_subject_of_two_issuers_is_two_requesters()
    {
        File.WriteAllText(_folder["a"], TokenSigner.Jwks(Good));
        File.WriteAllText(_folder["b"], TokenSigner.Jwks(Stranger));
        await using var node = await ServingNode.StartAsync(TakeJwt(Issuer(_folder["a"]), Issuer(_folder["b"], "lab")));
        var lab = Stranger.Sign(Claims(("iss", "https://lab.example")));
        using var admitted = await node.AdmitMapAsync(Good.Sign(Claims()));
        var job = admitted.Headers.Location!.ToString();
        Assert.Equal(HttpStatusCode.NotFound, (await node.AskAsync(lab, job)).Status);
        Assert.Equal(HttpStatusCode.OK, (await node.AskAsync(lab)).Status);
        // Both keys have the same id: each speaks for its own issuer alone.
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.AskAsync(Stranger.Sign(Claims()))).Status);
        Assert.Equal(["hospital/anna", "lab/anna"], (await node.AuditAsync(AuditAction.Authenticated)).Select(entry => entry.Actor).Order());
    }

    [Fact]
    public async Task Keys_in_a_file_are_read_again_when_it_changes()
    {
        await using var node = await StartAsync();
        File.WriteAllText(_folder["keys"], TokenSigner.Jwks(Elliptic));
        await Wait.UntilAsync(async () => (await node.AskAsync(Good.Sign(Claims()))).Status == HttpStatusCode.Unauthorized, "the end of the old key");
        Assert.Equal(HttpStatusCode.OK, (await node.AskAsync(Elliptic.Sign(Claims()))).Status);
        // A torn file takes nothing away.
        File.WriteAllText(_folder["keys"], "{\"keys\":");
        await Task.Delay(TimeSpan.FromSeconds(1.1), Stop);
        Assert.Equal(HttpStatusCode.OK, (await node.AskAsync(Elliptic.Sign(Claims()))).Status);
    }

    [Fact]
    public async Task Keys_at_an_address_are_read_again_for_a_key_that_is_new_and_not_for_each_that_is_made_up()
    {
        await using var issuer = await KeyServer.StartAsync(Good);
        await using var node = await ServingNode.StartAsync(TakeJwt(Issuer($"{issuer.Keys}")));
        Assert.Equal(HttpStatusCode.OK, (await node.AskAsync(Good.Sign(Claims()))).Status);
        issuer.Document = TokenSigner.Jwks(Good, Elliptic);
        Assert.Equal(HttpStatusCode.OK, (await node.AskAsync(Elliptic.Sign(Claims()))).Status);
        Assert.Equal(2, issuer.Read);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => node.AskAsync(Stranger.Sign(Claims(), ("kid", $"made-up-{i}")))));
        Assert.InRange(issuer.Read, 2, 4);
    }

    [Fact]
    public async Task An_issuer_s_discovery_document_says_where_its_keys_are()
    {
        await using var issuer = await KeyServer.StartAsync(Good);
        issuer.Issuer = "https://hospital.example";
        await using var node = await ServingNode.StartAsync(TakeJwt(Issuer("") with { Authority = $"{issuer.Root}" }));
        Assert.Equal(HttpStatusCode.OK, (await node.AskAsync(Good.Sign(Claims()))).Status);

        issuer.Issuer = "https://elsewhere.example";
        await using var other = await node.BesideAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await other.AskAsync(Good.Sign(Claims()))).Status);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9/")]
    [InlineData("moved")]
    [InlineData("silent")]
    public async Task An_issuer_whose_keys_cannot_be_read_is_503_soon(string where)
    {
        await using var issuer = await KeyServer.StartAsync(Good);
        var never = new TaskCompletionSource();
        issuer.Answers = where == "silent" ? never.Task : issuer.Answers;
        await using var node = await ServingNode.StartAsync(TakeJwt(Issuer(where switch { "silent" => $"{issuer.Keys}", "moved" => $"{issuer.Root}moved", _ => where })));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        // All at once: they wait for the same reading.
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => node.SendAsync(HttpMethod.Get, Catalog, Good.Sign(Claims()))));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode));
        Assert.All(answers, answer => Assert.NotNull(answer.Headers.RetryAfter));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.InRange(issuer.Read, 0, 1);
        never.SetResult();
        Assert.NotEmpty(await node.AuditAsync(AuditAction.AuthenticationRefused));
    }

    [Fact]
    public void An_issuer_that_is_not_whole_is_refused_with_all_that_is_wrong()
    {
        var faults = new OptionFaults();
        new AuthOptions
        {
            Modes = [AuthModes.Jwt],
            Jwt = new JwtOptions
            {
                Issuers =
                [
                    new JwtIssuerOptions { Name = "a/b", Jwks = "http://idp.example/jwks", Scopes = new Dictionary<string, string> { ["x"] = "king" } },
                    new JwtIssuerOptions { Name = "oidc", Issuer = "https://x", Audience = "a", Authority = "https://idp.example/?x=1", Jwks = "keys.json" },
                ],
            },
        }.Check(faults);
        Assert.Equal(
            ["0:Audience", "0:Issuer", "0:Jwks", "0:Name", "0:Scopes:x", "1:Authority", "1:Jwks", "1:Name"],
            faults.Lines.Select(line => string.Join(':', line.Split(": ")[0].Split(':')[4..])).Order(StringComparer.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private Task<ServingNode> StartAsync() => ServingNode.StartAsync(TakeJwt(Issuer(Keys())));

    private string Keys()
    {
        File.WriteAllText(_folder["keys"], TokenSigner.Jwks(Good, Elliptic));
        return _folder["keys"];
    }
}
