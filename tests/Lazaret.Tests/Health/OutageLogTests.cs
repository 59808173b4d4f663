using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lazaret.Tests.EndToEnd;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.Health;

/// <summary>What a node writes to its log while something is away.</summary>
public sealed class OutageLogTests : IDisposable
{
    private static readonly string[] Parts =
        ["No job can be claimed", "The webhooks that are due cannot be read", "The audit's chain cannot be signed", "Requests are answered 503", "Other processes are not heard"];

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_that_is_away_is_a_line_a_part_and_another_when_it_is_back()
    {
        await using var postgres = await PostgresServer.StartAsync();
        (string, string)[] settings =
        [
            ("Lazaret__Database__Provider", "postgres"), ("ConnectionStrings__Lazaret", await postgres.CreateDatabaseAsync()), ("DATA_VIEW", TinySite.Folder),
            ("Lazaret__Health__MeasureSeconds", "1"), ("Lazaret__Jobs__PollMilliseconds", "50"), ("Lazaret__Webhooks__PollMilliseconds", "50"), ("Lazaret__Jobs__LeaseSeconds", "3"),
        ];
        var state = _folder.MakePrivate("state");
        var added = await HostedNode.RunAsync(state, ["models", "add", ShellModel.Write(_folder, "slow", "/bin/busybox sleep 4")], settings);
        Assert.True(added.ExitCode == 0, added.Error);
        await using var node = await NodeProcess.ServeAsync(state, settings);
        using (var running = await ShellModel.AdmitAsync(node, "slow", "one"))
        {
            var path = await ShellModel.PathAsync(running);
            await node.WaitAsync(path, "QUEUED");
        }

        var before = Lines(node).Count;
        await postgres.StopAsync();
        var clock = Stopwatch.StartNew();
        var refused = 0;
        string? trace = null;
        await Wait.UntilAsync(
            async () =>
            {
                using var answer = await ShellModel.AdmitAsync(node, "slow", $"{refused++}");
                Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
                trace = (string?)(await answer.Content.ReadFromJsonAsync<JsonNode>(Stop))!["traceId"];
                using var ready = await node.Client.GetAsync(new Uri("/readyz", UriKind.Relative), Stop);
                Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
                return refused >= 20 && clock.Elapsed > TimeSpan.FromSeconds(5);
            },
            "an outage of five seconds");
        await postgres.StartAgainAsync();
        await FaultTests.AdmitUntilTakenAsync(node, "again", "slow");
        await Wait.UntilAsync(
            () => Array.TrueForAll(Parts, part => Lines(node).Skip(before).Count(line => Message(line).StartsWith(part, StringComparison.Ordinal)) >= 2), "the end of the outage in the log");

        var lines = Lines(node).Skip(before).ToList();
        // A line for each request, as always, and its trace is the one that the client was sent.
        var requests = lines.Where(line => Message(line).StartsWith("POST", StringComparison.Ordinal)).ToList();
        Assert.Contains(requests, line => (string?)line["TraceId"] == trace && Message(line).Contains("503", StringComparison.Ordinal));
        var others = lines.Except(requests).ToList();
        var thrown = others.Find(line => line["Exception"] is not null);
        Assert.True(thrown is null, thrown?.ToJsonString());
        Assert.DoesNotContain(lines, line => Message(line).Contains("readyz", StringComparison.Ordinal));
        var bytes = others.Sum(line => line.ToJsonString().Length);
        Assert.True(bytes < 16 << 10, $"{bytes} bytes:\n{string.Join('\n', others.Select(Message))}");
        foreach (var part in Parts)
        {
            var said = others.Where(line => Message(line).StartsWith(part, StringComparison.Ordinal)).ToList();
            Assert.True(said.Count == 2, $"{part}: {string.Join('\n', said.Select(Message))}");
            Assert.Contains("no longer", Message(said[1]), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Lines_name_the_job_that_they_are_about()
    {
        var state = _folder.MakePrivate("state");
        await SampleModel.AddAsync(state);
        await using var node = await NodeProcess.ServeAsync(state);
        var path = await SampleModel.AdmitAsync(node);
        await node.WaitAsync(path, "QUEUED", "PROCESSING");
        var job = path.Split('/')[^1];
        await Wait.UntilAsync(() => Lines(node).Exists(line => Message(line).Contains("Released", StringComparison.Ordinal)), "the run's line");
        var about = Lines(node).Where(line => (string?)line["Job"] == job).Select(Message).ToList();
        Assert.Contains(about, message => message.StartsWith("POST /v1/diagnose: 202", StringComparison.Ordinal));
        Assert.Contains(about, message => message.StartsWith("GET /v1/jobs/{id:guid}: 200", StringComparison.Ordinal));
        Assert.Contains(about, message => message.Contains("Released", StringComparison.Ordinal));
        // Paths as clients send them are in no line, though the framework's own scopes have them.
        Assert.DoesNotContain(path, node.Log, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static List<JsonNode> Lines(NodeProcess node) => [.. node.Log.Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonNode.Parse(line)!)];

    private static string Message(JsonNode line) => (string)line["Message"]!;
}
