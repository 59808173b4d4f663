using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Lazaret.Node.Cohorts;
using Lazaret.Node.Diagnoses;
using Lazaret.SampleSite;

namespace Lazaret.Tests.Http;

/// <summary>Bodies that came packed, or with a byte order mark.</summary>
public sealed class EncodedBodyTests(EncodedBodyTests.Node node) : IClassFixture<EncodedBodyTests.Node>
{
    private static readonly byte[] Mark = [0xEF, 0xBB, 0xBF];

    private static readonly byte[] Bundle = SampleBundles.Render(SampleBundles.Healthy, TimeProvider.System.GetUtcNow());

    private static readonly byte[] Envelope = Encoding.UTF8.GetBytes(
        $$"""{"client_id":"bot","target_diagnosis":"{{ServingNode.Model}}","fhir_bundle":{{Encoding.UTF8.GetString(Bundle)}}}""");

    private static readonly byte[] Hook = Encoding.UTF8.GetBytes(
        """{"hook":"patient-view","hookInstance":"d1577c69-dfbe-44ad-ba6d-3e05e953b2ea","context":{"patientId":"none"},"prefetch":{"8310-5":null}}""");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Ways { get; } = new(
        from path in (string[])["/v1/diagnose", "/fhir/Library/quick/$evaluate", "/cds-services/quick", "/jobs"]
        from way in (string[])["plain", "mark", "gzip", "x-gzip", "GZIP", "gzip in two members", "gzip of mark", "identity"]
        where path != "/jobs" || !way.Contains("mark", StringComparison.Ordinal)
        select (path, way));

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Every_ordinary_way_to_send_a_body_is_read(string path, string way)
    {
        var (bytes, type) = await BodyAsync(path);
        var content = way switch
        {
            "plain" => Content(bytes, type),
            "mark" => Content([.. Mark, .. bytes], type),
            "gzip of mark" => Content(Pack([.. Mark, .. bytes]), type, "gzip"),
            "gzip in two members" => Content([.. Pack(bytes[..100]), .. Pack(bytes[100..])], type, "gzip"),
            "identity" => Content(bytes, type, way),
            _ => Content(Pack(bytes), type, way),
        };
        using var response = await SendAsync(path, content);
        var text = await response.Content.ReadAsStringAsync(Stop);
        // A service that has all it needs would wait for its card here.
        Assert.True(response.StatusCode == HttpStatusCode.Accepted || (response.StatusCode == HttpStatusCode.PreconditionFailed && text.Contains("8310-5", StringComparison.Ordinal)), $"{response.StatusCode}: {text}");
    }

    [Theory]
    [InlineData("/v1/diagnose")]
    [InlineData("/fhir/Library/quick/$evaluate")]
    [InlineData("/cds-services/quick")]
    [InlineData("/jobs")]
    public async Task What_is_no_whole_gzip_is_400_and_says_so(string path)
    {
        var (bytes, type) = await BodyAsync(path);
        var packed = Pack(bytes);
        foreach (var broken in (byte[][])[[], packed[..5], packed[..10], packed[..(packed.Length / 2)], packed[..^8], packed[..^1], [.. packed[..^8], 1, 2, 3, 4, .. packed[^4..]], bytes])
        {
            using var response = await SendAsync(path, Content(broken, type, "gzip"));
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.Contains("gzip", await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/v1/diagnose")]
    [InlineData("/fhir/Library/quick/$evaluate")]
    [InlineData("/cds-services/quick")]
    [InlineData("/jobs")]
    public async Task What_unpacks_to_more_than_may_be_sent_is_413(string path)
    {
        var (bytes, type) = (new byte[64 << 20], "application/json");
        if (path == "/jobs")
        {
            using var form = TinySite.Form(null, ("note", new string('0', 4 << 20)));
            (bytes, type) = (await form.ReadAsByteArrayAsync(Stop), form.Headers.ContentType!.ToString());
        }

        using var response = await SendAsync(path, Content(Pack(bytes), type, "gzip"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("zstd")]
    [InlineData("gzip, gzip")]
    public async Task Another_encoding_is_415_and_what_is_read_is_named(string encoding)
    {
        foreach (var path in (string[])["/v1/diagnose", "/fhir/Library/quick/$evaluate", "/cds-services/quick", "/jobs"])
        {
            var (bytes, type) = await BodyAsync(path);
            using var response = await SendAsync(path, Content(bytes, type, encoding));
            Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
            Assert.Contains("gzip", await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
            Assert.Equal("gzip", response.Headers.GetValues("Accept-Encoding").Single());
        }
    }

    [Fact]
    public async Task A_map_is_too_large_whether_its_form_came_packed_or_not()
    {
        using var form = TinySite.Form(new byte[(1 << 20) + 1], ("outcome", "UPDRS_change"));
        using var response = await SendAsync("/jobs", Content(Pack(await form.ReadAsByteArrayAsync(Stop)), form.Headers.ContentType!.ToString(), "gzip"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Equal("map_file", (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!["errors"]![0]!["field"]);
    }

    private static async Task<(byte[] Bytes, string Type)> BodyAsync(string path)
    {
        if (path != "/jobs")
            return (path.StartsWith("/v1", StringComparison.Ordinal) ? Envelope : path.StartsWith("/fhir", StringComparison.Ordinal) ? Bundle : Hook, "application/json");
        using var form = TinySite.Form(await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop), ("outcome", "UPDRS_change"), ("filters", "\uFEFF{}"));
        return (await form.ReadAsByteArrayAsync(Stop), form.Headers.ContentType!.ToString());
    }

    private Task<HttpResponseMessage> SendAsync(string path, HttpContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        // Nobody runs the jobs here.
        request.Headers.Add("Prefer", "respond-async");
        return node.Serving.Client.SendAsync(request, Stop);
    }

    private static ByteArrayContent Content(byte[] bytes, string type, string? encoding = null)
    {
        var content = new ByteArrayContent(bytes) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };
        if (encoding is not null)
            content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        return content;
    }

    private static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    public sealed class Node : IAsyncLifetime
    {
        internal ServingNode Serving { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Serving = await ServingNode.StartAsync(options => options with
        {
            Cohorts = new CohortOptions { MaxUploadMiB = 1 },
            Diagnoses = new DiagnosisOptions { MaxRequestMiB = 1 },
        });

        public ValueTask DisposeAsync() => Serving.DisposeAsync();
    }
}
