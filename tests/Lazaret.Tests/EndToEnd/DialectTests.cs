using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Lazaret.Fhir;
using Lazaret.SampleSite;

namespace Lazaret.Tests.EndToEnd;

/// <summary>The same negotiation and the same model in FHIR's and in CDS Hooks' words. All that is FHIR passes our own validator.</summary>
public sealed class DialectTests(DiagnosisJobTests.Ward ward) : IClassFixture<DiagnosisJobTests.Ward>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/fhir/metadata", "CapabilityStatement")]
    [InlineData("/fhir/Library/sepsis", "Library")]
    [InlineData("/fhir/Library/sepsis/$data-requirements", "Library")]
    public async Task The_node_and_its_models_are_described_as_valid_fhir(string path, string type)
    {
        using var response = await ward.Node.Client.GetAsync(new Uri(path, UriKind.Relative), Stop);
        Assert.Equal("application/fhir+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(type, (string?)(await ReadFhirAsync(response, HttpStatusCode.OK))["resourceType"]);
    }

    [Fact]
    public async Task An_evaluation_asks_for_what_is_missing_and_then_answers()
    {
        using var lacking = await EvaluateAsync(Bundle(SampleBundles.Septic, "8310-5"));
        var asked = await ReadFhirAsync(lacking, HttpStatusCode.OK);
        Assert.Equal("data-required", (string?)asked["status"]);
        Assert.Equal("8310-5", (string?)Assert.Single(asked["dataRequirement"]!.AsArray())!["codeFilter"]![0]!["code"]![0]!["code"]);

        using var complete = await EvaluateAsync(Bundle(SampleBundles.Septic));
        var guidance = await ReadFhirAsync(complete, HttpStatusCode.OK);
        Assert.Equal("success", (string?)guidance["status"]);
        var output = Assert.Single(guidance["contained"]!.AsArray())!["parameter"]!.AsArray();
        Assert.Equal("POSITIVE", (string?)output.Single(parameter => (string?)parameter!["name"] == "diagnosis")!["valueString"]);
    }

    [Fact]
    public async Task An_evaluation_takes_parameters_and_follows_the_asynchronous_pattern()
    {
        var parameters = $$"""{"resourceType":"Parameters","parameter":[{"name":"data","resource":{{Bundle(SampleBundles.Healthy)}}}]}""";
        using var accepted = await EvaluateAsync(parameters, ("Prefer", "respond-async"));
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var status = accepted.Content.Headers.ContentLocation!;
        while (true)
        {
            using var poll = await ward.Node.Client.GetAsync(status, Stop);
            if (poll.StatusCode == HttpStatusCode.Accepted)
            {
                await Task.Delay(20, Stop);
                continue;
            }

            var manifest = JsonNode.Parse(await poll.Content.ReadAsStringAsync(Stop))!;
            using var result = await ward.Node.Client.GetAsync(new Uri((string)manifest["output"]![0]!["url"]!), Stop);
            Assert.Equal("success", (string?)(await ReadFhirAsync(result, HttpStatusCode.OK))["status"]);
            return;
        }
    }

    [Theory]
    [InlineData("{", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"\ud800":1}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"resourceType":"\ud800"}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"resourceType":"Parameters"}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"resourceType":"Patient"}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"resourceType":"Parameters","parameter":[{"_name":{"extension":[{"url":"http://a","valueString":"x"}]},"resource":{"resourceType":"Bundle","type":"collection"}}]}""", HttpStatusCode.UnprocessableEntity)]
    public async Task A_body_that_is_no_bundle_is_answered_with_an_outcome(string body, HttpStatusCode expected)
    {
        using var response = await EvaluateAsync(body);
        Assert.Equal("OperationOutcome", (string?)(await ReadFhirAsync(response, expected))["resourceType"]);
    }

    [Fact]
    public async Task An_unknown_library_is_answered_with_an_outcome()
    {
        using var response = await ward.Node.Client.GetAsync(new Uri("/fhir/Library/measles", UriKind.Relative), Stop);
        Assert.Equal("OperationOutcome", (string?)(await ReadFhirAsync(response, HttpStatusCode.NotFound))["resourceType"]);
    }

    [Fact]
    public async Task Every_model_is_a_cds_service_that_names_its_prefetch_and_answers_with_a_card()
    {
        using var discovered = await ward.Node.Client.GetAsync(new Uri("/cds-services", UriKind.Relative), Stop);
        var service = Assert.Single(JsonNode.Parse(await discovered.Content.ReadAsStringAsync(Stop))!["services"]!.AsArray())!;
        Assert.Equal("sepsis", (string?)service["id"]);
        Assert.Contains("8310-5", (string?)service["prefetch"]!["8310-5"], StringComparison.Ordinal);

        using var lacking = await CallAsync(Prefetch(SampleBundles.Septic, "8310-5"));
        var outcome = await ReadFhirAsync(lacking, HttpStatusCode.PreconditionFailed);
        Assert.Contains("8310-5", (string?)Assert.Single(outcome["issue"]!.AsArray())!["diagnostics"], StringComparison.Ordinal);

        using var complete = await CallAsync(Prefetch(SampleBundles.Septic));
        Assert.Equal(HttpStatusCode.OK, complete.StatusCode);
        var card = Assert.Single(JsonNode.Parse(await complete.Content.ReadAsStringAsync(Stop))!["cards"]!.AsArray())!;
        Assert.Contains("POSITIVE", (string?)card["summary"], StringComparison.Ordinal);

        using var none = await CallAsync(null);
        Assert.Equal(HttpStatusCode.PreconditionFailed, none.StatusCode);
    }

    [Theory]
    [InlineData("[]", HttpStatusCode.BadRequest)]
    [InlineData("""{"hook":"patient-view","hookInstance":"1","prefetch":{}}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"hook":"patient-view","hookInstance":"1","context":{"patientId":"a"},"prefetch":{"a":{"resourceType":"\ud800"}}}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"hook":"patient-view","hookInstance":"1","context":{"patientId":"a"},"prefetch":{"a":7}}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"hook":"patient-view","hookInstance":"1","context":{"patientId":"a"},"prefetch":{"patient":{"resourceType":"Patient","id":"b"}}}""", HttpStatusCode.PreconditionFailed)]
    [InlineData("""{"hook":"patient-view","hookInstance":"1","context":{"patientId":"a"},"prefetch":{"patient":{"resourceType":"Patient","id":"a"}}}""", HttpStatusCode.PreconditionFailed)]
    public async Task A_call_that_cannot_be_used_is_answered_with_an_outcome(string body, HttpStatusCode expected)
    {
        using var response = await PostAsync("/cds-services/sepsis", body);
        Assert.Equal("OperationOutcome", (string?)(await ReadFhirAsync(response, expected))["resourceType"]);
    }

    [Fact]
    public async Task The_data_requirements_may_be_asked_for_by_post_too()
    {
        using var response = await PostAsync("/fhir/Library/sepsis/$data-requirements", "");
        Assert.Equal("Library", (string?)(await ReadFhirAsync(response, HttpStatusCode.OK))["resourceType"]);
    }

    private static string Bundle(BedsidePatient patient, params string[] without) =>
        Encoding.UTF8.GetString(SampleBundles.Render(patient, TimeProvider.System.GetUtcNow(), without));

    // What an EHR would have prefetched: the patient, and a searchset for each template.
    private static JsonObject Prefetch(BedsidePatient patient, params string[] without)
    {
        var prefetch = new JsonObject();
        foreach (var entry in JsonNode.Parse(Bundle(patient, without))!["entry"]!.AsArray())
        {
            var resource = entry!["resource"]!;
            if ((string?)resource["resourceType"] == "Patient")
                prefetch["patient"] = resource.DeepClone();
            else
                prefetch[(string)resource["code"]!["coding"]![0]!["code"]!] =
                    new JsonObject { ["resourceType"] = "Bundle", ["type"] = "searchset", ["entry"] = new JsonArray(entry.DeepClone()) };
        }

        return prefetch;
    }

    private Task<HttpResponseMessage> EvaluateAsync(string body, params (string Name, string Value)[] headers) =>
        PostAsync("/fhir/Library/sepsis/$evaluate", body, headers);

    private Task<HttpResponseMessage> CallAsync(JsonNode? prefetch)
    {
        var body = new JsonObject { ["hook"] = "patient-view", ["hookInstance"] = Guid.NewGuid(), ["context"] = new JsonObject { ["patientId"] = "septic" } };
        if (prefetch is not null)
            body["prefetch"] = prefetch;
        return PostAsync("/cds-services/sepsis", body.ToJsonString());
    }

    private async Task<HttpResponseMessage> PostAsync(string path, string body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Content = new StringContent(body, Encoding.UTF8, "application/fhir+json");
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        return await ward.Node.Client.SendAsync(request, Stop);
    }

    private static async Task<JsonNode> ReadFhirAsync(HttpResponseMessage response, HttpStatusCode expected)
    {
        var body = await response.Content.ReadAsByteArrayAsync(Stop);
        Assert.True(expected == response.StatusCode, $"{response.StatusCode}: {Encoding.UTF8.GetString(body)}");
        var validation = FhirValidator.Validate(body);
        Assert.True(validation.IsValid, string.Join('\n', validation.Issues));
        return JsonNode.Parse(body)!;
    }
}
