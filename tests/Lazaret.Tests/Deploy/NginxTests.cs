using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Lazaret.Node.Identity.Certificates;
using Lazaret.Tests.EndToEnd;
using Lazaret.Tests.Identity.Certificates;

namespace Lazaret.Tests.Deploy;

/// <summary>nginx with the deployment's configuration, in front of a node on loopback, which takes keys and client certificates.</summary>
public sealed class NginxTests : IDisposable
{
    private const string Catalog = "/catalog/variables";

    private readonly NginxSite _site = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_passes_on_who_asks_and_the_nodes_own_answers()
    {
        await using var node = await _site.ServeAsync();
        await using var nginx = await _site.StartAsync(node);
        var bot = await _site.RegisterAsync("bot");
        using var client = nginx.Client(bot);
        using (var answer = await client.GetAsync(Catalog, Stop))
        {
            Assert.Equal((HttpStatusCode.OK, HttpVersion.Version20), (answer.StatusCode, answer.Version));
            Assert.Single(answer.Headers.GetValues("Strict-Transport-Security"));
        }

        // The node's own words, and its own limits.
        using (var fault = await client.PostAsJsonAsync("/v1/diagnose", new JsonObject(), Stop))
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, fault.StatusCode);
            Assert.Equal(3, (await fault.Content.ReadFromJsonAsync<JsonNode>(Stop))!["errors"]!.AsArray().Count);
        }

        using (var large = new ByteArrayContent(new byte[20 << 20]))
        using (var refused = await client.PostAsync(new Uri("/v1/diagnose", UriKind.Relative), large, Stop))
            Assert.Contains("application/problem+json", refused.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);

        // Who shows no certificate is asked by the node who they are, and may have a key.
        using var nobody = nginx.Client(null);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(nobody, "/healthz"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(nobody, Catalog));
        // What comes through nginx does not come from this machine, though nginx runs on it.
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(nobody, "/metrics"));
        var (exit, key, error) = await HostedNode.RunAsync(_site.Folder, ["requesters", "add", "script"], _site.Settings);
        Assert.True(exit == 0, error);
        nobody.DefaultRequestHeaders.Authorization = new("Bearer", key.Trim());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(nobody, Catalog));

        using var unregistered = nginx.Client(_site.Hospital.Issue("CN=other"));
        using var words = await unregistered.GetAsync(Catalog, Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, words.StatusCode);
        Assert.Contains("registered for nobody", await words.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_does_not_pass_is_refused_in_words()
    {
        await using var node = await _site.ServeAsync();
        await using var nginx = await _site.StartAsync(node);
        var revoked = await _site.RegisterAsync("revoked");
        await _site.WriteListAsync(revoked);
        await nginx.ReloadAsync();
        using var elsewhere = new TestAuthority("Hospital");
        foreach (var (certificate, why) in ((X509Certificate2, string)[])
        [
            (revoked, "certificate revoked"), (_site.Hospital.Issue("CN=revoked", fromDays: -3, untilDays: -1), "certificate has expired"),
            (_site.Hospital.Issue("CN=revoked", fromDays: 1, untilDays: 2), "certificate is not yet valid"), (elsewhere.Issue("CN=revoked"), "FAILED:"),
            (_site.Hospital.Issue("CN=revoked", use: TestAuthority.ForServers), "FAILED:"),
        ])
        {
            using var client = nginx.Client(certificate);
            using var answer = await client.GetAsync(Catalog, Stop);
            var body = await answer.Content.ReadAsStringAsync(Stop);
            Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, $"{why}: {answer.StatusCode} {body}");
            Assert.Contains(why, (string?)JsonNode.Parse(body)!["detail"], StringComparison.Ordinal);
            using var fhir = await client.GetAsync("/fhir/Library/x", Stop);
            Assert.Equal("application/fhir+json", fhir.Content.Headers.ContentType!.MediaType);
        }

        // The node reads the same list, once in a second, and judges by itself what the proxy passes on.
        await Wait.UntilAsync(
            async () =>
            {
                using var passed = await SendAsync(node.Client.BaseAddress!, NginxSite.ProxyAddress, revoked);
                return (await passed.Content.ReadAsStringAsync(Stop)).Contains("was revoked by its authority", StringComparison.Ordinal);
            },
            "what the proxy passes on is refused");
    }

    [Fact]
    public async Task A_forged_header_gets_nobody_in_straight_or_through_nginx()
    {
        await using var node = await _site.ServeAsync();
        await using var nginx = await _site.StartAsync(node);
        var bot = await _site.RegisterAsync("bot");
        using (var genuine = await SendAsync(node.Client.BaseAddress!, NginxSite.ProxyAddress, bot))
            Assert.Equal(HttpStatusCode.OK, genuine.StatusCode);

        using (var straight = await SendAsync(node.Client.BaseAddress!, "127.0.0.1", bot))
            Assert.Equal(HttpStatusCode.Unauthorized, straight.StatusCode);
        foreach (var header in (string[])[ForwardedCertificate.Header, "x-client-certificate", "X_Client_Certificate"])
        {
            using var nobody = nginx.Client(null);
            nobody.DefaultRequestHeaders.TryAddWithoutValidation(header, Uri.EscapeDataString(bot.ExportCertificatePem()));
            nobody.DefaultRequestHeaders.TryAddWithoutValidation("Connection", header);
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(nobody, Catalog));
        }

        // Nor does it change who shows a certificate of their own.
        using var other = nginx.Client(_site.Hospital.Issue("CN=other"));
        other.DefaultRequestHeaders.TryAddWithoutValidation(ForwardedCertificate.Header, Uri.EscapeDataString(bot.ExportCertificatePem()));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(other, Catalog));
    }

    [Fact]
    public async Task Too_many_requests_are_429_with_a_time_to_wait_and_health_is_answered_meanwhile()
    {
        await using var node = await _site.ServeAsync();
        // Two hundred at once pass, and then one a minute: how fast this machine is does not matter.
        await using var nginx = await _site.StartAsync(node, text => text.Replace("rate=100r/s", "rate=1r/m", StringComparison.Ordinal));
        using var client = nginx.Client(null);
        var codes = new List<HttpStatusCode>();
        for (var i = 0; i < 210; i++)
            codes.Add(await StatusAsync(client, Catalog));
        Assert.Equal(9, codes.Count(code => code == HttpStatusCode.TooManyRequests));
        using (var busy = await client.GetAsync(Catalog, Stop))
        {
            Assert.Equal(TimeSpan.FromSeconds(1), busy.Headers.RetryAfter!.Delta);
            Assert.Equal("urn:lazaret:problem:too-many-requests", (string?)(await busy.Content.ReadFromJsonAsync<JsonNode>(Stop))!["type"]);
            Assert.Equal("application/problem+json", busy.Content.Headers.ContentType!.MediaType);
        }

        using (var fhir = await client.GetAsync("/fhir/Library/x", Stop))
            Assert.Equal("OperationOutcome", (string?)(await fhir.Content.ReadFromJsonAsync<JsonNode>(Stop))!["resourceType"]);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await StatusAsync(client, "/healthz"), await StatusAsync(client, "/readyz")));
    }

    [Fact]
    public async Task No_query_gets_into_a_log_and_nothing_older_than_tls_1_2_is_spoken()
    {
        await using var node = await NodeProcess.ServeAsync(_site.Folder, _site.Settings);
        await using (var nginx = await _site.StartAsync(node, text => text.Replace("burst=200 nodelay", "burst=1 nodelay", StringComparison.Ordinal).Replace("rate=100r/s", "rate=1r/m", StringComparison.Ordinal)))
        {
            using var client = nginx.Client(null);
            foreach (var path in (string[])["/fhir/Library/x?name=Mustermann", "/v1/jobs/1?name=Mustermann", "/v1/jobs/2?name=Mustermann", "/nginx-refuses/busy.problem?name=Mustermann", "/healthz?name=Mustermann"])
                await StatusAsync(client, path);
            // Nobody behind nginx: it reports the request that failed.
            await node.KillAsync();
            Assert.Equal(HttpStatusCode.BadGateway, await StatusAsync(client, "/healthz?name=Mustermann"));

            foreach (var (version, spoken) in ((SslProtocols, bool)[])[(SslProtocols.Tls12, true), (SslProtocols.Tls13, true)])
                Assert.Equal(spoken, await nginx.SpeaksAsync(version));
#pragma warning disable SYSLIB0039, CA5397 // What is asked is that nobody speaks them.
            Assert.False(await nginx.SpeaksAsync(SslProtocols.Tls11));
#pragma warning restore SYSLIB0039, CA5397
        }

        var log = await File.ReadAllTextAsync(Path.Combine(_site.Folder, "access.log"), Stop) + await File.ReadAllTextAsync(Path.Combine(_site.Folder, "error.log"), Stop);
        Assert.Contains("GET /fhir/Library/x\"", log, StringComparison.Ordinal);
        Assert.Contains("GET /v1/jobs/2\" 429", log, StringComparison.Ordinal);
        Assert.DoesNotContain("Mustermann", log, StringComparison.Ordinal);
    }

    public void Dispose() => _site.Dispose();

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path, Stop);
        return answer.StatusCode;
    }

    /// <summary>Straight to the node, from an address of this machine, as a proxy would pass a certificate on.</summary>
    private static async Task<HttpResponseMessage> SendAsync(Uri node, string from, X509Certificate2 certificate)
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node, Catalog)) { Headers = { { "X-Forwarded-For", "192.0.2.7" }, { "X-Forwarded-Proto", "https" } } };
        request.Headers.TryAddWithoutValidation(ForwardedCertificate.Header, Uri.EscapeDataString(certificate.ExportCertificatePem()));
        return await client.SendAsync(request, Stop);
    }
}
