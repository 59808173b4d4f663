using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Lazaret.Node.Identity;
using Lazaret.Node.Storage;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.EndToEnd;

/// <summary>
/// Ten thousand requests that a seeded generator makes out of the interface's own description: every route, every method, every role, with wrong types, sizes,
/// encodings and headers, torn and pipelined. The node never fails, hangs, shows its insides or grows.
/// </summary>
public sealed class InterfaceFuzzTests : IDisposable
{
    private const int Seed = 20261127;
    private const int WarmUp = 2_000;
    private const int AtOnce = 8;
    private const long MostGrowth = 128L << 20;
    private const int MostDescriptors = 32;

    // Paths of the machine, .NET's traces and exceptions, SQL.
    private static readonly string[] Insides = ["/root/", "/tmp/", "/home/", "   at ", "Exception", "Lazaret.Node.", "System.", "Microsoft.", "SELECT ", "SQLite", "Npgsql"];

    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentDictionary<int, byte> _seen = new();
    private int _ended;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(DatabaseOptions.Sqlite, 10_000)]
    [InlineData(DatabaseOptions.Postgres, 4_000)]
    public async Task Thousands_of_strange_requests_leave_the_node_as_it_was(string provider, int requests)
    {
        // A proxy is believed: so the requests come from many addresses.
        (string Key, string Value)[] settings =
        [
            ("DATA_VIEW", TinySite.Folder), ("K_MIN", "5"), ("Lazaret__Http__RequestsPerSecond", "0"), ("Lazaret__Http__RequestsPerSecondPerAddress", "0"), ("Lazaret__Http__Proxies__0", "127.0.0.1"),
            ("Lazaret__Auth__Modes__0", "key"), ("Lazaret__Auth__Modes__1", "smart"), ("Lazaret__Auth__Modes__2", "accounts"),
            .. provider == DatabaseOptions.Postgres
                ? new[] { ("Lazaret__Database__Provider", provider), ("ConnectionStrings__Lazaret", await (await PostgresServer.SharedAsync()).CreateDatabaseAsync()) }
                : [],
        ];
        await SampleModel.AddAsync(_folder.Path, settings);
        var keys = new List<string?> { null, "lzk_wrong" };
        foreach (var role in RoleNames.All)
            keys.Add((await HostedNode.RunAsync(_folder.Path, ["requesters", "add", $"a-{role}", "--role", role], settings)).Output.Trim());
        await using var node = await NodeProcess.ServeAsync(_folder.Path, "api", settings);
        using var client = new HttpClient { BaseAddress = node.Client.BaseAddress, Timeout = TimeSpan.FromSeconds(30) };
        var fuzzer = new InterfaceFuzzer(JsonNode.Parse(await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative), Stop))!, keys, Seed);

        await SendAsync(client, fuzzer, WarmUp);
        var (memory, descriptors) = (node.Memory, node.Descriptors);
        await SendAsync(client, fuzzer, requests);
        await Parallel.ForEachAsync(fuzzer.TornRequests(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Stop }, async (bytes, _) => await TearAsync(client.BaseAddress!, bytes));

        // The generator reaches all kinds of answers, behind the access table too.
        Assert.Superset(new HashSet<int> { 200, 400, 401, 403, 404, 405, 415, 422 }, _seen.Keys.ToHashSet());
        Assert.InRange(_ended, 0, requests / 50);
        Assert.Equal("{\"ok\":true}", await client.GetStringAsync(new Uri("/healthz", UriKind.Relative), Stop));
        Assert.InRange(node.Memory - memory, long.MinValue, MostGrowth);
        await Wait.UntilAsync(() => Task.FromResult(node.Descriptors <= descriptors + MostDescriptors));
        var unhandled = string.Join('\n', node.Log.Split('\n').Where(line => line.Contains("unhandled", StringComparison.OrdinalIgnoreCase)).Take(3));
        Assert.True(unhandled.Length == 0, unhandled);
        // What a request brings is never taken for an outage of the database.
        Assert.DoesNotContain("answered 503", node.Log, StringComparison.Ordinal);
    }

    // A few at once: each waits for a commit of the audit, which they then share.
    private Task SendAsync(HttpClient client, InterfaceFuzzer fuzzer, int count) => Parallel.ForEachAsync(
        Enumerable.Range(0, count).Select(number => (Number: number, Made: fuzzer.Next())),
        new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Stop },
        async (one, _) =>
        {
            using var request = one.Made.Request;
            try
            {
                using var answer = await client.SendAsync(request, Stop);
                _seen.TryAdd((int)answer.StatusCode, 0);
                await AssertHarmlessAsync($"{one.Number}: {one.Made.Name}", answer);
            }
            catch (HttpRequestException e) when (e.InnerException is IOException or SocketException)
            {
                // A body that is refused while it is still coming: the node answers and ends the connection, and the answer may be lost.
                Interlocked.Increment(ref _ended);
            }
        });

    private static async Task AssertHarmlessAsync(string name, HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStringAsync(Stop);
        Assert.True((int)answer.StatusCode < 500, $"{name}: {answer.StatusCode} {body}");
        if (answer.IsSuccessStatusCode)
            return;
        Assert.True(body.Length < 256 << 10, $"{name}: {answer.StatusCode} of {body.Length} characters");
        foreach (var inside in Insides)
            Assert.False(body.Contains(inside, StringComparison.Ordinal), $"{name}: shows '{inside}': {body}");
        if (answer.StatusCode == HttpStatusCode.Unauthorized)
            Assert.True(answer.Headers.WwwAuthenticate.Count > 0, $"{name}: 401 without WWW-Authenticate");
    }

    /// <summary>Sends the bytes and ends the connection; whatever is answered begins with a status below 500.</summary>
    private static async Task TearAsync(Uri address, byte[] bytes)
    {
        using var connection = new TcpClient(address.Host, address.Port);
        var stream = connection.GetStream();
        try
        {
            await stream.WriteAsync(bytes, Stop);
            connection.Client.Shutdown(SocketShutdown.Send);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            patience.CancelAfter(TimeSpan.FromSeconds(30));
            using var reader = new StreamReader(stream, Encoding.Latin1);
            var answer = await reader.ReadToEndAsync(patience.Token);
            foreach (var status in answer.Split('\n').Where(line => line.StartsWith("HTTP/1.", StringComparison.Ordinal)))
                Assert.True(int.Parse(status.AsSpan(9, 3), CultureInfo.InvariantCulture) is < 500 or 505, $"{Encoding.Latin1.GetString(bytes[..Math.Min(200, bytes.Length)])}: {answer}");
        }
        catch (IOException)
        {
            // The node may end a broken connection at once.
        }
    }
}
