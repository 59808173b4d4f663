using System.Net;
using System.Text;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Certificates;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Identity.Tokens;
using Lazaret.Tests.Http;
using Lazaret.Tests.Http.Tls;
using Lazaret.Tests.Identity.Certificates;
using Lazaret.Tests.Identity.People;
using Lazaret.Tests.Identity.Tokens;

namespace Lazaret.Tests.Identity;

/// <summary>The table of access holds whatever somebody proves who they are with; every route is walked with keys in <see cref="AccessTests"/>.</summary>
public sealed class CredentialKindTests : IDisposable
{
    private const string Job = "11111111-1111-1111-1111-111111111111";

    /// <summary>One endpoint at least of each kind of entry in the table.</summary>
    private static readonly (string Endpoint, string Path)[] Sample =
    [
        ("GET /catalog/variables", "/catalog/variables"), ("GET /session", "/session"), ("GET /jobs/{id:guid}", $"/jobs/{Job}"), ("DELETE /jobs/{id:guid}", $"/jobs/{Job}"),
        ("GET /v1/reviews", "/v1/reviews"), ("GET /v1/budget", "/v1/budget"), ("POST /v1/diagnose", "/v1/diagnose"), ("GET /v1/models", "/v1/models"),
        ("GET /fhir/Library/{key}", $"/fhir/Library/{ServingNode.Model}"), ("GET /fhir/$status/{id:guid}", $"/fhir/$status/{Job}"), ("DELETE /fhir/$status/{id:guid}", $"/fhir/$status/{Job}"),
    ];

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_a_token_and_a_session_open_what_the_table_gives_their_role()
    {
        var issuer = TokenSigner.Make("one", "RS256");
        await File.WriteAllTextAsync(_folder["keys"], TokenSigner.Jwks(issuer), Stop);
        await using var node = await ServingNode.StartAsync(options => options with
        {
            Auth = new AuthOptions
            {
                Modes = [AuthModes.Key, AuthModes.Jwt, AuthModes.Smart, AuthModes.Accounts],
                Jwt = new JwtOptions { Issuers = [TokenNodes.Issuer(_folder["keys"])] },
            },
        });
        foreach (var role in RoleNames.Each)
            await AssertAsync($"a key of a {role}", role, Bearer(node.Client, await node.RegisterAsync($"a-{role}", role)));
        await AssertAsync("an access token of a requester", Roles.Requester, Bearer(node.Client, issuer.Sign(TokenNodes.Claims(("scope", "lazaret.ask")))));
        await AssertAsync("an access token of an auditor", Roles.Auditor, Bearer(node.Client, issuer.Sign(TokenNodes.Claims(("scope", "lazaret:watch")))));

        var client = await SmartClient.RegisterAsync(node, "ehr", TokenSigner.Make("one"));
        await AssertAsync("the node's own token", Roles.Requester, Bearer(node.Client, await client.TokenAsync(node)), isLimited: true);

        foreach (var role in (Roles[])[Roles.Steward, Roles.Auditor, Roles.Operator])
        {
            using var browser = new PersonBrowser(node);
            await browser.SetUpAsync(await node.InviteAsync($"person-{role}".ToLowerInvariant(), role));
            await AssertAsync($"a session of a {role}", role, async (method, path, body) => (await browser.SendAsync(method, path, body)).Status);
        }
    }

    [Fact]
    public async Task A_client_certificate_opens_what_the_table_gives_its_role()
    {
        using var server = new TestCertificates();
        using var own = server.Issue();
        server.Write(own);
        using var hospital = new TestAuthority("Hospital");
        await File.WriteAllTextAsync(_folder["authorities.pem"], hospital.Pem, Stop);
        await using var node = await ServingNode.StartAsync(
            options => options with
            {
                Tls = server.Options,
                Auth = new AuthOptions { Modes = [AuthModes.Mtls], Mtls = new MtlsOptions { Authorities = _folder["authorities.pem"] } },
            },
            "https://127.0.0.1:0");
        foreach (var role in RoleNames.Each)
        {
            using var certificate = hospital.Issue($"CN=a-{role}");
            await node.RegisterAsync($"a-{role}", CredentialKind.Certificate, ClientCertificate.FingerprintOf(certificate), [], role);
            using var handler = new SocketsHttpHandler();
            handler.SslOptions.ClientCertificates = [certificate];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
            handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == own.GetCertHashString();
            using var client = new HttpClient(handler) { BaseAddress = node.Client.BaseAddress };
            await AssertAsync($"a certificate of a {role}", role, Bearer(client, key: null));
        }
    }

    public void Dispose() => _folder.Dispose();

    /// <param name="what">Is shown.</param>
    /// <param name="role">Of whom it is.</param>
    /// <param name="send">Asks with it.</param>
    /// <param name="isLimited">Whether it opens those endpoints alone that are about FHIR's resources.</param>
    private static async Task AssertAsync(string what, Roles role, Func<HttpMethod, string, HttpContent?, Task<HttpStatusCode>> send, bool isLimited = false)
    {
        var wrong = new List<string>();
        foreach (var (endpoint, path) in Sample)
        {
            var method = new HttpMethod(endpoint.Split(' ')[0]);
            using var body = method == HttpMethod.Post ? new StringContent("{}", Encoding.UTF8, "application/json") : null;
            var status = await send(method, path, body);
            var access = AccessTable.Endpoints[endpoint];
            var isExpected = access.Admits(role) && !(isLimited && access.Resource is null)
                ? status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) && (int)status < 500
                : status == HttpStatusCode.Forbidden;
            if (!isExpected)
                wrong.Add($"{endpoint} by {what}: {status}");
        }

        Assert.Empty(wrong);
    }

    private static Func<HttpMethod, string, HttpContent?, Task<HttpStatusCode>> Bearer(HttpClient client, string? key) => async (method, path, body) =>
    {
        using var answer = await client.SendAsync(method, path, key, body);
        return answer.StatusCode;
    };
}
