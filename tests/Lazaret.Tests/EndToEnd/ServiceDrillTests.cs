using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Lazaret.SampleSite;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.EndToEnd;

/// <summary>
/// An installed node, root's own and that of a service's user: what it needs goes away while it serves, and comes back. Each time <c>/readyz</c>, <c>lazaret doctor</c>
/// and the log name it, and requests are taken again without a restart.
/// </summary>
public sealed class ServiceDrillTests : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromDays(90);

    private readonly TemporaryFolder _folder = new();
    private readonly int _port = ServerProcess.FreePort();
    private PostgresServer _postgres = null!;
    private RedisServer _redis = null!;
    private ThrowAwayMachine _machine = null!;

    private string Url => $"https://127.0.0.1:{_port}";

    public async ValueTask InitializeAsync()
    {
        _machine = await ThrowAwayMachine.StartAsync();
        _postgres = await PostgresServer.StartAsync();
        _redis = await RedisServer.StartAsync();
    }

    [Theory]
    [InlineData("root")]
    [InlineData("lazaret")]
    public async Task What_is_away_is_named_and_the_node_goes_on_once_it_is_back(string user)
    {
        await InstallAsync(user);
        await TakesAsync("202 202");

        await _machine.RunAsync("mv /srv/cohort /srv/away");
        await IsNotReadyAsync("data_view", "there is no data view at /srv/cohort", HttpStatusCode.OK);
        await DoctorSaysAsync("data view", "there is no data view at /srv/cohort");
        await TakesAsync("503 202");
        await _machine.RunAsync("mv /srv/away /srv/cohort");
        await IsReadyAgainAsync("data_view");

        await _machine.RunAsync("head -c 200M /dev/zero >/var/lib/lazaret/ballast 2>/dev/null || true");
        await IsNotReadyAsync("disk", "0 MiB are free", HttpStatusCode.ServiceUnavailable);
        await DoctorSaysAsync("disk of the state folder", "0 MiB are free");
        await _machine.RunAsync("rm /var/lib/lazaret/ballast");
        await IsReadyAgainAsync("disk");

        await _redis.StopAsync();
        await IsNotReadyAsync("queue", "Redis does not answer: the database hands out the jobs", HttpStatusCode.OK);
        await DoctorSaysAsync("queue redis", "does not answer: the database hands out the jobs meanwhile");
        await TakesAsync("202 202");
        await _redis.StartAgainAsync();
        await IsReadyAgainAsync("queue");

        await _postgres.StopAsync();
        await IsNotReadyAsync("database", "the database does not answer", HttpStatusCode.ServiceUnavailable);
        await DoctorSaysAsync("database postgres", "ConnectionStrings:Lazaret: ");
        Assert.Equal(3, (await _machine.TryAsync("lazaret models list")).ExitCode);
        await TakesAsync("503 503");
        await _postgres.StartAgainAsync();
        await IsReadyAgainAsync("database");
    }

    [Theory]
    [InlineData("root")]
    [InlineData("lazaret")]
    public async Task A_certificate_that_expires_is_named_and_a_new_one_is_taken_without_a_restart(string user)
    {
        await InstallAsync(user);
        await RenewAsync(user, TimeSpan.FromSeconds(6));
        await IsNotReadyAsync("certificate", "the node's TLS certificate has expired", HttpStatusCode.OK);
        await DoctorSaysAsync("certificate", "expired at ");
        // As clients do.
        Assert.Equal(60, (await _machine.TryAsync($"curl -s --cacert /etc/lazaret/server.crt {Url}/healthz")).ExitCode);
        var (exitCode, _, error) = await _machine.TryAsync($"cd /var/lib/lazaret && lazaret serve --role api --urls https://127.0.0.1:{ServerProcess.FreePort()}");
        Assert.True(exitCode == 2, $"{exitCode}: {error}");
        Assert.Contains("/etc/lazaret/server.crt: the certificate of CN=node expired at ", error, StringComparison.Ordinal);

        await RenewAsync(user, Long);
        await IsReadyAgainAsync("certificate");
        Assert.Equal("""{"ok":true}""", await _machine.RunAsync($"curl -s --cacert /etc/lazaret/server.crt {Url}/healthz"));
        Assert.Contains("The node's certificate was renewed: CN=node", await _machine.RunAsync("cat /tmp/log"), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        if (_machine is not null)
            await _machine.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
        _folder.Dispose();
    }

    private async Task InstallAsync(string user)
    {
        string[] settings =
        [
            "DOTNET_ENVIRONMENT=Production", "Lazaret__State=/var/lib/lazaret", "Lazaret__Auth__Modes__0=key", "Lazaret__Data__View=/srv/cohort", "K_MIN=5",
            "Lazaret__Database__Provider=postgres", $"ConnectionStrings__Lazaret=\"{await _postgres.CreateDatabaseAsync()}\"",
            "Lazaret__Queue__Provider=redis", $"ConnectionStrings__Redis={_redis.ConnectionString}", "Lazaret__Health__MeasureSeconds=1",
            "Lazaret__Tls__Certificate=/etc/lazaret/server.crt", "Lazaret__Tls__Key=/etc/lazaret/server.key",
            .. OpenPolicy.Environment.Select(setting => $"{setting.Key}={setting.Value}"),
        ];
        await File.WriteAllLinesAsync(_folder["lazaret.env"], settings, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_folder["ask.json"], SampleModel.Request(SampleBundles.Septic).ToJsonString(), TestContext.Current.CancellationToken);
        File.Copy(TinySite.Map("main.nii.gz"), _folder["map.nii.gz"]);
        await _machine.CopyAsync(TinySite.Folder, "/srv/cohort");
        await _machine.CopyAsync(_folder.Path, "/srv/given");
        await _machine.RunAsync($"""
            set -e
            id {user} 2>/dev/null || useradd --system --home-dir /var/lib/lazaret --shell /usr/sbin/nologin {user}
            cp -r {Path.GetDirectoryName(NodeProcess.Binary)} /opt/lazaret && ln -s /opt/lazaret/lazaret /usr/local/bin/lazaret
            install -d -m 755 /etc/lazaret /var/lib/lazaret
            mount -t tmpfs -o size=64m,mode=700,uid=$(id -u {user}),gid=$(id -g {user}) lazaret /var/lib/lazaret
            install -m 600 /srv/given/lazaret.env /etc/lazaret/lazaret.env
            """);
        await RenewAsync(user, Long);
        await _machine.RunAsync($"""
            set -e
            lazaret migrate && lazaret keys init && lazaret models add /opt/lazaret/samples/sepsis-news2/manifest.yaml
            lazaret requesters add bot >/root/key
            cd /var/lib/lazaret
            (set -a; . /etc/lazaret/lazaret.env; exec setpriv --reuid {user} --regid {user} --init-groups lazaret serve --role api --urls {Url} >/tmp/log 2>&1) &
            for i in $(seq 200); do curl -kfsS {Url}/healthz 2>/dev/null && exit 0; sleep 0.1; done
            cat /tmp/log; exit 1
            """);
    }

    /// <summary>Puts a new certificate in place as doctor says.</summary>
    private async Task RenewAsync(string user, TimeSpan validFor)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=node", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now + validFor);
        await File.WriteAllTextAsync(_folder["new.crt"], certificate.ExportCertificatePem() + "\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_folder["new.key"], key.ExportPkcs8PrivateKeyPem() + "\n", TestContext.Current.CancellationToken);
        await _machine.CopyAsync(_folder["new.crt"], "/root/new.crt");
        await _machine.CopyAsync(_folder["new.key"], "/root/new.key");
        await _machine.RunAsync($"""
            set -e
            install -m 600 -o {user} /root/new.key /etc/lazaret/server.key.new && mv /etc/lazaret/server.key.new /etc/lazaret/server.key
            install -m 644 /root/new.crt /etc/lazaret/server.crt.new && mv /etc/lazaret/server.crt.new /etc/lazaret/server.crt
            """);
    }

    /// <summary>The status codes of a cohort job and of a diagnosis.</summary>
    private async Task TakesAsync(string expected)
    {
        const string Ask = """curl -sk -o /tmp/answer -w '%{http_code}' -H "Authorization: Bearer $(cat /root/key)" """;
        var codes = await _machine.RunAsync($"""
            {Ask} -F map_file=@/srv/given/map.nii.gz -F task=map_to_outcome_v1 -F outcome=UPDRS_change {Url}/jobs
            echo -n ' '
            {Ask} -H 'Content-Type: application/json' --data @/srv/given/ask.json {Url}/v1/diagnose
            """);
        Assert.True(codes == expected, $"{codes}: {await _machine.RunAsync("cat /tmp/answer; tail -n 20 /tmp/log")}");
    }

    private async Task IsNotReadyAsync(string check, string why, HttpStatusCode expected)
    {
        await Wait.UntilAsync(async () => (await AskAsync()).Answer["not_ready"]![check] is not null, check);
        var (status, answer) = await AskAsync();
        Assert.Contains(why, (string?)answer["not_ready"]![check], StringComparison.Ordinal);
        Assert.Equal(expected, status);
        await Wait.UntilAsync(async () => (await _machine.RunAsync("cat /tmp/log")).Contains($"Not ready: {check}: ", StringComparison.Ordinal), $"the line about {check}");
    }

    /// <summary>All is well again, which the log says too.</summary>
    private async Task IsReadyAgainAsync(string check)
    {
        await Wait.UntilAsync(async () => (await AskAsync()) is { Status: HttpStatusCode.OK } ready && ready.Answer["not_ready"]!.AsObject().Count == 0, $"{check} again");
        await Wait.UntilAsync(async () => (await _machine.RunAsync("cat /tmp/log")).Contains($"Ready again: {check}, after ", StringComparison.Ordinal), $"the line about {check} again");
        var log = await _machine.RunAsync("cat /tmp/log");
        Assert.Single(log.Split('\n'), line => line.Contains($"Not ready: {check}: ", StringComparison.Ordinal));
        await TakesAsync("202 202");
    }

    private async Task<(HttpStatusCode Status, JsonNode Answer)> AskAsync()
    {
        var parts = (await _machine.RunAsync($"curl -sk -w '\\n%{{http_code}}' {Url}/readyz")).Split('\n');
        return ((HttpStatusCode)int.Parse(parts[^1], System.Globalization.CultureInfo.InvariantCulture), JsonNode.Parse(parts[0])!);
    }

    private async Task DoctorSaysAsync(string what, string why)
    {
        var (exitCode, output, error) = await _machine.TryAsync("lazaret doctor --json");
        Assert.True(exitCode == 1, $"{exitCode}: {output}{error}");
        var finding = JsonNode.Parse(output)!.AsArray().Single(finding => (string?)finding!["what"] == what)!;
        Assert.False((bool)finding["ok"]!);
        Assert.Contains(why, (string?)finding["why"], StringComparison.Ordinal);
        Assert.NotEqual("", (string?)finding["mend"]);
    }
}
