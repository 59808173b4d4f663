using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Lazaret.Fhir;
using Lazaret.Tests.Http;

namespace Lazaret.Tests.Diagnoses;

/// <summary>What HTTP and FHIR ask of every address, whatever stands behind it. Nobody runs the jobs here.</summary>
public sealed class FhirEdgeTests(FhirEdgeTests.Node node) : IClassFixture<FhirEdgeTests.Node>
{
    private const string Evaluate = $"/fhir/Library/{ServingNode.Model}/$evaluate";
    private const string Bundle = """{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","id":"p1"}},{"resource":{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8310-5"}]},"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-01-01T00:00:00Z","valueQuantity":{"value":38.6,"system":"http://unitsofmeasure.org","code":"Cel"}}}]}""";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/")]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/metrics")]
    [InlineData("/catalog/variables")]
    [InlineData("/v1/models")]
    [InlineData($"/v1/models/{ServingNode.Model}")]
    [InlineData("/fhir/metadata")]
    [InlineData($"/fhir/Library/{ServingNode.Model}")]
    [InlineData($"/fhir/Library/{ServingNode.Model}/$data-requirements")]
    [InlineData("/cds-services")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/v1/jobs/7c3f4d2e-0000-0000-0000-000000000000")]
    [InlineData("/jobs/7c3f4d2e-0000-0000-0000-000000000000")]
    [InlineData("/fhir/GuidanceResponse/7c3f4d2e-0000-0000-0000-000000000000")]
    public async Task Whatever_answers_get_answers_head_without_content(string path)
    {
        using var get = await SendAsync(HttpMethod.Get, path);
        using var head = await SendAsync(HttpMethod.Head, path);
        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType?.MediaType, head.Content.Headers.ContentType?.MediaType);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Stop));
    }

    [Theory]
    [InlineData("", null, true)]
    [InlineData("", "application/fhir+json", true)]
    [InlineData("", "application/json", true)]
    [InlineData("", "*/*", true)]
    [InlineData("", "application/*", true)]
    [InlineData("", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true)]
    [InlineData("", "application/fhir+xml, application/fhir+json;q=0.1", true)]
    [InlineData("", "application/fhir+json; fhirVersion=4.0", true)]
    [InlineData("?_format=json", "application/fhir+xml", true)]
    [InlineData("?_format=application/fhir%2Bjson", null, true)]
    [InlineData("?_format=application/fhir+json", null, true)]
    [InlineData("?_format=application/json&_pretty=true", null, true)]
    [InlineData("", "application/fhir+xml", false)]
    [InlineData("", "application/xml, text/xml", false)]
    [InlineData("", "text/html", false)]
    [InlineData("", "application/fhir+json;q=0", false)]
    [InlineData("", "application/fhir+json; fhirVersion=5.0", false)]
    [InlineData("?_format=xml", "application/fhir+json", false)]
    [InlineData("?_format=application/fhir%2Bxml", null, false)]
    [InlineData("?_format=ttl", null, false)]
    public async Task Fhir_is_spoken_as_json_alone_and_whoever_takes_none_is_told_so(string query, string? accept, bool taken)
    {
        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Get, "/fhir/metadata"), (HttpMethod.Get, $"/fhir/Library/{ServingNode.Model}"), (HttpMethod.Post, Evaluate)])
        {
            using var response = await SendAsync(method, path + query, method == HttpMethod.Post ? """{"resourceType":"Bundle","type":"collection"}""" : null, ("Accept", accept));
            var body = await response.Content.ReadAsByteArrayAsync(Stop);
            Assert.True(response.StatusCode == (taken ? HttpStatusCode.OK : HttpStatusCode.NotAcceptable), $"{path}: {response.StatusCode} {Encoding.UTF8.GetString(body)}");
            Assert.Equal("application/fhir+json", response.Content.Headers.ContentType?.MediaType);
            Assert.True(FhirValidator.Validate(body).IsValid);
        }
    }

    [Theory]
    [InlineData("/v1/jobs/{0}", HttpStatusCode.NoContent)]
    [InlineData("/fhir/$status/{0}", HttpStatusCode.Accepted)]
    public async Task A_diagnosis_is_withdrawn_at_either_of_its_addresses(string path, HttpStatusCode expected)
    {
        using var accepted = await SendAsync(HttpMethod.Post, Evaluate, Bundle, ("Prefer", "respond-async"));
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var status = accepted.Content.Headers.ContentLocation!;
        var id = status.Segments[^1];
        for (var attempt = 0; attempt < 2; attempt++)
        {
            using var withdrawn = await SendAsync(HttpMethod.Delete, string.Format(System.Globalization.CultureInfo.InvariantCulture, path, id));
            Assert.Equal(expected, withdrawn.StatusCode);
        }

        // http://hl7.org/fhir/R4/async.html: then there is nothing more at the status's address.
        using var gone = await SendAsync(HttpMethod.Get, status.AbsolutePath);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        var job = await node.Serving.Client.GetFromJsonAsync<JsonNode>($"/v1/jobs/{id}", Stop);
        Assert.Equal(("FAILED", "the job was cancelled"), ((string?)job!["status"], (string?)job["error"]));
    }

    [Theory]
    [InlineData("/v1/jobs/7c3f4d2e-0000-0000-0000-000000000000")]
    [InlineData("/fhir/$status/7c3f4d2e-0000-0000-0000-000000000000")]
    [InlineData("/v1/jobs/{cohort}")]
    [InlineData("/fhir/$status/{cohort}")]
    public async Task What_is_no_diagnosis_of_the_requesters_is_not_withdrawn(string path)
    {
        using var form = TinySite.Form(await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop), ("outcome", "UPDRS_change"));
        using var cohort = await node.Serving.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
        using var response = await SendAsync(HttpMethod.Delete, path.Replace("{cohort}", cohort.Headers.Location!.ToString().Split('/')[^1], StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory]
    [InlineData("?subject=Patient/p1", Bundle)]
    [InlineData("?useServerData=true", Bundle)]
    [InlineData("", """{"resourceType":"Parameters","parameter":[{"name":"useServerData","valueBoolean":true},{"name":"data","resource":{"resourceType":"Bundle","type":"collection"}}]}""")]
    public async Task A_parameter_that_nobody_reads_is_refused(string query, string body)
    {
        using var response = await SendAsync(HttpMethod.Post, Evaluate + query, body);
        var text = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(response.StatusCode == HttpStatusCode.UnprocessableEntity, text);
        Assert.Contains("is no parameter", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", null)]
    [InlineData("?_format=json", """{"resourceType":"Parameters"}""", null)]
    [InlineData("", """{"resourceType":"Parameters","parameter":[{"name":"target","valueString":"x"},{"name":"foo","valueString":"x"}]}""", "Parameters.parameter[0],Parameters.parameter[1]")]
    [InlineData("?foo=1", """{"resourceType":"Parameters","parameter":[{"name":"target","valueString":"x"}]}""", ",Parameters.parameter[0]")]
    [InlineData("?foo=1", null, "")]
    [InlineData("", """{"resourceType":"Patient"}""", "")]
    [InlineData("", "{", "")]
    public async Task The_data_requirements_take_no_parameters(string query, string? body, string? places)
    {
        using var response = await SendAsync(body is null ? HttpMethod.Get : HttpMethod.Post, $"/fhir/Library/{ServingNode.Model}/$data-requirements{query}", body);
        var answer = (await response.Content.ReadFromJsonAsync<JsonNode>(Stop))!;
        Assert.Equal(places is null ? HttpStatusCode.OK : HttpStatusCode.UnprocessableEntity, response.StatusCode);
        if (places is not null)
            Assert.Equal(places, string.Join(',', answer["issue"]!.AsArray().Select(issue => (string?)issue!["expression"]?[0])));
    }

    [Fact]
    public async Task A_guidance_response_names_its_subject()
    {
        const string Lacking = """{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"http://ehr.example/fhir/Patient/p1","resource":{"resourceType":"Patient","id":"p1"}}]}""";
        using var bare = await SendAsync(HttpMethod.Post, Evaluate, Lacking);
        Assert.Equal("http://ehr.example/fhir/Patient/p1", (string?)(await bare.Content.ReadFromJsonAsync<JsonNode>(Stop))!["subject"]!["reference"]);
        using var named = await SendAsync(HttpMethod.Post, Evaluate, """{"resourceType":"Parameters","parameter":[{"name":"subject","valueString":"p1"},{"name":"data","resource":BUNDLE}]}""".Replace("BUNDLE", Lacking, StringComparison.Ordinal));
        Assert.Equal("Patient/p1", (string?)(await named.Content.ReadFromJsonAsync<JsonNode>(Stop))!["subject"]!["reference"]);
    }

    [Fact]
    public async Task A_guidance_response_that_is_fetched_later_says_whose_it_is_and_what_it_rests_on()
    {
        using var accepted = await SendAsync(HttpMethod.Post, Evaluate, Bundle, ("Prefer", "respond-async"));
        var id = accepted.Content.Headers.ContentLocation!.Segments[^1];
        using var response = await SendAsync(HttpMethod.Get, $"/fhir/GuidanceResponse/{id}");
        var body = await response.Content.ReadAsByteArrayAsync(Stop);
        Assert.True(FhirValidator.Validate(body).IsValid);
        var guidance = JsonNode.Parse(body)!;
        Assert.Equal(("in-progress", "Patient/p1"), ((string?)guidance["status"], (string?)guidance["subject"]!["reference"]));
        Assert.Equal("lazaret.used", (string?)guidance["contained"]![0]!["parameter"]![0]!["name"]);
    }

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body = null, params (string Name, string? Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/fhir+json");
        foreach (var (name, value) in headers)
        {
            if (value is not null)
                request.Headers.TryAddWithoutValidation(name, value);
        }

        return node.Serving.Client.SendAsync(request, Stop);
    }

    public sealed class Node : IAsyncLifetime
    {
        internal ServingNode Serving { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Serving = await ServingNode.StartAsync();

        public ValueTask DisposeAsync() => Serving.DisposeAsync();
    }
}
