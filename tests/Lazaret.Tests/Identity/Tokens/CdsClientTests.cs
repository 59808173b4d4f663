using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Identity.Tokens;
using Lazaret.Tests.Http;
using static Lazaret.Tests.Identity.Tokens.TokenNodes;

namespace Lazaret.Tests.Identity.Tokens;

public sealed class CdsClientTests : IDisposable
{
    private const string Issuer = "https://ehr.example/cds";
    private const string Service = $"/cds-services/{ServingNode.Model}";

    private static readonly TokenSigner Signer = TokenSigner.Make("one");
    private static readonly TokenSigner Other = TokenSigner.Make("other", "RS384");

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_client_s_token_is_taken_once_for_the_service_that_it_names()
    {
        await using var node = await StartAsync();
        var token = Signer.Sign(Claims(node));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await CallAsync(node, token));
        await using var beside = await node.BesideAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(node, token));
        // There the service has another address, as the port differs: the token names this one's, for which it is unused.
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(beside, Signer.Sign(Claims(node))));

        var id = $"{Guid.NewGuid()}";
        Assert.Equal(HttpStatusCode.PreconditionFailed, await CallAsync(node, Signer.Sign(Claims(node, ("jti", id)))));
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(beside, Signer.Sign(Claims(beside, ("jti", id)))));
        // Feedback is a part of the service.
        var feedback = $"{Service}/feedback";
        foreach (var address in new[] { feedback, Service })
            Assert.Equal(HttpStatusCode.BadRequest, await CallAsync(node, Signer.Sign(Claims(node, ("aud", Address(node, address)))), feedback));
        Assert.Contains(await node.AuditAsync(AuditAction.Authenticated), entry => entry.Actor == "ehr");
    }

    [Fact]
    public async Task A_token_that_does_not_hold_is_refused_and_audited()
    {
        await using var keys = await KeyServer.StartAsync(Signer);
        await using var node = await StartAsync();
        await node.RegisterAsync("other", CredentialKind.CdsIssuer, "https://other.example", Encoding.UTF8.GetBytes(TokenSigner.Jwks(Other)));
        JsonObject With(params IEnumerable<(string Name, JsonNode? Value)> other) => Claims(node, other);

        var wrong = new List<(string What, string Token)>
        {
            ("expired", Signer.Sign(With(("iat", TokenSigner.In(-200)), ("exp", TokenSigner.In(-90))))),
            ("without expiry", Signer.Sign(With(("exp", null)))),
            ("valid for ten minutes", Signer.Sign(With(("exp", TokenSigner.In(600))))),
            ("issued long ago", Signer.Sign(With(("iat", TokenSigner.In(-3000))))),
            ("issued in the future", Signer.Sign(With(("iat", TokenSigner.In(200))))),
            ("without time of issue", Signer.Sign(With(("iat", null)))),
            ("not yet valid", Signer.Sign(With(("nbf", TokenSigner.In(200))))),
            ("without id", Signer.Sign(With(("jti", null)))),
            ("for another service", Signer.Sign(With(("aud", Address(node, "/cds-services/other"))))),
            ("for another server", Signer.Sign(With(("aud", $"https://elsewhere.example{Service}")))),
            ("of an unknown client", Signer.Sign(With(("iss", "https://unknown.example")))),
            ("of another client", Signer.Sign(With(("iss", "https://other.example")))),
            ("by another client's key and its id", Other.Sign(With())),
            ("by an unknown key", Signer.Sign(With(), ("kid", "two"))),
            ("without key id", Signer.Sign(With(), ("kid", null))),
            ("with an address of keys", Signer.Sign(With(), ("jku", $"{keys.Keys}"))),
            ("unsigned", Signer.Unsigned(With())),
            ("HS256 with the public key", Signer.SignedWithThePublicKey(With()).First()),
        };
        foreach (var (what, token) in wrong)
            Assert.True(await CallAsync(node, token) == HttpStatusCode.Unauthorized, what);
        Assert.Equal(0, keys.Read);
        Assert.Equal(wrong.Count, (await node.AuditAsync(AuditAction.AuthenticationRefused)).Count);
    }

    [Fact]
    public async Task A_client_is_known_at_CDS_services_alone()
    {
        await using var node = await StartAsync();
        foreach (var path in new[] { Catalog, "/fhir/Library/quick", "/v1/models" })
            Assert.Equal(HttpStatusCode.Unauthorized, (await node.AskAsync(Signer.Sign(Claims(node, ("aud", Address(node, path)))), path)).Status);
        // Nor does it get access tokens.
        Assert.Equal(HttpStatusCode.Unauthorized, (await new SmartClient("ehr", Signer).AskAsync(node)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await new SmartClient(Issuer, Signer).AskAsync(node)).Status);
    }

    [Fact]
    public async Task Beside_it_the_hospital_s_issuer_and_the_node_s_own_tokens_are_taken()
    {
        File.WriteAllText(_folder["keys"], TokenSigner.Jwks(Other));
        await using var node = await StartAsync(options => options with
        {
            Auth = new AuthOptions { Modes = [AuthModes.Key, AuthModes.Smart, AuthModes.Jwt], Jwt = new JwtOptions { Issuers = [Issuer(_folder["keys"])] } },
        });
        var client = await SmartClient.RegisterAsync(node, "backend", Signer);
        foreach (var token in new[] { Signer.Sign(Claims(node)), Other.Sign(TokenNodes.Claims()), await client.TokenAsync(node), await node.RegisterAsync("bot", Roles.Requester) })
            Assert.Equal(HttpStatusCode.PreconditionFailed, await CallAsync(node, token));
        // Each knows its own alone.
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(node, Signer.Sign(TokenNodes.Claims())));

        static JwtIssuerOptions Issuer(string file) => TokenNodes.Issuer(file);
    }

    [Fact]
    public async Task A_revocation_ends_it_within_a_second()
    {
        await using var node = await StartAsync();
        Assert.Equal(HttpStatusCode.PreconditionFailed, await CallAsync(node, Signer.Sign(Claims(node))));
        await Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<RequesterDirectory>(node.Services).RevokeAsync("ehr", AuditEntry.Operator, TestContext.Current.CancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(node, Signer.Sign(Claims(node))));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<ServingNode> StartAsync(Func<Lazaret.Node.NodeOptions, Lazaret.Node.NodeOptions>? with = null)
    {
        var node = await ServingNode.StartAsync(with ?? TakeSmart);
        await node.RegisterAsync("ehr", CredentialKind.CdsIssuer, Issuer, Encoding.UTF8.GetBytes(TokenSigner.Jwks(Signer)));
        return node;
    }

    private static string Address(ServingNode node, string path) => new Uri(node.Client.BaseAddress!, path).AbsoluteUri;

    private static JsonObject Claims(ServingNode node, params IEnumerable<(string Name, JsonNode? Value)> other) => TokenNodes.With(
        new JsonObject { ["iss"] = Issuer, ["aud"] = Address(node, Service), ["exp"] = TokenSigner.In(240), ["iat"] = TokenSigner.In(0), ["jti"] = $"{Guid.NewGuid()}" }, other);

    /// <summary>A call without prefetch: 412 once it is let in.</summary>
    private static async Task<HttpStatusCode> CallAsync(ServingNode node, string token, string path = Service)
    {
        using var answer = await node.SendAsync(HttpMethod.Post, path, token, new StringContent(
            """{"hook":"patient-view","hookInstance":"d1577c69-dfbe-44ad-ba6d-3e05e953b2ea","context":{"patientId":"1"}}""", Encoding.UTF8, "application/json"));
        return answer.StatusCode;
    }
}
