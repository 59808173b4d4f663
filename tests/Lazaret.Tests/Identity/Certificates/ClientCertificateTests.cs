using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Http;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Certificates;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Storage;
using Lazaret.Tests.Http;
using Lazaret.Tests.Http.Tls;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Identity.Certificates;

/// <summary>Client certificates, shown to the node itself and through a proxy.</summary>
public sealed class ClientCertificateTests : IDisposable
{
    private const string Catalog = "/catalog/variables";
    private const string Https = "https://127.0.0.1:0";

    private readonly TemporaryFolder _folder = new();
    private readonly TestCertificates _server = new();
    private readonly TestAuthority _hospital = new("Hospital");
    private readonly TestAuthority _elsewhere = new("Elsewhere");
    private readonly X509Certificate2 _node;
    private readonly X509Certificate2 _bot;
    private readonly X509Certificate2 _revoked;

    public ClientCertificateTests()
    {
        _node = _server.Issue();
        _server.Write(_node);
        (_bot, _revoked) = (_hospital.Issue("CN=bot, O=Hospital"), _hospital.Issue("CN=revoked"));
        File.WriteAllText(_folder["authorities.pem"], _hospital.Pem);
        File.WriteAllText(_folder["list.pem"], _hospital.CrlPem(_revoked));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(CredentialKind.Certificate)]
    [InlineData(CredentialKind.CertificateSubject)]
    public async Task Whose_certificate_or_subject_is_registered_is_let_in_until_they_are_revoked(CredentialKind kind)
    {
        await using var node = await StartAsync();
        await RegisterAsync(node, "bot", kind, _bot);
        using var client = Client(node, _bot);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client));
        Assert.Equal("bot", (await AuditAsync(node)).Single(entry => entry.Action == AuditAction.Authenticated).Actor);

        await node.Services.GetRequiredService<RequesterDirectory>().RevokeAsync("bot", AuditEntry.Operator, Stop);
        await Task.Delay(TimeSpan.FromSeconds(1), Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(client));
    }

    [Theory]
    [InlineData("Origin", "https://evil.example", HttpStatusCode.Unauthorized)]
    [InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.Unauthorized)]
    [InlineData("Sec-Fetch-Site", "same-origin", HttpStatusCode.NotFound)]
    [InlineData("Accept", "*/*", HttpStatusCode.NotFound)]
    public async Task A_page_of_another_site_does_nothing_with_a_browsers_certificate(string header, string value, HttpStatusCode expected)
    {
        await using var node = await StartAsync();
        await RegisterAsync(node, "bot", CredentialKind.Certificate, _bot);
        using var client = Client(node, _bot);
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"/jobs/{Guid.NewGuid()}");
        request.Headers.Add(header, value);
        using var answer = await client.SendAsync(request, Stop);
        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task A_head_request_over_http_2_is_answered_without_content()
    {
        await using var node = await StartAsync();
        using var client = Client(node, _bot);
        foreach (var path in new[] { "/healthz", "/" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using var answer = await client.SendAsync(request, Stop);
            Assert.Equal((HttpStatusCode.OK, HttpVersion.Version20), (answer.StatusCode, answer.Version));
            Assert.Empty(await answer.Content.ReadAsByteArrayAsync(Stop));
        }
    }

    [Theory]
    [InlineData("unregistered", "registered for nobody")]
    [InlineData("expired", "expired at")]
    [InlineData("early", "is valid only from")]
    [InlineData("foreign", "none of the authorities")]
    [InlineData("revoked", "was revoked by its authority")]
    [InlineData("server", "lacks clientAuth")]
    public async Task Any_other_certificate_is_a_401_in_words_that_the_audit_keeps(string which, string words)
    {
        await using var node = await StartAsync();
        var certificate = which switch
        {
            "unregistered" => _hospital.Issue("CN=nobody"),
            "expired" => _hospital.Issue("CN=bot, O=Hospital", fromDays: -3, untilDays: -1),
            "early" => _hospital.Issue("CN=bot, O=Hospital", fromDays: 1, untilDays: 2),
            "foreign" => _elsewhere.Issue("CN=bot, O=Hospital"),
            "revoked" => _revoked,
            _ => _hospital.Issue("CN=bot, O=Hospital", use: TestAuthority.ForServers),
        };
        // What is refused is refused although it is registered.
        await RegisterAsync(node, "bot", CredentialKind.CertificateSubject, _bot);
        if (which != "unregistered")
            await RegisterAsync(node, "bot2", CredentialKind.Certificate, certificate);

        using var client = Client(node, certificate);
        using var answer = await client.GetAsync(Catalog, Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("Certificate", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.Contains(words, await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        var entry = (await AuditAsync(node)).Single(entry => entry.Action == AuditAction.AuthenticationRefused);
        Assert.Contains(words, entry.Detail, StringComparison.Ordinal);
        Assert.Contains(ClientCertificate.FingerprintOf(certificate), entry.Detail, StringComparison.Ordinal);
        // The answer does not depend on the door: a proxy's word gets the same.
        using var passed = await PassOnAsync(node, certificate);
        Assert.Equal(HttpStatusCode.Unauthorized, passed.StatusCode);
    }

    [Fact]
    public async Task A_certificate_is_asked_for_and_not_required()
    {
        await using var node = await StartAsync();
        using var client = Client(node, null);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/healthz"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(client));
        client.DefaultRequestHeaders.Authorization = new("Bearer", await node.RegisterAsync("script", Roles.Requester));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client));
    }

    [Fact]
    public async Task Neither_handshake_nor_request_calls_an_address_in_a_certificate()
    {
        await using var node = await StartAsync();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = Client(node, _elsewhere.Issue("CN=bot", issuerAt: $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/issuer.cer"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(client));
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task A_certificate_that_was_registered_and_revoked_does_not_come_back_by_its_subject()
    {
        await using var node = await StartAsync();
        await RegisterAsync(node, "old", CredentialKind.Certificate, _bot);
        await node.Services.GetRequiredService<RequesterDirectory>().RevokeAsync("old", AuditEntry.Operator, Stop);
        await RegisterAsync(node, "new", CredentialKind.CertificateSubject, _bot);
        using var renewed = Client(node, _hospital.Issue("CN=bot, O=Hospital"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(renewed));
        using var old = Client(node, _bot);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(old));
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable, AuthModes.Mtls)]
    [InlineData(HttpStatusCode.OK, AuthModes.Key, AuthModes.Mtls)]
    public async Task A_list_that_is_out_of_date_refuses_and_is_told_and_the_node_is_not_ready_where_nobody_else_comes_in(HttpStatusCode readiness, params string[] modes)
    {
        await using var node = await StartAsync(modes);
        await RegisterAsync(node, "bot", CredentialKind.Certificate, _bot);
        using var client = Client(node, _bot);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await StatusAsync(client), await StatusAsync(client, "/readyz")));
        await File.WriteAllBytesAsync(_folder["list.pem"], _hospital.Crl(until: TestAuthority.Now.AddSeconds(-1)), Stop);
        await Task.Delay(TimeSpan.FromSeconds(1.1), Stop);
        using var refused = await client.GetAsync(Catalog, Stop);
        Assert.Contains("is out of date since", await refused.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        using var ready = await client.GetAsync("/readyz", Stop);
        Assert.Equal((HttpStatusCode.Unauthorized, readiness), (refused.StatusCode, ready.StatusCode));
        Assert.Contains("revocation list of CN=Hospital is out of date", await ready.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_header_of_a_configured_proxy_is_believed_and_nobody_else_s()
    {
        await using var node = await StartAsync();
        await RegisterAsync(node, "bot", CredentialKind.Certificate, _bot);
        using (var passed = await PassOnAsync(node, _bot))
            Assert.Equal(HttpStatusCode.OK, passed.StatusCode);
        foreach (var broken in (string[])["x", "%zz", Uri.EscapeDataString(_bot.ExportCertificatePem() + "\n" + _bot.ExportCertificatePem()), Uri.EscapeDataString(_bot.ExportCertificatePem().Replace("M", "A", StringComparison.Ordinal))])
        {
            using var answer = await SendAsync(node, null, "127.0.0.9", broken);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Contains("no URL-encoded PEM certificate", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }

        // A stranger's header is removed, and does not hide the stranger's own certificate.
        using (var forged = await SendAsync(node, null, "127.0.0.1", Uri.EscapeDataString(_bot.ExportCertificatePem())))
            Assert.Equal(HttpStatusCode.Unauthorized, forged.StatusCode);
        using (var other = await SendAsync(node, _elsewhere.Issue("CN=stranger"), "127.0.0.1", Uri.EscapeDataString(_bot.ExportCertificatePem())))
            Assert.Contains("none of the authorities", await other.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);

        // The certificate by which a proxy connects is the proxy's, and no client's.
        using var own = await SendAsync(node, _bot, "127.0.0.9", null);
        Assert.Equal(HttpStatusCode.Unauthorized, own.StatusCode);
    }

    [Fact]
    public async Task Authorities_that_cannot_be_read_stop_the_start()
    {
        File.Delete(_folder["authorities.pem"]);
        Assert.Contains("there is no file", (await Assert.ThrowsAsync<InputException>(() => StartAsync())).Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _hospital.Dispose();
        _elsewhere.Dispose();
        _node.Dispose();
        _server.Dispose();
        _folder.Dispose();
    }

    private static Task RegisterAsync(ServingNode node, string name, CredentialKind kind, X509Certificate2 certificate) =>
        node.Services.GetRequiredService<RequesterDirectory>().AddAsync(
            name, Roles.Requester, kind, kind == CredentialKind.Certificate ? ClientCertificate.FingerprintOf(certificate) : ClientCertificate.SubjectOf(certificate), [], null, AuditEntry.Operator, Stop);

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path = Catalog)
    {
        using var answer = await client.GetAsync(path, Stop);
        return answer.StatusCode;
    }

    private static async Task<List<AuditEntry>> AuditAsync(ServingNode node)
    {
        await using var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
        return await db.Audit.ToListAsync(Stop);
    }

    private Task<ServingNode> StartAsync(params string[] modes) => ServingNode.StartAsync(
        options => options with
        {
            Tls = _server.Options,
            Http = new HttpOptions { Proxies = ["127.0.0.9"] },
            Auth = new AuthOptions { Modes = modes.Length > 0 ? modes : [AuthModes.Key, AuthModes.Mtls], Mtls = new MtlsOptions { Authorities = _folder["authorities.pem"], Crl = [_folder["list.pem"]] } },
        },
        Https);

    private Task<HttpResponseMessage> PassOnAsync(ServingNode node, X509Certificate2 certificate) => SendAsync(node, null, "127.0.0.9", Uri.EscapeDataString(certificate.ExportCertificatePem()));

    private async Task<HttpResponseMessage> SendAsync(ServingNode node, X509Certificate2? certificate, string from, string? header)
    {
        using var client = Client(node, certificate, from);
        using var request = new HttpRequestMessage(HttpMethod.Get, Catalog) { Headers = { { "X-Forwarded-For", "192.0.2.7" }, { "X-Forwarded-Proto", "https" } } };
        if (header is not null)
            request.Headers.TryAddWithoutValidation(ForwardedCertificate.Header, header);
        return await client.SendAsync(request, Stop);
    }

    private HttpClient Client(ServingNode node, X509Certificate2? certificate, string from = "127.0.0.1")
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = new SslClientAuthenticationOptions
            {
                // Offline: this client, too, would look for the issuers of its own certificate.
                ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == _node.GetCertHashString(),
            },
        };
        return new HttpClient(handler) { BaseAddress = node.Client.BaseAddress };
    }
}
