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
        await LetTheCertificateExpireAsync();
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

    private async Task LetTheCertificateExpireAsync()
    {
        // The node refuses a certificate that expires before it looks. Then another one gets more time.
        for (var seconds = 4; !await HasAsync("certificate"); seconds *= 2)
        {
            var refused = await RefusedAsync();
            await _service.RenewAsync(TimeSpan.FromSeconds(seconds));
            await Wait.UntilAsync(async () => await HasAsync("certificate") || await RefusedAsync() > refused, "a certificate that expires");
        }

        await IsNotReadyAsync("certificate", "the node's TLS certificate has expired", HttpStatusCode.OK, "expired at ");
        // As clients do.
        var trusting = $"curl -s --cacert /etc/lazaret/server.crt {_service.Url}/healthz";
        Assert.Equal(60, (await _service.Machine.TryAsync(trusting)).ExitCode);
        var (exitCode, _, error) = await _service.Machine.TryAsync($"lazaret serve --role api --urls https://127.0.0.1:{ServerProcess.FreePort()}");
        Assert.True(exitCode == 2, $"{exitCode}: {error}");
        Assert.Contains("/etc/lazaret/server.crt: the certificate of CN=node expired at ", error, StringComparison.Ordinal);

        await _service.RenewAsync();
        await IsReadyAgainAsync("certificate");
        Assert.Equal("""{"ok":true}""", await _service.Machine.RunAsync(trusting));

        async Task<int> RefusedAsync() => (await _service.LogAsync()).Split("the certificate of CN=node expired at ").Length;
    }

    /// <summary>So say <c>/readyz</c>, the log, and <c>lazaret doctor</c> with exit code 1.</summary>
    private async Task IsNotReadyAsync(string check, string why, HttpStatusCode expected, string? doctorsWhy = null)
    {
        await Wait.UntilAsync(() => HasAsync(check), check);
        var (status, answer) = await _service.AskAsync();
        Assert.Contains(why, (string?)answer["not_ready"]![check], StringComparison.Ordinal);
        Assert.Equal(expected, status);
        await Wait.UntilAsync(async () => (await _service.LogAsync()).Contains($"Not ready: {check}: ", StringComparison.Ordinal), $"the line about {check}");

        var finding = (await ExamineAsync()).Single(finding => (string?)finding["check"] == check);
        Assert.False((bool)finding["ok"]!);
        Assert.Contains(doctorsWhy ?? why, (string?)finding["why"], StringComparison.Ordinal);
        Assert.NotEqual("", (string?)finding["mend"]);
    }

    /// <summary>The findings of <c>lazaret doctor</c> where something is wrong.</summary>
    private async Task<IEnumerable<JsonNode>> ExamineAsync()
    {
        var (exitCode, output, error) = await _service.Machine.TryAsync("lazaret doctor --json");
        Assert.True(exitCode == 1, $"{exitCode}: {output}{error}");
        return JsonNode.Parse(output)!.AsArray().OfType<JsonNode>();
    }

    /// <summary>All is well again, which the log says once.</summary>
    private async Task IsReadyAgainAsync(string check)
    {
        await Wait.UntilAsync(async () => await _service.AskAsync() is { Status: HttpStatusCode.OK } ready && ready.Answer["not_ready"]!.AsObject().Count == 0, $"{check} again");
        await Wait.UntilAsync(async () => (await _service.LogAsync()).Contains($"Ready again: {check}, after ", StringComparison.Ordinal), $"the line about {check} again");
        Assert.Single((await _service.LogAsync()).Split('\n'), line => line.Contains($"Not ready: {check}: ", StringComparison.Ordinal));
        await TakesAsync("202 202");
    }

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
