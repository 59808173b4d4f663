using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Lazaret.Tests.EndToEnd;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.Deploy;

/// <summary>nginx with the deployment's configuration, in front of the built binary on loopback.</summary>
public sealed class NginxTests : IDisposable
{
    private const string Program = "/usr/sbin/nginx";

    private readonly TemporaryFolder _folder = new();
    private readonly X509Certificate2 _server = NewCertificate("localhost");
    private readonly X509Certificate2 _client = NewCertificate("bot");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_lets_in_who_holds_a_certificate_and_passes_the_nodes_own_answers_on()
    {
        ServerProcess.Require(Program, "nginx");
        await using var node = await NodeProcess.ServeAsync(_folder.Path);
        var port = ServerProcess.FreePort();
        await ConfigureAsync(port, node.Client.BaseAddress!.Port);
        await Tool.RunAsync(Program, [.. Arguments, "-t"]);
        var nginx = Process.Start(new ProcessStartInfo(Program, [.. Arguments, "-g", Environment.IsPrivilegedProcess ? "daemon off; user root;" : "daemon off;"]) { UseShellExecute = false })!;
        try
        {
            using var bot = Client(port, _client);
            await ServerProcess.AnswersAsync(nginx, () => bot.GetStringAsync(new Uri("/healthz", UriKind.Relative), Stop));
            Assert.True((bool)(await bot.GetFromJsonAsync<JsonNode>("/healthz", Stop))!["ok"]!);

            // The node's own words, and its own limits.
            using (var fault = await bot.PostAsJsonAsync("/v1/diagnose", new JsonObject(), Stop))
            {
                Assert.Equal(HttpStatusCode.UnprocessableEntity, fault.StatusCode);
                Assert.Equal(3, (await fault.Content.ReadFromJsonAsync<JsonNode>(Stop))!["errors"]!.AsArray().Count);
            }

            using (var large = new ByteArrayContent(new byte[20 << 20]))
            using (var refused = await bot.PostAsync(new Uri("/v1/diagnose", UriKind.Relative), large, Stop))
                Assert.Contains("application/problem+json", refused.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);

            // Another site's page gets nothing through a browser that holds the certificate.
            using (var foreign = new HttpRequestMessage(HttpMethod.Post, "/v1/diagnose") { Content = JsonContent.Create(new JsonObject()), Headers = { { "Origin", "https://evil.example" } } })
            using (var refused = await bot.SendAsync(foreign, Stop))
                Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);

            // Nobody without a certificate, or with one that the site has not issued, gets to the node.
            using var other = NewCertificate("stranger");
            foreach (var certificate in (X509Certificate2?[])[null, other])
            {
                using var stranger = Client(port, certificate);
                using var answer = await stranger.GetAsync(new Uri("/healthz", UriKind.Relative), Stop);
                Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
                Assert.Contains("nginx", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
            }
        }
        finally
        {
            await ServerProcess.StopAsync(nginx, "TERM");
        }
    }

    public void Dispose()
    {
        _server.Dispose();
        _client.Dispose();
        _folder.Dispose();
    }

    private string[] Arguments => ["-p", _folder.Path, "-c", _folder["nginx.conf"]];

    /// <summary>The deployment's file with this test's ports, and its own folder for /tmp.</summary>
    private async Task ConfigureAsync(int port, int node)
    {
        var text = Deployment.Read("nginx.conf");
        foreach (var (here, there) in ((string, string)[])[(" /tmp/", $" {_folder.Path}/"), ("127.0.0.1:8080", $"127.0.0.1:{node}"), ("listen 8443", $"listen 127.0.0.1:{port}"), ("/dev/stdout", "access.log")])
        {
            Assert.Contains(here, text, StringComparison.Ordinal);
            text = text.Replace(here, there, StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(_folder["nginx.conf"], text, Stop);
        Directory.CreateDirectory(_folder["tls"]);
        await File.WriteAllTextAsync(_folder["tls/server.crt"], _server.ExportCertificatePem(), Stop);
        await File.WriteAllTextAsync(_folder["tls/server.key"], _server.GetECDsaPrivateKey()!.ExportECPrivateKeyPem(), Stop);
        await File.WriteAllTextAsync(_folder["tls/clients.crt"], _client.ExportCertificatePem(), Stop);
    }

    private HttpClient Client(int port, X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = certificate is null ? [] : [certificate],
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == _server.GetCertHashString(),
            },
        };
        return new HttpClient(handler) { BaseAddress = new Uri($"https://localhost:{port}") };
    }

    private static X509Certificate2 NewCertificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
    }
}
