using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using Lazaret.Node.Audit;
using Lazaret.Node.Storage;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Http;

/// <summary>Whatever is sent to whatever the node maps, neither the answer nor what the audit keeps grows with it.</summary>
public sealed class HostileRequestTests
{
    private const int MostOfAnError = 64 << 10;
    private const int Size = 256 << 10;

    // The metrics have some thirty lines for each route and each status that it has answered with; a page of the console shows fifty jobs or audit entries.
    private const int MostOfTheNodesOwn = 256 << 10;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_answer_and_no_audit_entry_grows_with_what_is_sent()
    {
        await using var node = await ServingNode.StartAsync();
        var requests = 0;
        var shapes = Shapes().ToList();
        foreach (var (method, path) in Routes(node))
        {
            foreach (var (shape, prepare) in path == "/console/ask" ? [.. shapes, .. PageForms()] : shapes)
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), path);
                prepare(request);
                using var response = await node.Client.SendAsync(request, Stop);
                var length = (await response.Content.ReadAsByteArrayAsync(Stop)).Length + $"{response.Headers}{response.Content.Headers}".Length;
                Assert.True(length < (path == "/metrics" || path.StartsWith("/console", StringComparison.Ordinal) ? MostOfTheNodesOwn : MostOfAnError), $"{method} {path}: {shape}: {(int)response.StatusCode} with {length} bytes");
                requests++;
            }
        }

        Assert.True(requests > 400, $"{requests}");
        await using var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
        var details = await db.Audit.Select(entry => entry.Detail).ToListAsync(Stop);
        Assert.NotEmpty(details);
        Assert.All(details, detail => Assert.InRange(detail.Length, 2, 2048));
    }

    [Fact]
    public void What_an_audit_entry_keeps_is_bounded_whatever_is_put_into_it()
    {
        var detail = new AuditDetail { ["kind"] = "cohort", ["filters"] = Enumerable.Range(0, 100_000).ToArray(), ["covariates"] = new string('x', 1 << 20) };
        var json = detail.ToJson();
        Assert.InRange(json.Length, 1, AuditDetail.MaxBytes);
        Assert.Contains("\"kind\":\"cohort\"", json, StringComparison.Ordinal);
        Assert.Contains("\"bytes\":1048578", json, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Method, string Path)> Routes(ServingNode node)
    {
        foreach (var endpoint in node.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var pattern = endpoint.RoutePattern.RawText!.Replace("{id:guid}", "6f1c7a0e-5a53-4b7e-9d4c-6a1f0d6f2f11", StringComparison.Ordinal);
            // The interface's description, and the scripts that show it and maps, are the node's own, and as long as they are.
            if (pattern.Contains("openapi", StringComparison.Ordinal) || pattern.EndsWith(".js", StringComparison.Ordinal))
                continue;
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Append("BREW"))
            {
                foreach (var key in pattern.Contains("{key}", StringComparison.Ordinal) ? [ServingNode.Model, new string('ä', 1000)] : new[] { "" })
                    yield return (method, pattern.Replace("{key}", Uri.EscapeDataString(key), StringComparison.Ordinal));
            }
        }
    }

    private static IEnumerable<(string Shape, Action<HttpRequestMessage> Prepare)> Shapes()
    {
        foreach (var (shape, json) in Jsons())
        {
            var bytes = Encoding.UTF8.GetBytes(json);
            var packed = Pack(bytes);
            yield return (shape, request => request.Content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } });
            yield return ($"packed {shape}", request => request.Content = new ByteArrayContent(packed) { Headers = { ContentType = new MediaTypeHeaderValue("application/json"), ContentEncoding = { "gzip" } } });
        }

        var parameters = Parameters(Repeat("""{"name":"data","resource":{"resourceType":"Bundle","x":1}},"""));
        yield return ("as FHIR", request => request.Content = new StringContent(parameters, null, "application/fhir+json"));
        foreach (var (field, value) in Fields())
        {
            yield return ($"form of {field}", request => request.Content = TinySite.Form([1, 2, 3], ("outcome", "UPDRS_change"), (field, value)));
            yield return ($"form of {field} alone", request => request.Content = TinySite.Form(null, (field, value)));
        }

        yield return ("form of unknown fields", request => request.Content = TinySite.Form(null, Enumerable.Range(0, 31).Select(i => (new string('n', 2000) + i, (string?)"x"))));
        yield return ("type", request => request.Content = new StringContent("x") { Headers = { ContentType = MediaTypeHeaderValue.Parse("text/" + new string('p', 8000)) } });
        yield return ("encoding", request => request.Content = new StringContent("{}", null, "application/json") { Headers = { ContentEncoding = { new string('z', 8000) } } });
        yield return ("query", request => request.RequestUri = new Uri($"{request.RequestUri}?dry_run={new string('q', 6000)}", UriKind.Relative));
        yield return ("host", request => request.Headers.TryAddWithoutValidation("Host", "localhost:" + new string('1', 8000)));
        yield return ("headers", request =>
        {
            request.Headers.Add("Idempotency-Key", new string('k', 8000));
            request.Headers.Add("Prefer", new string('r', 8000));
            request.Headers.Add("Origin", "http://" + new string('o', 8000));
        });
    }

    /// <summary>Forms that the page of a question shows again, with characters that take six times their length there.</summary>
    private static IEnumerable<(string Shape, Action<HttpRequestMessage> Prepare)> PageForms()
    {
        yield return Form("many choices", [.. Enumerable.Range(0, 400).Select(i => ($"level:{i}", (string?)Quotes(200)))]);
        yield return Form("long fields", [("filters", Quotes(16_000)), ("covariates", Quotes(16_000)), .. ((string[])["task", "outcome", "score", "stat", "mask", "null", "within"]).Select(name => (name, (string?)Quotes(250)))]);
        yield return Form("one level", ("level:dx", Quotes(300)));
        yield return Form("a long mark", ("once", Quotes(4000)));

        static string Quotes(int count) => new('"', count);

        static (string, Action<HttpRequestMessage>) Form(string shape, params (string, string?)[] fields) => (shape, request => request.Content = TinySite.Form([1, 2, 3], fields));
    }

    private static IEnumerable<(string Shape, string Json)> Jsons()
    {
        yield return ("nothing", "");
        yield return ("unknown members", "{" + Repeat("\"\":0,") + "\"\":0}");
        yield return ("unknown members by name", "{" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"\"n{i}\":0,")) + "\"\":0}");
        yield return ("a long name", $"{{\"{new string('n', Size)}\":0}}");
        yield return ("a long name of escapes", $"{{\"{Repeat("\\u0007")}\":0}}");
        yield return ("many names of escapes", "{" + Repeat($"\"{string.Concat(Enumerable.Repeat("\\u00e4\\u202e", 60))}\":0,") + "\"\":0}");
        yield return ("one member again and again", "{" + Repeat("\"client_id\":1,") + "\"client_id\":1}");
        yield return ("long values", $$"""{"client_id":"{{new string('c', Size)}}","target_diagnosis":"{{new string('t', Size)}}","webhook_url":"https://{{new string('u', Size)}}"}""");
        yield return ("a long target", Envelope("{}").Replace(ServingNode.Model, new string('ä', 200), StringComparison.Ordinal));
        yield return ("depth", new string('[', Size));
        yield return ("a bundle of unknown elements", Envelope("{\"resourceType\":\"Bundle\",\"type\":\"collection\"," + Repeat("\"x\":0,") + "\"x\":0}"));
        yield return ("a bundle with a long element", Envelope($"{{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"{new string('e', Size)}\":0}}"));
        yield return ("a bundle of wrong entries", Envelope("{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[" + Repeat("{\"resource\":{\"resourceType\":\"Patient\",\"gender\":\"none\"}},") + "{}]}"));
        yield return ("a bundle with a long type", Envelope($"{{\"resourceType\":\"{new string('T', Size)}\"}}"));
        yield return ("wrong entries", "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[" + Repeat("{\"resource\":{\"resourceType\":\"Patient\",\"gender\":\"none\"}},") + "{}]}");
        yield return ("parameters", Parameters(Repeat("{\"name\":\"data\"},")));
        yield return ("parameters of unknown elements", "{\"resourceType\":\"Parameters\"," + Repeat("\"x\":0,") + "\"x\":0}");
        yield return ("prefetch of unknown things", Hook(Repeat("\"p\":{\"resourceType\":\"x\"},") + "\"q\":1"));
        yield return ("prefetch by name", Hook(string.Concat(Enumerable.Range(0, 8000).Select(i => $"\"p{i}\":{{\"resourceType\":\"x{i}\"}},")) + "\"q\":null"));
        yield return ("hook of unknown members", "{" + Repeat("\"x\":0,") + Hook("\"q\":null")[1..]);
    }

    private static IEnumerable<(string Field, string Value)> Fields()
    {
        var names = string.Concat(Enumerable.Range(0, 8000).Select(i => $"v{i},"));
        yield return ("covariates", names);
        yield return ("covariates", new string(',', 60_000));
        yield return ("filters", "{" + string.Concat(Enumerable.Range(0, 6000).Select(i => $"\"v{i}\":1,")) + "\"x\":1}");
        yield return ("filters", "{\"dx\":[" + string.Concat(Enumerable.Range(0, 6000).Select(i => $"\"v{i}\",")) + "\"x\"]}");
        yield return ("filters", "{" + string.Concat(Enumerable.Repeat("\"sex\":\"none\",", 4000)) + "\"x\":1}");
        yield return ("filters", "{\"age\":{" + string.Concat(Enumerable.Repeat("\"min\":7,", 4000)) + "\"x\":1}}");
        yield return ("task", new string('\u00e4', 30_000));
        yield return ("stat", names);
        yield return ("mask", names);
        yield return ("outcome", names + "\u202e\u0007");
    }

    private static string Repeat(string piece) => string.Concat(Enumerable.Repeat(piece, Math.Max(1, Size / piece.Length)));

    private static string Envelope(string bundle) => $$"""{"client_id":"c","target_diagnosis":"{{ServingNode.Model}}","fhir_bundle":{{bundle}}}""";

    private static string Parameters(string parameters) => $$"""{"resourceType":"Parameters","parameter":[{{parameters}}{"name":"x"}]}""";

    private static string Hook(string prefetch) =>
        $$$"""{"hook":"patient-view","hookInstance":"d1577c69-dfbe-44ad-ba6d-3e05e953b2ea","context":{"patientId":"p"},"prefetch":{{{{prefetch}}}}}""";

    private static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(bytes);
        return packed.ToArray();
    }
}
