using System.Globalization;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Lazaret.Node.Health;
using Lazaret.Node.Health.Gauges;
using Lazaret.SampleSite;
using Lazaret.Tests.EndToEnd;
using Lazaret.Tests.Http.Tls;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.Health;

/// <summary>What /metrics shows, and that the rules and the dashboard in deploy/prometheus ask for nothing else.</summary>
public sealed partial class MetricsTests : IDisposable
{
    private static readonly string Folder = Repository.File("deploy", "prometheus");

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_rules_are_sound_and_fire_when_they_should()
    {
        ServerProcess.Require("/usr/bin/promtool", "prometheus");
        Assert.Contains("SUCCESS", await Tool.RunAsync("promtool", "check", "rules", Path.Combine(Folder, "alerts.yaml")), StringComparison.Ordinal);
        Assert.Contains("SUCCESS", await Tool.RunAsync("promtool", "test", "rules", Path.Combine(Folder, "alerts.test.yaml")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_rule_is_seen_to_fire()
    {
        var rules = Rule().Matches(await File.ReadAllTextAsync(Path.Combine(Folder, "alerts.yaml"), Stop)).Select(match => match.Groups["name"].Value).ToList();
        Assert.NotEmpty(rules);
        var fired = Fired().Matches(await File.ReadAllTextAsync(Path.Combine(Folder, "alerts.test.yaml"), Stop)).Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(rules.Except(fired, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("LazaretBackupOld", "> 129600", nameof(Attention.Backup))]
    [InlineData("LazaretDatabaseSlow", "> 0.5", nameof(Attention.Query))]
    [InlineData("LazaretCertificateEnds", "< 14 * 86400", nameof(Attention.Certificate))]
    [InlineData("LazaretKeyOld", "> 400 * 86400", nameof(Attention.Key))]
    public async Task The_doctor_finds_what_an_alert_tells(string rule, string limit, string name)
    {
        var rules = await File.ReadAllTextAsync(Path.Combine(Folder, "alerts.yaml"), Stop);
        var expression = rules[rules.IndexOf(rule, StringComparison.Ordinal)..].Split('\n')[1];
        Assert.EndsWith(limit, expression, StringComparison.Ordinal);
        var seconds = limit.Split(' ')[1..].Where(word => word != "*").Select(word => double.Parse(word, CultureInfo.InvariantCulture)).Aggregate((a, b) => a * b);
        Assert.Equal(TimeSpan.FromSeconds(seconds), (TimeSpan)typeof(Attention).GetField(name)!.GetValue(null)!);
    }

    [Theory]
    [InlineData(99, false)]
    [InlineData(101, true)]
    public async Task A_disk_that_an_alert_calls_full_is_soon_full_for_the_doctor(int percent, bool isEnough)
    {
        Assert.Contains(
            $"lazaret_disk_free_bytes < 0.1 * lazaret_disk_size_bytes or lazaret_disk_free_bytes < {Attention.DiskBytes}\n", await File.ReadAllTextAsync(Path.Combine(Folder, "alerts.yaml"), Stop), StringComparison.Ordinal);
        Assert.NotEqual(isEnough, Attention.IsShort(new FreeDisk(percent * (1L << 30), 1000L << 30)));
        Assert.NotEqual(isEnough, Attention.IsShort(new FreeDisk(percent * (Attention.DiskBytes / 100), 2L << 30)));
    }

    [Fact]
    public async Task Every_metric_that_a_rule_or_the_dashboard_names_is_one_of_a_running_node()
    {
        var asked = Metric().Matches(await File.ReadAllTextAsync(Path.Combine(Folder, "alerts.yaml"), Stop) + await File.ReadAllTextAsync(Path.Combine(Folder, "dashboard.json"), Stop))
            .Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
        Assert.True(asked.Count > 20, string.Join(' ', asked));

        // A node with all there is: a certificate, a job, and a webhook that nobody takes.
        using var certificates = new TestCertificates();
        using var certificate = certificates.Issue(to: 30);
        certificates.Write(certificate);
        var state = _folder.MakePrivate("state");
        (string, string)[] settings =
        [
            ("DATA_VIEW", TinySite.Folder), ("Lazaret__Health__MeasureSeconds", "1"), ("Lazaret__Webhooks__Allow__0", "localhost"),
            ("Lazaret__Tls__Certificate", certificates.Options.Certificate), ("Lazaret__Tls__Key", certificates.Options.Key), ("WORK_DIR", state),
        ];
        await SampleModel.AddAsync(state, settings);
        Assert.Equal(0, (await NodeProcess.RunAsync(state, ["webhooks", "secret", "rotate"], settings)).ExitCode);
        await using var node = await NodeProcess.ServeAsConfiguredAsync(_folder.Path, ["serve", "--urls", "http://127.0.0.1:0;https://127.0.0.1:0"], settings);
        var request = SampleModel.Request(SampleBundles.Septic);
        request["webhook_url"] = "https://localhost:9/";
        using var admitted = await node.Client.PostAsJsonAsync("/v1/diagnose", request, Stop);
        Assert.Equal("COMPLETED", (string?)(await node.WaitAsync(admitted.Headers.Location!.ToString(), "QUEUED", "PROCESSING"))["status"]);

        HashSet<string> missing = [];
        await Wait.UntilAsync(async () => (missing = [.. asked.Except((await ReadAsync(node)).Keys.Select(series => series.Split('{')[0]), StringComparer.Ordinal)]).Count == 0, () => $"{string.Join(' ', missing)} in /metrics");
    }

    [Fact]
    public async Task What_waits_is_counted_by_state_and_kind_with_its_age()
    {
        var state = _folder.MakePrivate("state");
        await SampleModel.AddAsync(state);
        await using var node = await NodeProcess.ServeAsync(state, "api", ("Lazaret__Health__MeasureSeconds", "1"));
        for (var i = 0; i < 3; i++)
            await SampleModel.AdmitAsync(node);
        Dictionary<string, double> metrics = [];
        await Wait.UntilAsync(async () => (metrics = await ReadAsync(node)).GetValueOrDefault("""lazaret_jobs_depth{otel_scope_name="Lazaret",kind="Diagnosis",state="Queued"}""") == 3, "the depth");
        // The audit is measured after the jobs: between the two its values are those of before.
        await Wait.UntilAsync(
            async () => (metrics = await ReadAsync(node)).GetValueOrDefault("""lazaret_jobs_oldest_queued_age_seconds{otel_scope_name="Lazaret",kind="Diagnosis"}""") > 0
                && metrics.GetValueOrDefault("""lazaret_audit_sequence{otel_scope_name="Lazaret"}""") >= 4
                && metrics.ContainsKey("""lazaret_audit_chain_faults{otel_scope_name="Lazaret"}"""),
            "the age and the audit");
        Assert.Equal(0, metrics["""lazaret_jobs_depth{otel_scope_name="Lazaret",kind="Cohort",state="Queued"}"""]);
        Assert.Equal(0, metrics["""lazaret_audit_chain_faults{otel_scope_name="Lazaret"}"""]);
        Assert.True(double.IsPositiveInfinity(metrics["""lazaret_backup_age_seconds{otel_scope_name="Lazaret"}"""]));
        Assert.Equal(1, metrics["""lazaret_ready{otel_scope_name="Lazaret",capability="diagnosis"}"""]);
    }

    [Fact]
    public void Every_gauge_is_in_the_operators_page()
    {
        var page = File.ReadAllText(Repository.File("docs", "operations.md"));
        Assert.All(GaugeNames.All, gauge => Assert.Contains($"`{gauge.Name.Replace('.', '_')}", page, StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<Dictionary<string, double>> ReadAsync(NodeProcess node) =>
        (await node.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative), Stop)).Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => Series().Match(line)).Where(match => match.Success)
            .GroupBy(match => match.Groups["name"].Value, match => match.Groups["value"].Value)
            .ToDictionary(series => series.Key, series => series.Last() == "+Inf" ? double.PositiveInfinity : double.Parse(series.Last(), CultureInfo.InvariantCulture), StringComparer.Ordinal);

    [GeneratedRegex(@"- alert: (?<name>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Rule();

    [GeneratedRegex(@"alertname: (?<name>\w+)\s+exp_alerts:\n", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Fired();

    [GeneratedRegex(@"\b(?:lazaret|http_server)_[a-z_]+(?=[\s{)\[""]|$)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Metric();

    [GeneratedRegex(@"^(?<name>[a-z_]+(\{.*\})?) (?<value>\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Series();
}
