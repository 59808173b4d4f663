using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lazaret.SampleSite;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.EndToEnd;

public sealed class KeyLossSqliteTests() : KeyLossTests(() => Task.FromResult<(string, string)[]>([]));

public sealed class KeyLossPostgresTests() : KeyLossTests(async () =>
    [("Lazaret__Database__Provider", "postgres"), ("ConnectionStrings__Lazaret", await (await PostgresServer.SharedAsync()).CreateDatabaseAsync())]);

/// <summary>A key ring that is away: nothing is sealed under another one, and all is as before when it is back.</summary>
public abstract class KeyLossTests : IDisposable
{
    private const string PutBack = "put the copy of its key ring back";

    private readonly TemporaryFolder _folder = new();
    private readonly Func<Task<(string Key, string Value)[]>> _database;
    private readonly string _state;
    private readonly string _ring;
    private readonly string _copy;

    protected KeyLossTests(Func<Task<(string, string)[]>> database)
    {
        _database = database;
        _state = _folder.MakePrivate("state");
        (_ring, _copy) = (Path.Combine(_state, "keys.json"), _folder["copy"]);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("moved away")]
    [InlineData("replaced by another node's")]
    [InlineData("cut short")]
    public async Task A_running_node_takes_no_requests_while_its_ring_is(string what)
    {
        (string, string)[] settings = [.. await _database(), ("DATA_VIEW", TinySite.Folder), ("K_MIN", "5")];
        await SampleModel.AddAsync(_state, settings);
        await using var node = await HostedNode.ServeAsync(_state, settings);
        var before = await SampleModel.AdmitAsync(node);
        var result = (await node.WaitAsync(before, "QUEUED", "PROCESSING"))["result"]!.ToJsonString();

        File.Copy(_ring, _copy);
        if (what == "moved away")
        {
            File.Delete(_ring);
        }
        else if (what == "cut short")
        {
            await File.WriteAllTextAsync(_folder["cut"], (await File.ReadAllTextAsync(_copy, Stop))[..40], Stop);
            File.Move(_folder["cut"], _ring, overwrite: true);
        }
        else
        {
            var other = _folder.MakePrivate("other");
            Assert.Equal(0, (await HostedNode.RunAsync(other, ["keys", "init"])).ExitCode);
            File.Move(Path.Combine(other, "keys.json"), _ring, overwrite: true);
        }

        var there = File.Exists(_ring) ? await File.ReadAllTextAsync(_ring, Stop) : null;

        using var form = TinySite.Form(await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop), ("outcome", "UPDRS_change"));
        using var cohort = await node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
        using var diagnosis = await SampleModel.AskAsync(node);
        using var bundle = new ByteArrayContent(SampleBundles.Render(SampleBundles.Septic, TimeProvider.System.GetUtcNow())) { Headers = { ContentType = new("application/fhir+json") } };
        using var evaluation = await node.Client.PostAsync(new Uri("/fhir/Library/sepsis/$evaluate", UriKind.Relative), bundle, Stop);
        foreach (var refused in (HttpResponseMessage[])[cohort, diagnosis, evaluation])
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Null(refused.Headers.RetryAfter);
            Assert.Contains("the keys that seal what it stores are not available", await refused.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }

        using var unready = await node.Client.GetAsync(new Uri("/readyz", UriKind.Relative), Stop);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unready.StatusCode);
        var why = (string?)(await unready.Content.ReadFromJsonAsync<JsonNode>(Stop))!["not_ready"]!["keys"];
        Assert.Contains(PutBack, why, StringComparison.Ordinal);
        Assert.Equal(there, File.Exists(_ring) ? await File.ReadAllTextAsync(_ring, Stop) : null);
        // What is stored can be read all the while.
        Assert.Equal(result, (await node.WaitAsync(before))["result"]!.ToJsonString());

        File.Move(_copy, _ring, overwrite: true);
        using var ready = await node.Client.GetAsync(new Uri("/readyz", UriKind.Relative), Stop);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Equal("COMPLETED", (string?)(await node.WaitAsync(await SampleModel.AdmitAsync(node), "QUEUED", "PROCESSING"))["status"]);
        Assert.Equal(result, (await node.WaitAsync(before))["result"]!.ToJsonString());
        Assert.Single(node.Log.Split('\n'), line => line.Contains("Nothing is admitted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_there_was_a_ring_nothing_makes_another_and_doctor_says_which_it_was()
    {
        var settings = await _database();
        await SampleModel.AddAsync(_state, settings);
        string path, result;
        await using (var node = await HostedNode.ServeAsync(_state, settings))
        {
            path = await SampleModel.AdmitAsync(node);
            result = (await node.WaitAsync(path, "QUEUED", "PROCESSING"))["result"]!.ToJsonString();
            Assert.Contains("fingerprint", (await KeysAsync(settings, ok: true))!, StringComparison.Ordinal);
        }

        File.Move(_ring, _copy);
        var primary = (string)JsonNode.Parse(await File.ReadAllTextAsync(_copy, Stop))!["primary"]!;
        foreach (var command in (string[][])[["serve", "--urls", "http://127.0.0.1:0"], ["keys", "init"], ["keys", "rotate"], ["webhooks", "secret", "rotate"]])
        {
            var refused = await HostedNode.RunAsync(_state, command, settings);
            Assert.Equal(3, refused.ExitCode);
            var line = Assert.Single(refused.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.Contains(primary, line, StringComparison.Ordinal);
            Assert.Contains(PutBack, line, StringComparison.Ordinal);
            Assert.False(File.Exists(_ring));
        }

        var why = await KeysAsync(settings, ok: false);
        Assert.Contains($"{primary} (fingerprint ", why, StringComparison.Ordinal);
        Assert.Contains(PutBack, why, StringComparison.Ordinal);
        // What needs no key goes on without.
        Assert.Equal(0, (await NodeProcess.RunAsync(_state, ["audit", "export"], settings)).ExitCode);
        Assert.Equal(0, (await HostedNode.RunAsync(_state, ["migrate"], settings)).ExitCode);

        File.Move(_copy, _ring);
        Assert.Contains(primary, await KeysAsync(settings, ok: true), StringComparison.Ordinal);
        await using var again = await HostedNode.ServeAsync(_state, settings);
        Assert.Equal(result, (await again.WaitAsync(path))["result"]!.ToJsonString());
    }

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }


    private async Task<string?> KeysAsync((string, string)[] settings, bool ok)
    {
        var doctor = await HostedNode.RunAsync(_state, ["doctor", "--json"], settings);
        var keys = JsonNode.Parse(doctor.Output)!.AsArray().Single(finding => (string?)finding!["what"] == "keys file")!;
        Assert.Equal(ok, (bool)keys["ok"]!);
        Assert.True(ok || doctor.ExitCode == 1);
        return (string?)keys["why"];
    }
}
