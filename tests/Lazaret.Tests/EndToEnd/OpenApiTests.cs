using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Lazaret.SampleSite;

namespace Lazaret.Tests.EndToEnd;

/// <summary>The interface's description, compared with what a node answers.</summary>
public sealed class OpenApiTests(OpenApiTests.Hospital hospital) : IClassFixture<OpenApiTests.Hospital>
{
    private const string Problem = "application/problem+json";

    private const string Capability = """{"ready":true,"used":true,"checks":{"disk":{"ok":true,"needed":true,"why":""}}}""";
    private const string Capabilities = $"\"admission\":{Capability},\"cohort\":{Capability},\"diagnosis\":{Capability}";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void The_interface_describes_itself()
    {
        var document = hospital.Document;
        Assert.Equal("Lazaret", (string?)document.Info["title"]);
        Assert.Equal(typeof(Node.NodeHost).Assembly.GetName().Version!.ToString(3), (string?)document.Info["version"]);
        foreach (var path in (string[])["/jobs", "/v1/diagnose", "/fhir/Library/{key}/$evaluate"])
            Assert.Contains(document.Operation(HttpMethod.Post, path)["parameters"]!.AsArray(), parameter =>
                (string?)parameter!["name"] == "Idempotency-Key" && (string?)parameter["in"] == "header");
        var dryRun = document.Operation(HttpMethod.Post, "/v1/diagnose")["parameters"]!.AsArray().Single(parameter => (string?)parameter!["name"] == "dry_run");
        Assert.Equal("boolean", (string?)dryRun!["schema"]!["type"]);
    }

    [Fact]
    public void Every_object_says_what_members_it_may_have()
    {
        Assert.Empty(ObjectsIn(hospital.Document.Schemas).Where(schema =>
            schema["properties"] is null && schema["additionalProperties"] is null && schema["anyOf"] is null).Select(schema => schema.GetPath()));

        static IEnumerable<JsonNode> ObjectsIn(JsonNode node) => node switch
        {
            JsonObject inner => (inner["type"] is { } type && type.ToJsonString().Contains("\"object\"", StringComparison.Ordinal) ? [inner] : (JsonNode[])[])
                .Concat(inner.SelectMany(member => member.Value is null ? [] : ObjectsIn(member.Value))),
            JsonArray inner => inner.SelectMany(item => ObjectsIn(item!)),
            _ => [],
        };
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, "application/json", $"{{\"ready\":true,{Capabilities},\"not_ready\":{{}}}}", null)]
    [InlineData(HttpStatusCode.OK, "application/json", $"{{\"ready\":true,{Capabilities}}}", "not_ready")]
    [InlineData(HttpStatusCode.OK, "application/json", $"{{\"ready\":\"yes\",{Capabilities},\"not_ready\":{{}}}}", "/ready")]
    [InlineData(HttpStatusCode.OK, "application/json", $"{{\"ready\":true,{Capabilities},\"not_ready\":{{}},\"load\":1}}", "/load")]
    [InlineData(HttpStatusCode.OK, "text/plain", "ready", "text/plain is not described")]
    [InlineData(HttpStatusCode.NotFound, "application/problem+json", "{}", "404 is not described")]
    public async Task An_answer_that_is_not_described_is_found(HttpStatusCode status, string mediaType, string body, string? fault)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/readyz");
        using var response = new HttpResponseMessage(status) { RequestMessage = request, Content = new StringContent(body, null, mediaType) };
        var found = await Record.ExceptionAsync(() => hospital.Document.AssertDescribesAsync(response, "/readyz", Stop));
        if (fault is null)
            Assert.Null(found);
        else
            Assert.Contains(fault, found!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_form_of_a_cohort_job_is_the_one_that_is_read()
    {
        var form = hospital.Document.Body(HttpMethod.Post, "/jobs", "multipart/form-data");
        Assert.Equal("object", (string?)form["type"]);
        Assert.Equal(["outcome"], form["required"]!.AsArray().Select(name => (string)name!).Order());
        var fields = form["properties"]!.AsObject();
        Assert.Equal(Node.Cohorts.Forms.CohortForm.Names.Order(), fields.Select(field => field.Key).Order());
        var catalog = await hospital.Node.Client.GetFromJsonAsync<JsonNode>("/catalog/variables", Stop);
        Assert.Equal("binary", (string?)hospital.Document.Resolve(fields["map_file"]!)["format"]);
        Assert.Equal(catalog!["stats"]!.ToJsonString(), fields["stat"]!["enum"]!.ToJsonString());
        Assert.Equal(catalog["scores"]!.ToJsonString(), fields["score"]!["enum"]!.ToJsonString());
        Assert.Equal(catalog["nulls"]!.ToJsonString(), fields["null"]!["enum"]!.ToJsonString());
        Assert.Equal(catalog["cv"]!.ToJsonString(), fields["cv"]!["enum"]!.ToJsonString());

        using var unknown = TinySite.Form(null, ("colour", "red"));
        using var response = await hospital.Node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), unknown, Stop);
        await hospital.Document.AssertDescribesAsync(response, "/jobs", Stop);
    }

    [Fact]
    public async Task A_cohort_job_is_described_in_each_of_its_states()
    {
        var map = await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop);
        foreach (var (filters, status) in ((string, string)[])[("{}", "done"), ("""{"dx":"OCD","visit":"6mo"}""", "blocked")])
        {
            using var form = TinySite.Form(map, ("outcome", "UPDRS_change"), ("filters", filters));
            using var admitted = await hospital.Node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
            Assert.Equal(HttpStatusCode.Accepted, admitted.StatusCode);
            await hospital.Document.AssertDescribesAsync(admitted, "/jobs", Stop);
            using (var early = await hospital.Node.Client.GetAsync(admitted.Headers.Location, Stop))
                await hospital.Document.AssertDescribesAsync(early, "/jobs/{id}", Stop);
            Assert.Equal(status, (string?)(await hospital.Node.WaitAsync(admitted.Headers.Location!.ToString(), "queued", "running"))["status"]);
            using var over = await hospital.Node.Client.GetAsync(admitted.Headers.Location, Stop);
            await hospital.Document.AssertDescribesAsync(over, "/jobs/{id}", Stop);
            using var late = await hospital.Node.Client.DeleteAsync(admitted.Headers.Location, Stop);
            Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
            await hospital.Document.AssertDescribesAsync(late, "/jobs/{id}", Stop);
        }
    }

    [Fact]
    public async Task A_diagnosis_job_is_described_in_each_of_its_states()
    {
        using var admitted = await DiagnoseAsync("", Body());
        Assert.Equal(HttpStatusCode.Accepted, admitted.StatusCode);
        await hospital.Document.AssertDescribesAsync(admitted, "/v1/diagnose", Stop);
        await hospital.Node.WaitAsync(admitted.Headers.Location!.ToString(), "QUEUED", "PROCESSING");
        using var over = await hospital.Node.Client.GetAsync(admitted.Headers.Location, Stop);
        await hospital.Document.AssertDescribesAsync(over, "/v1/jobs/{id}", Stop);
        Assert.Equal(
            ["client_id", "fhir_bundle", "target_diagnosis", "webhook_url"],
            hospital.Document.Body(HttpMethod.Post, "/v1/diagnose", "application/json")["properties"]!.AsObject().Select(member => member.Key).Order());
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, "?dry_run=true")]
    [InlineData(HttpStatusCode.Conflict, "?dry_run=true", "8310-5")]
    [InlineData(HttpStatusCode.Conflict, "", "8310-5")]
    [InlineData(HttpStatusCode.BadRequest, "?dry_run=maybe")]
    public async Task Every_answer_to_a_diagnosis_is_described(HttpStatusCode status, string query, params string[] without)
    {
        using var response = await DiagnoseAsync(query, Body(without));
        Assert.Equal(status, response.StatusCode);
        await hospital.Document.AssertDescribesAsync(response, "/v1/diagnose", Stop);
        if (status != HttpStatusCode.OK)
            Assert.Contains(status == HttpStatusCode.Conflict ? "8310-5" : "dry_run", await DetailAsync(response), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"client_id":"bot","target_diagnosis":"measles","fhir_bundle":{"resourceType":"Bundle","type":"collection"}}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"client_id":"bot","target_diagnosis":"sepsis","fhir_bundle":{}}""", HttpStatusCode.UnprocessableEntity)]
    public async Task Every_refusal_of_a_diagnosis_is_described(string body, HttpStatusCode status)
    {
        using var response = await DiagnoseAsync("", new StringContent(body, null, "application/json"));
        Assert.Equal(status, response.StatusCode);
        await hospital.Document.AssertDescribesAsync(response, "/v1/diagnose", Stop);
    }

    [Fact]
    public async Task A_body_over_the_cap_is_described()
    {
        using var response = await DiagnoseAsync("", new StringContent(new string(' ', (1 << 20) + 1), null, "application/json"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        await hospital.Document.AssertDescribesAsync(response, "/v1/diagnose", Stop);
    }

    [Fact]
    public async Task A_node_without_its_data_says_so_as_described()
    {
        using var folder = new TemporaryFolder();
        await using var node = await HostedNode.ServeAsync(folder.Path, ("DATA_VIEW", folder["nowhere"]), ("Lazaret__Health__MinimumFreeMiB", "1048576"));
        using var form = TinySite.Form([], ("outcome", "UPDRS_change"));
        using var ready = await node.Client.GetAsync(new Uri("/readyz", UriKind.Relative), Stop);
        using var job = await node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
        foreach (var (response, path) in ((HttpResponseMessage, string)[])[(ready, "/readyz"), (job, "/jobs")])
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            await hospital.Document.AssertDescribesAsync(response, path, Stop);
        }
    }

    [Theory]
    [InlineData("GET", "/healthz")]
    [InlineData("HEAD", "/healthz")]
    [InlineData("GET", "/readyz")]
    [InlineData("HEAD", "/readyz")]
    [InlineData("GET", "/catalog/variables")]
    [InlineData("GET", "/v1/models")]
    [InlineData("GET", "/fhir/metadata")]
    [InlineData("GET", "/cds-services")]
    public async Task What_may_always_be_asked_is_described(string method, string path)
    {
        using var response = await SendAsync(method, path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await hospital.Document.AssertDescribesAsync(response, path, Stop);
    }

    [Theory]
    [InlineData("GET", "/nothing", null, HttpStatusCode.NotFound, "/nothing")]
    [InlineData("GET", "/jobs/none", null, HttpStatusCode.NotFound, "/jobs/none")]
    [InlineData("PUT", "/jobs", null, HttpStatusCode.MethodNotAllowed, "POST")]
    [InlineData("POST", "/readyz", null, HttpStatusCode.MethodNotAllowed, "GET, HEAD")]
    [InlineData("POST", "/jobs", "text/plain", HttpStatusCode.UnsupportedMediaType, "text/plain")]
    [InlineData("POST", "/v1/diagnose", "text/plain", HttpStatusCode.UnsupportedMediaType, "text/plain")]
    public async Task What_the_framework_refuses_is_a_problem_that_names_what_is_wrong(string method, string path, string? type, HttpStatusCode status, string named)
    {
        using var response = await SendAsync(method, path, request =>
        {
            request.Headers.Accept.ParseAdd("text/html");
            if (type is not null)
                request.Content = new StringContent("x", null, type);
        });
        Assert.Equal(status, response.StatusCode);
        Assert.Contains(named, await DetailAsync(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_torn_body_is_its_senders_fault_and_no_error_of_the_nodes()
    {
        var address = hospital.Node.Client.BaseAddress!;
        using var client = new TcpClient(address.Host, address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync("POST /v1/diagnose HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"u8.ToArray(), Stop);
        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 400", await reader.ReadLineAsync(Stop), StringComparison.Ordinal);
        Assert.Equal($"Content-Type: {Problem}", await reader.ReadLineAsync(Stop));
        Assert.DoesNotContain("BadHttpRequestException", hospital.Node.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/fhir/nothing", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "/cds-services/sepsis", HttpStatusCode.MethodNotAllowed)]
    public async Task What_the_framework_refuses_of_fhir_is_an_outcome(string method, string path, HttpStatusCode status)
    {
        using var response = await SendAsync(method, path);
        Assert.Equal(status, response.StatusCode);
        Assert.True(Lazaret.Fhir.FhirValidator.Validate(await response.Content.ReadAsByteArrayAsync(Stop)).IsValid);
    }

    [Theory]
    [InlineData("GET", "localhost", null, HttpStatusCode.OK)]
    [InlineData("GET", "LOCALHOST:1", null, HttpStatusCode.OK)]
    [InlineData("GET", "127.0.0.1:8080", "http://elsewhere.example", HttpStatusCode.OK)]
    [InlineData("GET", "[::1]:8080", null, HttpStatusCode.OK)]
    [InlineData("GET", "elsewhere.example", null, HttpStatusCode.MisdirectedRequest)]
    [InlineData("GET", "localhost.elsewhere.example:8080", null, HttpStatusCode.MisdirectedRequest)]
    [InlineData("GET", "192.0.2.1", null, HttpStatusCode.MisdirectedRequest)]
    [InlineData("POST", "elsewhere.example", "http://elsewhere.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("POST", "localhost:8080", "http://elsewhere.example", HttpStatusCode.Forbidden)]
    [InlineData("POST", "localhost:8080", "http://localhost:8081", HttpStatusCode.Forbidden)]
    [InlineData("POST", "localhost:8080", "https://localhost:8080", HttpStatusCode.Forbidden)]
    [InlineData("DELETE", "localhost:8080", "null", HttpStatusCode.Forbidden)]
    [InlineData("POST", "localhost:8080", "http://localhost:8080", HttpStatusCode.MethodNotAllowed)]
    [InlineData("POST", "localhost:8080", null, HttpStatusCode.MethodNotAllowed)]
    public async Task Without_authentication_only_the_nodes_own_names_and_pages_are_answered(string method, string host, string? origin, HttpStatusCode status)
    {
        using var response = await SendAsync(method, "/healthz", request =>
        {
            request.Headers.Host = host;
            if (origin is not null)
                request.Headers.Add("Origin", origin);
        });
        Assert.Equal(status, response.StatusCode);
        if (status is HttpStatusCode.MisdirectedRequest or HttpStatusCode.Forbidden)
            Assert.Contains("without authentication", await DetailAsync(response), StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path, Action<HttpRequestMessage>? prepare = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        prepare?.Invoke(request);
        return await hospital.Node.Client.SendAsync(request, Stop);
    }

    private Task<HttpResponseMessage> DiagnoseAsync(string query, HttpContent body) =>
        hospital.Node.Client.PostAsync(new Uri($"/v1/diagnose{query}", UriKind.Relative), body, Stop);

    private static JsonContent Body(params string[] without) => JsonContent.Create(SampleModel.Request(SampleBundles.Healthy, without));

    private static async Task<string> DetailAsync(HttpResponseMessage response)
    {
        Assert.Equal(Problem, response.Content.Headers.ContentType!.MediaType);
        return (string)JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!["detail"]!;
    }

    /// <summary>A node with a cohort and a model.</summary>
    public sealed class Hospital : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        internal HostedNode Node { get; private set; } = null!;

        internal OpenApiDocument Document { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await SampleModel.AddAsync(_folder.Path);
            Node = await HostedNode.ServeAsync(_folder.Path, ("DATA_VIEW", TinySite.Folder), ("K_MIN", "5"), ("Lazaret__Diagnoses__MaxRequestMiB", "1"));
            Document = new OpenApiDocument((await Node.Client.GetFromJsonAsync<JsonNode>("/openapi/v1.json", Stop))!);
        }

        public async ValueTask DisposeAsync()
        {
            await Node.DisposeAsync();
            _folder.Dispose();
        }
    }
}
