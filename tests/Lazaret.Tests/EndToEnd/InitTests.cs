using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Lazaret.Tests.Http.Tls;
using Lazaret.Tests.Identity.Certificates;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.EndToEnd;

/// <summary><c>lazaret init</c> makes a node that starts as it is.</summary>
public sealed class InitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_production_node_starts_with_TLS_and_knows_its_first_operator()
    {
        var (port, node) = (ServerProcess.FreePort(), _folder["node"]);
        var (exitCode, output, error) = await InitAsync("--production", "--host", "localhost", "--port", $"{port}", "--site", "Somewhere");
        Assert.True(exitCode == 0, error);
        var key = output.TrimEnd('\n');
        Assert.Matches(@"\Alzk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}\z", key);
        Assert.DoesNotContain(key, error, StringComparison.Ordinal);
        foreach (var secret in new[] { "tls/node.key", "var/keys.json", "var/lazaret.db" })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(node, secret)));
        var settings = await File.ReadAllTextAsync(Path.Combine(node, "appsettings.json"), Stop);
        Assert.DoesNotContain(key[^43..], settings, StringComparison.Ordinal);
        Assert.Equal("""{"Profile":"guarded","Ledger":"project","SiteLimit":0.8,"WhenSpent":"review"}""", JsonNode.Parse(settings)!["Lazaret"]!["Disclosure"]!.ToJsonString());
        // What a site chooses by stands beside it.
        Assert.Contains("#   130        29 / 61 / 92 %, from week 7 / 15 / 38      59 / 100 / 100 %", await File.ReadAllTextAsync(Path.Combine(node, "lazaret.env"), Stop), StringComparison.Ordinal);

        // Without the variable, too: it stands in lazaret.env, beside the settings.
        await using var process = await NodeProcess.ServeAsConfiguredAsync(node);
        Assert.Contains("Production", (await NodeProcess.RunAsConfiguredAsync(node, ["doctor"])).Output, StringComparison.Ordinal);
        using var client = Client(Path.Combine(node, "tls", "node.pem"));
        var catalog = new Uri($"https://localhost:{port}/catalog/variables");
        using (var refused = await client.GetAsync(catalog, Stop))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.Single().Scheme);
        }

        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        var shown = JsonNode.Parse(await client.GetStringAsync(catalog, Stop))!;
        Assert.Equal(("Somewhere", "guarded"), ((string?)shown["site"], (string?)shown["disclosure"]!["profile"]));
        using var map = await client.PostAsync(new Uri($"https://localhost:{port}/jobs"), new MultipartFormDataContent(), Stop);
        Assert.Equal(HttpStatusCode.Forbidden, map.StatusCode);
    }

    [Fact]
    public async Task Each_mode_starts_with_its_settings_and_an_operator_of_its_own_kind()
    {
        var (port, node) = (ServerProcess.FreePort(), _folder["node"]);
        using var hospital = new TestAuthority("Hospital");
        using var mine = hospital.Issue("CN=me");
        await File.WriteAllTextAsync(_folder["clients.crt"], hospital.Pem, Stop);
        await File.WriteAllTextAsync(_folder["me.crt"], mine.ExportCertificatePem(), Stop);
        await File.WriteAllTextAsync(_folder["secret"], "s", Stop);
        File.SetUnixFileMode(_folder["secret"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var (exitCode, output, error) = await InitAsync(
            "--production", "--host", "localhost", "--port", $"{port}", "--auth", "mtls,jwt,oidc,smart", "--operator-certificate", _folder["me.crt"],
            // As they are seen from where the command runs.
            "--Lazaret:Auth:Mtls:Authorities=clients.crt", "--Lazaret:Auth:Oidc:ClientSecretFile=secret",
            "--Lazaret:Auth:Jwt:Issuers:0:Name=clinic", "--Lazaret:Auth:Jwt:Issuers:0:Issuer=https://clinic.example", "--Lazaret:Auth:Jwt:Issuers:0:Audience=lazaret",
            "--Lazaret:Auth:Jwt:Issuers:0:Jwks=https://clinic.example/keys", "--Lazaret:Auth:Jwt:Issuers:0:Scopes:ask=requester",
            "--Lazaret:Auth:Oidc:Authority=https://staff.example", "--Lazaret:Auth:Oidc:ClientId=lazaret", "--Lazaret:Auth:Oidc:Roles:stewards=steward");
        Assert.True(exitCode == 0, error);
        Assert.Matches(@"\A[0-9a-f]{64}\n\z", output);
        var auth = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(node, "appsettings.json"), Stop))!["Lazaret"]!["Auth"]!;
        Assert.Equal(["mtls", "jwt", "oidc", "smart"], auth["Modes"]!.AsArray().Select(mode => (string)mode!));
        Assert.Equal((_folder["clients.crt"], _folder["secret"], "clinic"), ((string?)auth["Mtls"]!["Authorities"], (string?)auth["Oidc"]!["ClientSecretFile"], (string?)auth["Jwt"]!["Issuers"]![0]!["Name"]));

        await using var process = await NodeProcess.ServeAsConfiguredAsync(node, ("DOTNET_ENVIRONMENT", "Production"));
        using var client = Client(Path.Combine(node, "tls", "node.pem"), mine);
        using var asked = await client.GetAsync(new Uri($"https://localhost:{port}/session"), Stop);
        Assert.Contains("\"operator\"", await asked.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_of_accounts_prints_its_first_operator_s_link()
    {
        var (port, node) = (ServerProcess.FreePort(), _folder["node"]);
        var (exitCode, output, error) = await InitAsync("--production", "--host", "localhost", "--port", $"{port}", "--auth", "accounts", "--operator", "ada");
        Assert.True(exitCode == 0, error);
        Assert.Matches($@"\Ahttps://localhost:{port}/sign-in/setup#[A-Za-z0-9_-]{{43}}\n\z", output);
        await using var process = await NodeProcess.ServeAsConfiguredAsync(node, ("DOTNET_ENVIRONMENT", "Production"));
        using var client = Client(Path.Combine(node, "tls", "node.pem"));
        using var page = await client.GetAsync(new Uri(output.Trim()), Stop);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task What_the_modes_lack_is_said_at_once_by_the_settings_that_give_it()
    {
        var (exitCode, output, error) = await InitAsync("--production", "--host", "localhost", "--port", "0", "--auth", "mtls,jwt,oidc,carrier-pigeon");
        Assert.Equal((2, ""), (exitCode, output));
        foreach (var part in new[]
        {
            "--port", "--operator-certificate: is missing", "'carrier-pigeon' is not one of", "Lazaret:Auth:Mtls:Authorities: is empty", "Lazaret:Auth:Jwt:Issuers: is empty",
            "Lazaret:Auth:Oidc:Authority", "Lazaret:Auth:Oidc:ClientId", "Lazaret:Auth:Oidc:Roles",
        })
            Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["node"]));
        Assert.Contains("there is no file", (await InitAsync("--production", "--auth", "key,mtls", "--Lazaret:Auth:Mtls:Authorities=nowhere.crt")).Error, StringComparison.Ordinal);
        Assert.Contains("no such key", (await InitAsync("--production", "--Lazaret:Auth:Mods=key")).Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["node"]));
    }

    [Fact]
    public async Task A_node_for_this_machine_alone_starts_without_anything_more()
    {
        var port = ServerProcess.FreePort();
        Assert.Equal((0, ""), (await InitAsync("--port", $"{port}", "--data", TinySite.Folder)) is var (exitCode, output, _) ? (exitCode, output) : default);
        await using var process = await NodeProcess.ServeAsConfiguredAsync(_folder["node"]);
        Assert.Equal(port, process.Client.BaseAddress!.Port);
        using var catalog = await process.Client.GetAsync(new Uri("/catalog/variables", UriKind.Relative), Stop);
        Assert.Equal(HttpStatusCode.OK, catalog.StatusCode);
    }

    [Fact]
    public async Task Nothing_that_is_there_is_replaced_and_all_faults_are_told_at_once()
    {
        Directory.CreateDirectory(_folder["node"]);
        await File.WriteAllTextAsync(Path.Combine(_folder["node"], "appsettings.json"), "{}", Stop);
        var (exitCode, output, error) = await InitAsync("--production", "--host", "no host", "--port", "0", "--certificate", "nowhere.pem", "--data", "nowhere", "--operator", "a b");
        Assert.Equal((2, ""), (exitCode, output));
        foreach (var part in new[] { "appsettings.json: is there already", "--host: 'no host'", "--port: 0", "--certificate and --key", "--data: nowhere", "--operator: 'a b'" })
            Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.Equal("{}", await File.ReadAllTextAsync(Path.Combine(_folder["node"], "appsettings.json"), Stop));
        Assert.Single(Directory.EnumerateFileSystemEntries(_folder["node"]));
    }

    [Fact]
    public async Task What_the_start_would_refuse_is_refused_before_anything_is_written()
    {
        using var certificates = new TestCertificates();
        certificates.Write(certificates.Issue());
        using var stranger = ECDsa.Create();
        var key = _folder["other.key"];
        await File.WriteAllTextAsync(key, stranger.ExportPkcs8PrivateKeyPem(), Stop);
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var (exitCode, output, error) = await InitAsync("--production", "--host", "localhost", "--certificate", certificates.Options.Certificate, "--key", key);
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains("is not the private key", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["node"]));

        // Such a name is the node's own; nobody whose certificate the authorities did not issue would get in.
        using TestAuthority hospital = new("Hospital"), other = new("Other");
        using var foreign = other.Issue("CN=me");
        await File.WriteAllTextAsync(_folder["clients.crt"], hospital.Pem, Stop);
        await File.WriteAllTextAsync(_folder["me.crt"], foreign.ExportCertificatePem(), Stop);
        var refused = await InitAsync("--production", "--host", "localhost", "--operator", "local", "--auth", "mtls", "--operator-certificate", _folder["me.crt"], "--Lazaret:Auth:Mtls:Authorities=clients.crt");
        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.Contains("--operator: 'local'", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--operator-certificate: The client certificate", refused.Error, StringComparison.Ordinal);
        Assert.Contains("was issued by none of the authorities", refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["node"]));

        // Nor is anything left of what fails on the way: of a certificate for another name, a queue without an address, keys that nobody gives, a folder that anybody may exchange.
        certificates.Write(certificates.Issue());
        Directory.CreateDirectory(_folder["open"]);
        File.SetUnixFileMode(_folder["open"], (UnixFileMode)0b111_111_111);
        foreach (var (folder, words, options) in ((string, string, string[])[])
        [
            ("node", "does not name --host other.example", ["--host", "other.example", "--certificate", certificates.Options.Certificate, "--key", certificates.Options.Key]),
            ("node", "ConnectionStrings:Redis", ["--host", "localhost", "--Lazaret:Queue:Provider=redis"]),
            ("node", "Lazaret:Sandbox:Backend", ["--host", "localhost", "--Lazaret:Sandbox:Backend=process"]),
            ("node", "LAZARET_KEYS", ["--host", "localhost", "--Lazaret:Keys:Source=environment"]),
            ("node", "give --certificate instead", ["--host", "localhost", "--Lazaret:Tls:Certificate=/nonexist.pem"]),
            ("node", "give --site instead", ["--host", "localhost", "--Lazaret:Site:Name=A"]),
            ("node", "signing key", ["--host", "localhost", "--Lazaret:Audit:KeyFile=/proc/nope/x"]),
            ("open/node", "others", ["--host", "localhost"]),
        ])
        {
            var failed = await NodeProcess.RunAsConfiguredAsync(_folder.Path, ["init", _folder[folder], "--production", .. options]);
            Assert.True(failed is { ExitCode: 2 or 3, Output: "" }, $"{words}: {failed}");
            Assert.Contains(words, failed.Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(_folder[folder]), words);
        }

        // Who keeps the node to this machine has no use for a name or an operator.
        Assert.Contains("--production", (await InitAsync("--host", "localhost", "--operator", "me")).Error, StringComparison.Ordinal);
    }

    private Task<(int ExitCode, string Output, string Error)> InitAsync(params string[] options) => NodeProcess.RunAsConfiguredAsync(_folder.Path, ["init", _folder["node"], .. options]);

    private static HttpClient Client(string certificate, X509Certificate2? own = null)
    {
        var trusted = X509CertificateLoader.LoadCertificateFromFile(certificate);
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(trusted);
        if (own is not null)
            handler.SslOptions.ClientCertificates = [own];
        return new HttpClient(handler);
    }
}
