using System.Net;
using System.Text.Json.Nodes;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.EndToEnd;

/// <summary>
/// An installed node, root's own and that of a service's user: what it needs goes away while it serves, and comes back. <c>/readyz</c>, <c>lazaret doctor</c>
/// and the log name it, and requests are taken again without a restart.
/// </summary>
public sealed class ServiceDrillTests(ServiceDrillTests.Site site) : IClassFixture<ServiceDrillTests.Site>, IAsyncLifetime
{
    private InstalledService _service = null!;

    public async ValueTask InitializeAsync() => _service = await site.Service.Value;

    [Fact]
    public async Task What_is_away_is_named_and_roots_node_goes_on_once_it_is_back()
    {
        await _service.StartAsync("root");
        await TakesAsync("202 202");
        await LoseTheDataViewAsync();
        await FillTheDiskAsync();
        await LoseRedisAsync();
        await LosePostgresAsync();
        await LoseTheImagesAsync();
        await UpgradeTheSchemaAsync();
        await LetTheCertificateExpireAsync();
        await IsWellAsync();
    }

    [Fact]
    public async Task A_ring_that_is_away_foreign_or_roots_is_named_and_the_node_of_a_services_user_goes_on_once_it_is_back()
    {
        const string Ring = "/var/lib/lazaret/keys.json";
        await _service.StartAsync("lazaret");
        await _service.Machine.RunAsync($"""
            install -d -m 700 /srv/other && printf '%s\n' DOTNET_ENVIRONMENT=Production Lazaret__State=/srv/other >/srv/other.env
            lazaret --config /srv/other.env keys init && cp {Ring} /root/copy
            """);
        string[] drills = [$"rm {Ring}", $"install -m 600 -o lazaret -g lazaret /srv/other/keys.json {Ring}", $"chown root:root {Ring}"];
        foreach (var (index, breaks) in drills.Index())
        {
            await _service.Machine.RunAsync(breaks);
            var mend = await IsNotReadyAsync("keys", "put the copy of its key ring back", HttpStatusCode.ServiceUnavailable);
            await TakesAsync("503 503");
            Assert.Equal(3, (await _service.Machine.TryAsync("lazaret keys rotate")).ExitCode);
            await MendAsync(mend, ("COPY", "/root/copy"));
            await IsReadyAgainAsync("keys", index + 1);
        }

        await IsWellAsync();
    }

    [Fact]
    public async Task What_is_away_at_once_is_named_and_the_node_of_a_services_user_goes_on_once_it_is_back()
    {
        await _service.StartAsync("lazaret");
        await TakesAsync("202 202");
        await _service.Machine.RunAsync("mv /srv/cohort /srv/away; head -c 200M /dev/zero >/var/lib/lazaret/ballast 2>/dev/null || true");
        await _service.Redis.StopAsync();
        await _service.Postgres.StopAsync();
        await NamesAsync("data_view", "database", "disk", "queue");
        Assert.Equal(["data_view", "database", "disk", "queue"], (await ExamineAsync()).Where(finding => !(bool)finding["ok"]!).Select(finding => (string)finding["check"]!).Where(check => check != "").Order());
        await TakesAsync("503 503");

        await _service.Postgres.StartAgainAsync();
        await NamesAsync("data_view", "disk", "queue");
        await _service.Redis.StartAgainAsync();
        await _service.Machine.RunAsync("mv /srv/away /srv/cohort; rm /var/lib/lazaret/ballast");
        foreach (var check in (string[])["data_view", "database", "disk", "queue"])
            await IsReadyAgainAsync(check);
        await IsWellAsync();

        Task NamesAsync(params string[] checks) => Wait.UntilAsync(
            async () => (await _service.AskAsync()).Answer["not_ready"]!.AsObject().Select(check => check.Key).SequenceEqual(checks), string.Join(" and ", checks));
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
            await _service.StopAsync();
    }

    private async Task LoseTheDataViewAsync()
    {
        await _service.Machine.RunAsync("mv /srv/cohort /srv/away");
        await IsNotReadyAsync("data_view", "there is no data view at /srv/cohort", HttpStatusCode.OK);
        await TakesAsync("503 202");
        await _service.Machine.RunAsync("mv /srv/away /srv/cohort");
        await IsReadyAgainAsync("data_view");
    }

    private async Task FillTheDiskAsync()
    {
        await _service.Machine.RunAsync("head -c 200M /dev/zero >/var/lib/lazaret/ballast 2>/dev/null || true");
        await IsNotReadyAsync("disk", "0 MiB are free", HttpStatusCode.ServiceUnavailable);
        await _service.Machine.RunAsync("rm /var/lib/lazaret/ballast");
        await IsReadyAgainAsync("disk");
    }

    private async Task LoseRedisAsync()
    {
        await _service.Redis.StopAsync();
        await IsNotReadyAsync("queue", "Redis does not answer: the database hands out the jobs", HttpStatusCode.OK);
        await TakesAsync("202 202");
        await _service.Redis.StartAgainAsync();
        await IsReadyAgainAsync("queue");
    }

    private async Task LosePostgresAsync()
    {
        await _service.Postgres.StopAsync();
        await IsNotReadyAsync("database", "the database does not answer", HttpStatusCode.ServiceUnavailable, "ConnectionStrings:Lazaret: ");
        Assert.Equal(3, (await _service.Machine.TryAsync("lazaret models list")).ExitCode);
        await TakesAsync("503 503");
        await _service.Postgres.StartAgainAsync();
        await IsReadyAgainAsync("database");
    }

    private async Task LoseTheImagesAsync()
    {
        // Within the folder: elsewhere it might get other modes.
        await _service.Machine.RunAsync("mv /var/lib/lazaret/models/sha256-* /var/lib/lazaret/away");
        var mend = await IsNotReadyAsync("images", "sepsis@", HttpStatusCode.OK);
        await TakesAsync("202 503");
        Assert.Equal(1, (await _service.Machine.TryAsync("lazaret models verify")).ExitCode);
        await _service.Machine.RunAsync("rm -r /var/lib/lazaret/away");
        await MendAsync(mend, ("MANIFEST", "/opt/lazaret/samples/sepsis-news2/manifest.yaml"));
        await IsReadyAgainAsync("images");
    }

    private async Task UpgradeTheSchemaAsync()
    {
        await _service.ExecuteAsync("INSERT INTO \"__EFMigrationsHistory\" VALUES ('29991231235959_Later', '99.0.0')");
        await IsNotReadyAsync("schema", "of a later version of Lazaret", HttpStatusCode.ServiceUnavailable);
        var (exitCode, _, error) = await _service.Machine.TryAsync("lazaret models list");
        Assert.Equal(3, exitCode);
        Assert.Contains("install the later version, or restore the backup", error, StringComparison.Ordinal);
        await _service.ExecuteAsync("DELETE FROM \"__EFMigrationsHistory\" WHERE \"MigrationId\" = '29991231235959_Later'");
        await IsReadyAgainAsync("schema");
    }

    private async Task LetTheCertificateExpireAsync()
    {
        // The node refuses a certificate that expires before it looks. Then another one gets more time.
        for (var seconds = 4; !await HasAsync("certificate"); seconds *= 2)
        {
            var refused = await RefusedAsync();
            await _service.RenewAsync(TimeSpan.FromSeconds(seconds));
            await Wait.UntilAsync(async () => await HasAsync("certificate") || await RefusedAsync() > refused, "a certificate that expires");
        }

        var mend = await IsNotReadyAsync("certificate", "the node's TLS certificate has expired", HttpStatusCode.OK, "expired at ");
        // As clients do.
        var trusting = $"curl -s --cacert /etc/lazaret/server.crt {_service.Url}/healthz";
        Assert.Equal(60, (await _service.Machine.TryAsync(trusting)).ExitCode);
        var (exitCode, _, error) = await _service.Machine.TryAsync($"lazaret serve --role api --urls https://127.0.0.1:{ServerProcess.FreePort()}");
        Assert.True(exitCode == 2, $"{exitCode}: {error}");
        Assert.Contains("/etc/lazaret/server.crt: the certificate of CN=node expired at ", error, StringComparison.Ordinal);

        await _service.OrderCertificateAsync();
        await MendAsync(mend, ("NEW.key", InstalledService.NewKey), ("NEW.crt", InstalledService.NewCertificate));
        await IsReadyAgainAsync("certificate");
        Assert.Equal("""{"ok":true}""", await _service.Machine.RunAsync(trusting));

        async Task<int> RefusedAsync() => (await _service.LogAsync()).Split("the certificate of CN=node expired at ").Length;
    }

    /// <summary>So say <c>/readyz</c>, the log, and <c>lazaret doctor</c> with exit code 1.</summary>
    /// <returns>How doctor says that it is mended.</returns>
    private async Task<string> IsNotReadyAsync(string check, string why, HttpStatusCode expected, string? doctorsWhy = null)
    {
        await Wait.UntilAsync(() => HasAsync(check), check);
        var (status, answer) = await _service.AskAsync();
        Assert.Contains(why, (string?)answer["not_ready"]![check], StringComparison.Ordinal);
        Assert.Equal(expected, status);
        await Wait.UntilAsync(async () => (await _service.LogAsync()).Contains($"Not ready: {check}: ", StringComparison.Ordinal), $"the line about {check}");

        var finding = (await ExamineAsync()).Single(finding => (string?)finding["check"] == check);
        Assert.False((bool)finding["ok"]!);
        Assert.Contains(doctorsWhy ?? why, (string?)finding["why"], StringComparison.Ordinal);
        var mend = (string)finding["mend"]!;
        Assert.NotEqual("", mend);
        return mend;
    }

    /// <summary>Runs the command that doctor prints, with the operator's own files in it.</summary>
    private async Task MendAsync(string mend, params (string Placeholder, string File)[] files)
    {
        var command = files.Aggregate(mend, (text, file) => text.Replace(file.Placeholder, file.File, StringComparison.Ordinal));
        await _service.Machine.RunAsync(command.Split(": ")[^1]);
    }

    /// <summary>The findings of <c>lazaret doctor</c> where something is wrong.</summary>
    private async Task<IEnumerable<JsonNode>> ExamineAsync()
    {
        var (exitCode, output, error) = await _service.Machine.TryAsync("lazaret doctor --json");
        Assert.True(exitCode == 1, $"{exitCode}: {output}{error}");
        return JsonNode.Parse(output)!.AsArray().OfType<JsonNode>();
    }

    /// <summary>The doctor finds nothing that somebody must mend, but for a sandbox: in a root folder of its own (chroot) nobody may make user namespaces.</summary>
    private async Task IsWellAsync()
    {
        var (_, output, error) = await _service.Machine.TryAsync("lazaret doctor --json");
        var faults = JsonNode.Parse(output)!.AsArray().Where(finding => !(bool)finding!["ok"]! && ((bool)finding["needed"]! || (string?)finding["check"] != ""))
            .Select(finding => (string)finding!["what"]!).Where(what => !what.StartsWith("sandbox", StringComparison.Ordinal) && !what.StartsWith("sysctl", StringComparison.Ordinal));
        Assert.True(!faults.Any(), $"{string.Join(", ", faults)}: {output}{error}");
    }

    /// <summary>All is well again, which the log says once.</summary>
    private async Task IsReadyAgainAsync(string check, int times = 1)
    {
        await Wait.UntilAsync(async () => await _service.AskAsync() is { Status: HttpStatusCode.OK } ready && ready.Answer["not_ready"]!.AsObject().Count == 0, $"{check} again");
        await Wait.UntilAsync(async () => await CountAsync($"Ready again: {check}, after ") == times, $"the line about {check} again");
        Assert.Equal(times, await CountAsync($"Not ready: {check}: "));
        await TakesAsync("202 202");
    }

    private async Task<int> CountAsync(string line) => (await _service.LogAsync()).Split(line).Length - 1;

    private async Task<bool> HasAsync(string check) => (await _service.AskAsync()).Answer["not_ready"]![check] is not null;

    private async Task TakesAsync(string expected)
    {
        var codes = await _service.RequestAsync();
        Assert.True(codes == expected, $"{codes}: {await _service.Machine.RunAsync("cat /tmp/answer; tail -n 20 /tmp/log")}");
    }

    /// <summary>Installed by the first test, which can be skipped; a fixture cannot.</summary>
    public sealed class Site : IAsyncDisposable
    {
        internal Lazy<Task<InstalledService>> Service { get; } = new(InstalledService.InstallAsync);

        public async ValueTask DisposeAsync()
        {
            if (Service is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
                await (await Service.Value).DisposeAsync();
        }
    }
}
