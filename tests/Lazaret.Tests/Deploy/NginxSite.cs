using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Lazaret.Tests.EndToEnd;
using Lazaret.Tests.Identity.Certificates;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.Deploy;

/// <summary>The files of <c>deploy/nginx</c> in a folder of their own, with certificates, and what is started of them.</summary>
internal sealed class NginxSite : IDisposable
{
    /// <summary>From where nginx connects to the node: not from where strangers on this machine do, which they could not be told from.</summary>
    public const string ProxyAddress = "127.0.0.9";

    private const string Program = "/usr/sbin/nginx";

    private readonly TemporaryFolder _folder = new();
    private readonly TestAuthority _public = new("Public");
    private readonly X509Certificate2 _server;

    public NginxSite()
    {
        ServerProcess.Require(Program, "nginx");
        _server = _public.Issue("CN=localhost", use: TestAuthority.ForServers, host: "localhost");
        Directory.CreateDirectory(_folder["clients"]);
        File.WriteAllText(_folder["clients/clients.crt"], Hospital.Pem);
        File.WriteAllText(_folder["clients/clients.crl"], Hospital.CrlPem());
    }

    public TestAuthority Hospital { get; } = new("Hospital");

    public string Folder => _folder.Path;

    public IEnumerable<(string Key, string Value)> Settings =>
    [
        ("Lazaret__Auth__Modes__0", "key"), ("Lazaret__Auth__Modes__1", "mtls"), ("Lazaret__Http__Proxies__0", ProxyAddress), ("Lazaret__Data__View", TinySite.Folder),
        ("Lazaret__Auth__Mtls__Authorities", _folder["clients/clients.crt"]), ("Lazaret__Auth__Mtls__Crl__0", _folder["clients/clients.crl"]),
    ];

    public Task<HostedNode> ServeAsync() => HostedNode.ServeAsync(Folder, Settings);

    /// <summary>Registers a new certificate with the command of the operator's.</summary>
    public async Task<X509Certificate2> RegisterAsync(string name)
    {
        var certificate = Hospital.Issue($"CN={name}");
        await File.WriteAllTextAsync(_folder["certificate.pem"], certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        var (exit, _, error) = await HostedNode.RunAsync(Folder, ["requesters", "add", name, "--certificate", _folder["certificate.pem"]], Settings);
        Assert.True(exit == 0 && error.Length == 0, error);
        return certificate;
    }

    public Task WriteListAsync(X509Certificate2 revoked) => File.WriteAllTextAsync(_folder["clients/clients.crl"], Hospital.CrlPem(revoked), TestContext.Current.CancellationToken);

    /// <param name="node">The first API.</param>
    /// <param name="change">Of the deployed file, beyond ports and folders.</param>
    /// <param name="second">The port of the second API; else nobody is there.</param>
    public async Task<Running> StartAsync(RunningNode node, Func<string, string>? change = null, int? second = null)
    {
        var port = ServerProcess.FreePort();
        var text = Deployment.Read("nginx", "nginx.conf");
        foreach (var (here, there) in ((string, string)[])
        [
            (" /tmp/", $" {Folder}/"), ("/run/nginx.pid", "nginx.pid"), ("/var/log/nginx/", ""), ("listen 8443", $"listen 127.0.0.1:{port}"), ("error_log stderr", "error_log error.log"),
            ("proxy_http_version 1.1;", $"proxy_http_version 1.1; proxy_bind {ProxyAddress};"),
        ])
        {
            Assert.Contains(here, text, StringComparison.Ordinal);
            text = text.Replace(here, there, StringComparison.Ordinal);
        }

        var changed = change?.Invoke(text);
        Assert.NotEqual(text, changed);
        await File.WriteAllTextAsync(_folder["nginx.conf"], changed ?? text, TestContext.Current.CancellationToken);
        var upstream = Deployment.Read("nginx", "upstream.conf").Replace(":8080 ", $":{node.Client.BaseAddress!.Port} ", StringComparison.Ordinal)
            .Replace(":8082 ", $":{second ?? ServerProcess.FreePort()} ", StringComparison.Ordinal);
        await File.WriteAllTextAsync(_folder["upstream.conf"], upstream, TestContext.Current.CancellationToken);
        File.Copy(Path.Combine(Deployment.Folder, "nginx", "refusals.conf"), _folder["refusals.conf"]);
        File.Copy(Path.Combine(Deployment.Folder, "nginx", "mtls.conf.example"), _folder["clients/mtls.conf"]);
        Directory.CreateDirectory(_folder["tls"]);
        await File.WriteAllTextAsync(_folder["tls/server.crt"], _server.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_folder["tls/server.key"], _server.GetECDsaPrivateKey()!.ExportECPrivateKeyPem(), TestContext.Current.CancellationToken);
        string[] arguments = ["-p", Folder, "-c", _folder["nginx.conf"], "-e", _folder["error.log"]];
        await Tool.RunAsync(Program, [.. arguments, "-t"]);
        var nginx = Process.Start(new ProcessStartInfo(Program, [.. arguments, "-g", Environment.IsPrivilegedProcess ? "daemon off; user root;" : "daemon off;"]) { UseShellExecute = false })!;
        var running = new Running(nginx, port, _public.Certificate);
        using var client = running.Client(null);
        await ServerProcess.AnswersAsync(nginx, () => client.GetStringAsync("/healthz", TestContext.Current.CancellationToken));
        return running;
    }

    public void Dispose()
    {
        Hospital.Dispose();
        _public.Dispose();
        _folder.Dispose();
    }

    internal sealed class Running(Process nginx, int port, X509Certificate2 root) : IAsyncDisposable
    {
        /// <summary>Trusts the public authority alone, and speaks HTTP/2 where the server does.</summary>
        public HttpClient Client(X509Certificate2? certificate)
        {
            var handler = new SocketsHttpHandler
            {
                SslOptions = new SslClientAuthenticationOptions
                {
                    CertificateChainPolicy = Trust(),
                    ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
                },
            };
            return new HttpClient(handler) { BaseAddress = new Uri($"https://localhost:{port}"), DefaultRequestVersion = HttpVersion.Version20 };
        }

        /// <summary>The new configuration and lists are in use once another worker process answers.</summary>
        public async Task ReloadAsync()
        {
            var before = Workers();
            using (var reload = Process.Start("kill", ["-HUP", $"{nginx.Id}"]))
                await reload.WaitForExitAsync(TestContext.Current.CancellationToken);
            await ServerProcess.AnswersAsync(nginx, () => Workers() is { Count: > 0 } now && !now.Overlaps(before) ? Task.CompletedTask : throw new IOException("the old workers are still there"));
        }

        /// <summary>Rotates the access log with the host's logrotate, as Debian's package of nginx tells it.</summary>
        public async Task RotateAsync(string folder)
        {
            ServerProcess.Require("/usr/sbin/logrotate", "logrotate");
            var rules = await File.ReadAllTextAsync("/etc/logrotate.d/nginx", TestContext.Current.CancellationToken);
            foreach (var (here, there) in ((string, string)[])
                [("/var/log/nginx/*.log", Path.Combine(folder, "access.log")), ("invoke-rc.d nginx rotate", $"kill -USR1 {nginx.Id}"), ("create 0640 www-data adm", "create 0640")])
            {
                Assert.Contains(here, rules, StringComparison.Ordinal);
                rules = rules.Replace(here, there, StringComparison.Ordinal);
            }

            var path = Path.Combine(folder, "logrotate");
            await File.WriteAllTextAsync(path, rules, TestContext.Current.CancellationToken);
            await Tool.RunAsync("/usr/sbin/logrotate", "--force", "--state", path + ".state", path);
        }

        /// <summary>Sends this over TLS as it is; all that is answered until nginx closes.</summary>
        public async Task<string> SendAsync(string request)
        {
            using var connection = new TcpClient("127.0.0.1", port);
            await using var tls = new SslStream(connection.GetStream());
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = Trust() }, TestContext.Current.CancellationToken);
            await tls.WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
            using var answer = new MemoryStream();
            try
            {
                await tls.CopyToAsync(answer, TestContext.Current.CancellationToken);
            }
            catch (IOException) when (answer.Length > 0)
            {
                // It has answered, and does not wait for the rest of the request.
            }

            return Encoding.UTF8.GetString(answer.ToArray());
        }

        public async Task<bool> SpeaksAsync(SslProtocols version)
        {
            using var connection = new TcpClient("127.0.0.1", port);
            await using var tls = new SslStream(connection.GetStream());
            try
            {
                await tls.AuthenticateAsClientAsync(
                    new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = version, CertificateChainPolicy = Trust() }, TestContext.Current.CancellationToken);
                return true;
            }
            catch (Exception e) when (e is AuthenticationException or IOException)
            {
                return false;
            }
        }

        public async ValueTask DisposeAsync() => await ServerProcess.StopAsync(nginx, "TERM");

        private X509ChainPolicy Trust()
        {
            var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            trust.CustomTrustStore.Add(root);
            return trust;
        }

        private HashSet<string> Workers() => [.. File.ReadAllText($"/proc/{nginx.Id}/task/{nginx.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)];
    }
}
