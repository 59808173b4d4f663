using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Lazaret.Tests.EndToEnd;
using Lazaret.Tests.Servers;
using Npgsql;

namespace Lazaret.Tests.Deploy;

/// <summary>Processes of one node that stop, behind nginx, while requests come.</summary>
public sealed class RollingRestartTests : IDisposable
{
    private readonly NginxSite _site = new();
    private readonly TemporaryFolder _models = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_apis_and_two_workers_are_restarted_at_twenty_requests_a_second_and_nothing_is_lost()
    {
        var connection = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        await using var redis = await RedisServer.StartAsync();
        (string, string)[] settings =
        [
            .. _site.Settings, ("Lazaret__Database__Provider", "postgres"), ("ConnectionStrings__Lazaret", connection),
            ("Lazaret__Queue__Provider", "redis"), ("ConnectionStrings__Redis", redis.ConnectionString),
            // A busy machine lets requests wait, and they come all at once: what is counted here is what is lost.
            ("Lazaret__Http__RequestsPerSecond", "0"), ("Lazaret__Http__RequestsPerSecondPerAddress", "0"),
        ];
        var added = await HostedNode.RunAsync(_site.Folder, ["models", "add", ShellModel.Write(_models, "brief", "/bin/busybox sleep 0.1")], settings);
        Assert.True(added.ExitCode == 0, added.Error);
        var key = (await HostedNode.RunAsync(_site.Folder, ["requesters", "add", "bot"], settings)).Output.Trim();

        int[] ports = [ServerProcess.FreePort(), ServerProcess.FreePort()];
        var apis = new NodeProcess?[2];
        var workers = new NodeProcess?[2];
        try
        {
            for (var i = 0; i < 2; i++)
            {
                apis[i] = await NodeProcess.ServeAsync(_site.Folder, "api", ports[i], settings);
                workers[i] = await NodeProcess.ServeAsync(_site.Folder, "work", settings);
            }

            await using var nginx = await _site.StartAsync(apis[0]!, text => text.Replace("limit_conn clients 64", "limit_conn clients 1000", StringComparison.Ordinal), ports[1]);
            using var client = nginx.Client(null);
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            var sending = SendAsync(client, enough.Token);
            for (var i = 0; i < 2; i++)
            {
                await apis[i]!.DisposeAsync();
                apis[i] = await NodeProcess.ServeAsync(_site.Folder, "api", ports[i], settings);
                await workers[i]!.DisposeAsync();
                workers[i] = await NodeProcess.ServeAsync(_site.Folder, "work", settings);
            }

            await enough.CancelAsync();
            var jobs = await sending;
            Assert.All(jobs, job => Assert.StartsWith("/v1/jobs/", job, StringComparison.Ordinal));
            foreach (var job in jobs)
            {
                JsonNode? seen = null;
                await Wait.UntilAsync(async () => (string?)(seen = JsonNode.Parse(await client.GetStringAsync(new Uri(job, UriKind.Relative), Stop))!)["status"] is not ("QUEUED" or "PROCESSING"), job);
                Assert.Equal("COMPLETED", (string?)seen!["status"]);
            }

            // Nor was one admitted twice, though nobody sent a key to tell.
            await using var database = NpgsqlDataSource.Create(connection);
            await using var count = database.CreateCommand("SELECT count(*) FROM \"Jobs\"");
            Assert.Equal(jobs.Count, (long)(await count.ExecuteScalarAsync(Stop))!);
        }
        finally
        {
            foreach (var process in apis.Concat(workers).OfType<NodeProcess>())
                await process.DisposeAsync();
        }
    }

    [Fact]
    public async Task Who_has_connected_before_the_node_stops_is_answered()
    {
        // The node waits two seconds for who has connected: only where this test itself is held up for longer, it is tried again.
        string? answer = null;
        var isInTime = false;
        for (var attempt = 0; !isInTime && attempt < 5; attempt++)
        {
            var node = await NodeProcess.ServeAsync(_site.Folder);
            var port = node.Client.BaseAddress!.Port;
            using var early = new TcpClient("127.0.0.1", port);
            var clock = Stopwatch.StartNew();
            var stopped = node.DisposeAsync().AsTask();
            await Wait.UntilAsync(() => !IsListening(port), "the end of listening");
            try
            {
                await using var stream = early.GetStream();
                await stream.WriteAsync(Encoding.ASCII.GetBytes("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), Stop);
                isInTime = clock.Elapsed < TimeSpan.FromSeconds(2);
                using var reader = new StreamReader(stream);
                answer = await reader.ReadLineAsync(Stop);
            }
            catch (IOException) when (clock.Elapsed >= TimeSpan.FromSeconds(2) && !isInTime)
            {
                // Too late.
            }

            await stopped;
        }

        Assert.Equal("HTTP/1.1 200 OK", answer);
    }

    public void Dispose()
    {
        _site.Dispose();
        _models.Dispose();
    }

    /// <summary>Twenty requests a second, each fifth for a diagnosis, for a slow machine must run them all, and the others for the last job's state, until it is enough: the paths of all jobs.</summary>
    private static async Task<IReadOnlyList<string>> SendAsync(HttpClient client, CancellationToken enough)
    {
        var asked = new List<Task<string>>();
        var looked = new List<Task>();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            for (var i = 0; await pace.WaitForNextTickAsync(enough); i++)
            {
                if (i % 5 == 0)
                    asked.Add(AskAsync(client));
                else if (asked.FindLast(ask => ask.IsCompletedSuccessfully) is { } last)
                    looked.Add(client.GetStringAsync(new Uri(await last, UriKind.Relative), Stop));
            }
        }
        catch (OperationCanceledException) when (!Stop.IsCancellationRequested)
        {
            // It is enough.
        }

        await Task.WhenAll(looked);
        return await Task.WhenAll(asked);
    }

    private static async Task<string> AskAsync(HttpClient client)
    {
        using var body = ShellModel.Ask("brief");
        using var admitted = await client.PostAsync(new Uri("/v1/diagnose", UriKind.Relative), body, Stop);
        return await ShellModel.PathAsync(admitted);
    }

    // Asked of the kernel: whoever connects to see it is waited for.
    private static bool IsListening(int port) => File.ReadLines("/proc/net/tcp").Any(line => line.Contains($":{port:X4} 00000000:0000 0A", StringComparison.Ordinal));
}
