using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Lazaret.SampleSite;
using Lazaret.Tests.Servers;
using Npgsql;

namespace Lazaret.Tests.EndToEnd;

/// <summary>A node on a machine of its own, installed by the documents, with a PostgreSQL and a Redis that can be stopped. It is started as one user or another.</summary>
internal sealed class InstalledService : IAsyncDisposable
{
    public const string NewKey = "/root/new.key";
    public const string NewCertificate = "/root/new.crt";

    private static readonly TimeSpan Long = TimeSpan.FromDays(90);

    private readonly TemporaryFolder _folder = new();
    private readonly int _port = ServerProcess.FreePort();
    private string _user = "root";
    private string _database = "";
    private ThrowAwayMachine? _machine;
    private PostgresServer? _postgres;
    private RedisServer? _redis;

    private InstalledService()
    {
    }

    public ThrowAwayMachine Machine => _machine!;

    public PostgresServer Postgres => _postgres!;

    public RedisServer Redis => _redis!;

    public string Url => $"https://127.0.0.1:{_port}";

    /// <summary>With all that a start needs, and a requester.</summary>
    public static async Task<InstalledService> InstallAsync()
    {
        var service = new InstalledService();
        try
        {
            service._machine = await ThrowAwayMachine.StartAsync();
            service._postgres = await PostgresServer.StartAsync();
            service._redis = await RedisServer.StartAsync();
            await service.InstallFilesAsync();
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the node as this user, to whom state folder and key then belong.</summary>
    public async Task StartAsync(string user)
    {
        _user = user;
        await RenewAsync(Long);
        await Machine.RunAsync($"""
            set -e
            chown -R {user}:{user} /var/lib/lazaret && cd /var/lib/lazaret
            (set -a; . /etc/lazaret/lazaret.env; exec setpriv --reuid {user} --regid {user} --init-groups lazaret serve --role api --urls {Url} >/tmp/log 2>&1) &
            echo $! >/tmp/pid
            for i in $(seq 600); do curl -kfsS {Url}/healthz 2>/dev/null && exit 0; kill -0 $! || break; sleep 0.1; done
            cat /tmp/log; exit 1
            """);
    }

    // What has ended stays as a zombie: nobody in this machine waits for it.
    public Task StopAsync() => Machine.RunAsync("kill $(cat /tmp/pid) && while [ -e /proc/$(cat /tmp/pid)/exe ]; do sleep 0.05; done");

    /// <summary>Puts a new certificate in place.</summary>
    public async Task RenewAsync(TimeSpan validFor)
    {
        await OrderCertificateAsync(validFor);
        await Machine.RunAsync($"""
            set -e
            install -m 600 -o {_user} {NewKey} /etc/lazaret/server.key.new && mv /etc/lazaret/server.key.new /etc/lazaret/server.key
            install -m 644 {NewCertificate} /etc/lazaret/server.crt.new && mv /etc/lazaret/server.crt.new /etc/lazaret/server.crt
            """);
    }

    /// <summary>Lays a new certificate and its key where an operator has what the authority sent.</summary>
    public async Task OrderCertificateAsync(TimeSpan? validFor = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=node", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now + (validFor ?? Long));
        await Machine.RunAsync($"echo '{key.ExportPkcs8PrivateKeyPem()}' >{NewKey} && echo '{certificate.ExportCertificatePem()}' >{NewCertificate}");
    }

    /// <summary>Runs a statement in the node's database.</summary>
    public async Task ExecuteAsync(string statement)
    {
        await using var source = NpgsqlDataSource.Create(_database);
        await using var command = source.CreateCommand(statement);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public Task<string> LogAsync() => Machine.RunAsync("cat /tmp/log");

    /// <summary>What <c>/readyz</c> says.</summary>
    public async Task<(HttpStatusCode Status, JsonNode Answer)> AskAsync()
    {
        var parts = (await Machine.RunAsync($"curl -sk -w '\\n%{{http_code}}' {Url}/readyz")).Split('\n');
        return ((HttpStatusCode)int.Parse(parts[^1], CultureInfo.InvariantCulture), JsonNode.Parse(parts[0])!);
    }

    /// <summary>The status codes of a cohort job and of a diagnosis.</summary>
    public Task<string> RequestAsync()
    {
        const string Ask = """curl -sk -o /tmp/answer -w '%{http_code}' -H "Authorization: Bearer $(cat /root/key)" """;
        return Machine.RunAsync($"""
            {Ask} -F map_file=@/srv/given/map.nii.gz -F task=map_to_outcome_v1 -F outcome=UPDRS_change {Url}/jobs
            echo -n ' '
            {Ask} -H 'Content-Type: application/json' --data @/srv/given/ask.json {Url}/v1/diagnose
            """);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in (IAsyncDisposable?[])[_machine, _postgres, _redis])
        {
            if (part is not null)
                await part.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task InstallFilesAsync()
    {
        _database = await Postgres.CreateDatabaseAsync();
        string[] settings =
        [
            "DOTNET_ENVIRONMENT=Production", "Lazaret__State=/var/lib/lazaret", "Lazaret__Auth__Modes__0=key", "Lazaret__Data__View=/srv/cohort", "K_MIN=5",
            "Lazaret__Database__Provider=postgres", $"ConnectionStrings__Lazaret='{_database}'",
            "Lazaret__Queue__Provider=redis", $"ConnectionStrings__Redis={Redis.ConnectionString}", "Lazaret__Health__MeasureSeconds=1",
            "Lazaret__Tls__Certificate=/etc/lazaret/server.crt", "Lazaret__Tls__Key=/etc/lazaret/server.key",
            .. OpenPolicy.Environment.Select(setting => $"{setting.Key}={setting.Value}"),
        ];
        await File.WriteAllLinesAsync(_folder["lazaret.env"], settings, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_folder["ask.json"], SampleModel.Request(SampleBundles.Septic).ToJsonString(), TestContext.Current.CancellationToken);
        File.Copy(TinySite.Map("main.nii.gz"), _folder["map.nii.gz"]);
        await Machine.CopyAsync(TinySite.Folder, "/srv/cohort");
        await Machine.CopyAsync(_folder.Path, "/srv/given");
        await Machine.CopyAsync(Path.GetDirectoryName(NodeProcess.Binary)!, "/opt/lazaret");
        await Machine.RunAsync("""
            set -e
            useradd --system --home-dir /var/lib/lazaret --shell /usr/sbin/nologin lazaret
            ln -s /opt/lazaret/lazaret /usr/local/bin/lazaret
            install -d -m 755 /etc/lazaret /var/lib/lazaret
            mount -t tmpfs -o size=64m,mode=700 lazaret /var/lib/lazaret
            install -m 600 /srv/given/lazaret.env /etc/lazaret/lazaret.env
            """);
        await RenewAsync(Long);
        await Machine.RunAsync("""
            set -e
            lazaret migrate && lazaret keys init && lazaret models add /opt/lazaret/samples/sepsis-news2/manifest.yaml
            lazaret requesters add bot >/root/key
            """);
    }
}
