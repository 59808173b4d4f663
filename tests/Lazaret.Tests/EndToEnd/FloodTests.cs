using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Lazaret.SampleSite;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.EndToEnd;

/// <summary>A requester who sends at least ten times what they may (wrk).</summary>
public sealed class FloodTests : IDisposable
{
    private const int PerSecond = 5;
    private const int Seconds = 20;

    // Ten connections, each a request every 50 ms: bounded, so that it is the limit that is tested and not the machine. It prints what was
    // answered, and the jobs that were admitted.
    private const string Script =
        """
        wrk.method = "POST"
        wrk.body = io.open(os.getenv("FLOOD_BODY")):read("*a")
        wrk.headers["Content-Type"] = "application/json"
        wrk.headers["Authorization"] = "Bearer " .. os.getenv("FLOOD_KEY")
        admitted, refused, other = "", 0, 0
        function delay() return 50 end
        function response(status, headers, body)
            if status == 202 then admitted = admitted .. " " .. body:match('"job_id":"([^"]+)"')
            elseif status == 429 and headers["Retry-After"] then refused = refused + 1
            else other = other + 1 end
        end
        function setup(thread) flooder = thread end
        function done() print("answers:" .. flooder:get("refused") .. ":" .. flooder:get("other") .. ":" .. flooder:get("admitted")) end
        """;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_times_too_many_requests_are_refused_while_the_node_lives_and_loses_no_job()
    {
        ServerProcess.Require("/usr/bin/wrk", "wrk");
        var state = _folder.MakePrivate("state");
        Assert.Equal(0, (await HostedNode.RunAsync(state, ["models", "add", ShellModel.Write(_folder, "quick", "true")])).ExitCode);
        var (flooder, other) = (await RegisterAsync(state, "flooder"), await RegisterAsync(state, "other"));
        List<string> jobs;
        string[] flood;
        await using (var node = await ServeAsync(state, other, PerSecond))
        {
            jobs = [.. await AdmitAsync(node, "before", 3)];
            var flooding = FloodAsync(node, flooder);
            var worst = ProbeAsync(node, flooding);
            jobs.AddRange(await AdmitAsync(node, "meanwhile", 3));
            Assert.False(flooding.IsCompleted, "nothing was sent meanwhile");
            flood = (await flooding).Split(':');
            // One stall of the machine is not the node's.
            Assert.InRange(await worst, TimeSpan.Zero, TimeSpan.FromMilliseconds(200));
        }

        var admitted = flood[3].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("0", flood[2]);
        Assert.InRange(admitted.Length, PerSecond * 2, (PerSecond * (Seconds + 3)) + 1);
        Assert.True(int.Parse(flood[1], System.Globalization.CultureInfo.InvariantCulture) + admitted.Length >= PerSecond * 10 * Seconds, $"{flood[1]} were refused: too few were sent");

        // Each runs to its end, be it on a node that was started again.
        await using var again = await ServeAsync(state, other, perSecond: 0);
        foreach (var path in jobs)
            Assert.Equal("COMPLETED", (string?)(await again.WaitAsync(path, "QUEUED", "PROCESSING"))["status"]);
        again.Client.DefaultRequestHeaders.Authorization = new("Bearer", flooder);
        foreach (var job in admitted)
            Assert.Equal("COMPLETED", (string?)(await again.WaitAsync($"/v1/jobs/{job}", "QUEUED", "PROCESSING"))["status"]);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<string> RegisterAsync(string state, string name)
    {
        var (exitCode, output, error) = await HostedNode.RunAsync(state, ["requesters", "add", name]);
        Assert.True(exitCode == 0, error);
        return output.Trim();
    }

    private static async Task<NodeProcess> ServeAsync(string state, string key, int perSecond)
    {
        var node = await NodeProcess.ServeAsync(
            state, ("Lazaret__Auth__Modes__0", "key"), ("Lazaret__Http__RequestsPerSecond", $"{perSecond}"), ("Lazaret__Http__RequestsPerSecondPerAddress", "1000"));
        node.Client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        return node;
    }

    private static async Task<IReadOnlyList<string>> AdmitAsync(NodeProcess node, string name, int count)
    {
        var paths = new List<string>();
        for (var number = 0; number < count; number++)
        {
            using var admitted = await ShellModel.AdmitAsync(node, "quick", $"{name}-{number}");
            paths.Add(await ShellModel.PathAsync(admitted));
        }

        return paths;
    }

    private async Task<string> FloodAsync(NodeProcess node, string key)
    {
        _folder.Write("flood.lua", Script);
        _folder.Write("body.json", new JsonObject
        {
            ["client_id"] = "bot",
            ["target_diagnosis"] = "quick",
            ["fhir_bundle"] = JsonNode.Parse(SampleBundles.Render(SampleBundles.Healthy, TimeProvider.System.GetUtcNow())),
        }.ToJsonString());
        var start = new ProcessStartInfo("/usr/bin/wrk", ["-t1", "-c10", $"-d{Seconds}s", "-s", _folder["flood.lua"], new Uri(node.Client.BaseAddress!, "/v1/diagnose").ToString()])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
            Environment = { ["FLOOD_BODY"] = _folder["body.json"], ["FLOOD_KEY"] = key },
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        return output.Split('\n').Single(line => line.StartsWith("answers:", StringComparison.Ordinal));
    }

    /// <summary>How long health checks take, but for the slowest twentieth of them.</summary>
    private static async Task<TimeSpan> ProbeAsync(NodeProcess node, Task until)
    {
        using var client = new HttpClient { BaseAddress = node.Client.BaseAddress };
        var times = new List<TimeSpan>();
        while (!until.IsCompleted)
        {
            var clock = Stopwatch.StartNew();
            using var answer = await client.GetAsync("/healthz", Stop);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            times.Add(clock.Elapsed);
            await Task.Delay(20, Stop);
        }

        times.Sort();
        return times[times.Count * 19 / 20];
    }
}
