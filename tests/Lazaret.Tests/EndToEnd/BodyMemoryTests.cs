using System.IO.Compression;
using System.Text;

namespace Lazaret.Tests.EndToEnd;

/// <summary>The memory of the node's own process while it reads the largest bodies that it takes.</summary>
public sealed class BodyMemoryTests : IDisposable
{
    private const int Largest = 16 << 20;
    private const int Most = 6 * Largest;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_takes_a_few_times_its_size_whatever_it_holds()
    {
        await SampleModel.AddAsync(_folder.Path);
        await using var node = await NodeProcess.ServeAsync(_folder.Path, "api");
        // What is compiled and loaded at the first request is no part of the second.
        foreach (var (_, path, _) in Bodies())
            await PostAsync(node, path, "{}"u8.ToArray());
        foreach (var (shape, path, body) in Bodies())
        {
            foreach (var isPacked in (bool[])[false, true])
            {
                var bytes = Encoding.UTF8.GetBytes(body());
                node.ForgetPeak();
                var before = node.Peak;
                await PostAsync(node, path, bytes, isPacked);
                Assert.True(node.Peak - before < Most, $"{path}: {shape}{(isPacked ? ", packed" : "")}: {(node.Peak - before) >> 20} MiB");
            }
        }
    }

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<(string Shape, string Path, Func<string> Body)> Bodies()
    {
        const string Diagnose = "/v1/diagnose";
        const string Hooks = "/cds-services/sepsis";
        const string Call = """{"hook":"patient-view","hookInstance":"d1577c69-dfbe-44ad-ba6d-3e05e953b2ea","context":{"patientId":"p"},""";
        yield return ("unknown members", Diagnose, () => $"{{{Repeat("\"\":0,")}\"\":0}}");
        yield return ("unknown members, each another", Diagnose, () => $"{{{string.Concat(Enumerable.Range(0, 1_200_000).Select(i => $"\"n{i}\":0,"))}\"\":0}}");
        yield return ("one name of escapes", Diagnose, () => $"{{\"{Repeat("\\u0041")}\":0}}");
        yield return ("one text", Diagnose, () => $"{{\"client_id\":\"{Repeat("a")}\"}}");
        yield return ("unknown members", Hooks, () => $"{{{Repeat("\"x\":0,")}{Call[1..]}\"prefetch\":{{}}}}");
        yield return ("numbers", Hooks, () => $"{Call}\"prefetch\":{{\"q\":[{Repeat("0,")}0]}}}}");
        yield return ("lists", Hooks, () => $"{Call}\"prefetch\":{{\"q\":[{Repeat("[],")}0]}}}}");
        yield return ("prefetched things", Hooks, () => $"{Call}\"prefetch\":{{{Repeat("\"p\":0,")}\"q\":0}}}}");
        yield return ("entries", Hooks, () => $"{Call}\"prefetch\":{{\"q\":{{\"resourceType\":\"Bundle\",\"entry\":[{Repeat("{\"resource\":0},")}0]}}}}}}");
    }

    private static string Repeat(string piece) => string.Concat(Enumerable.Repeat(piece, (Largest - 2000) / piece.Length));

    private static async Task PostAsync(NodeProcess node, string path, byte[] body, bool isPacked = false)
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(body, Stop);
        using var content = new ByteArrayContent(isPacked ? packed.ToArray() : body) { Headers = { ContentType = new("application/json") } };
        if (isPacked)
            content.Headers.ContentEncoding.Add("gzip");
        using var response = await node.Client.PostAsync(new Uri(path, UriKind.Relative), content, Stop);
        Assert.InRange((int)response.StatusCode, 400, 422);
    }
}
