using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Lazaret.Node.Configuration;
using Lazaret.Node.Diagnoses;
using Lazaret.Tests.Http;

namespace Lazaret.Tests.Diagnoses;

/// <summary>What <c>Fhir:Strictness</c> makes of a bundle with a fault where nobody reads.</summary>
public sealed class StrictnessTests
{
    private const string Evaluate = $"/fhir/Library/{ServingNode.Model}/$evaluate";
    private const string Fault = "Bundle.entry[2].resource.period.start";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/diagnose", HttpStatusCode.Accepted)]
    [InlineData("/v1/diagnose?dry_run=true", HttpStatusCode.OK)]
    public async Task By_default_the_answer_carries_warnings(string path, HttpStatusCode status)
    {
        await using var node = await ServingNode.StartAsync();
        var (actual, answer) = await PostAsync(node, path, Envelope(Bundle("8310-5")));

        Assert.Equal(status, actual);
        Assert.Equal(Fault, (string?)Assert.Single(answer["warnings"]!.AsArray())!["expression"]);
    }

    [Fact]
    public async Task What_is_missing_is_asked_for_beside_the_warnings()
    {
        await using var node = await ServingNode.StartAsync();
        var (status, answer) = await PostAsync(node, "/v1/diagnose", Envelope(Bundle("8480-6")));

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal(Fault, (string?)Assert.Single(answer["warnings"]!.AsArray())!["expression"]);
    }

    [Fact]
    public async Task A_bundle_without_a_fault_is_answered_without_warnings()
    {
        await using var node = await ServingNode.StartAsync();
        var bundle = Bundle("8310-5");
        bundle["entry"]!.AsArray().RemoveAt(2);
        var (_, answer) = await PostAsync(node, "/v1/diagnose?dry_run=true", Envelope(bundle));

        Assert.Null(answer["warnings"]);
    }

    [Fact]
    public async Task The_warnings_of_an_answer_are_bounded()
    {
        await using var node = await ServingNode.StartAsync();
        var bundle = Bundle("8310-5");
        bundle["entry"]![0]!["resource"]!["telecom"] = new JsonArray([.. Enumerable.Range(0, 90).Select(_ => JsonNode.Parse("""{"value":"1"}"""))]);
        var (_, answer) = await PostAsync(node, "/v1/diagnose?dry_run=true", Envelope(bundle));

        Assert.Equal(21, answer["warnings"]!.AsArray().Count);
        Assert.Equal("and 71 more", (string?)answer["warnings"]![20]!["diagnostics"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_evaluation_tells_them_as_an_outcome(bool asParameters)
    {
        await using var node = await ServingNode.StartAsync();
        var (status, asked) = await PostAsync(node, Evaluate, Wrap(Bundle("8480-6"), asParameters));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("data-required", (string?)asked["status"]);
        Assert.Contains(asked["contained"]![0]!["issue"]!.AsArray(), IsTheWarning);
        Assert.Equal("#why", (string?)asked["evaluationMessage"]![0]!["reference"]);

        var (accepted, outcome) = await PostAsync(node, Evaluate, Wrap(Bundle("8310-5"), asParameters), "respond-async");
        Assert.Equal(HttpStatusCode.Accepted, accepted);
        Assert.True(IsTheWarning(Assert.Single(outcome["issue"]!.AsArray())));

        bool IsTheWarning(JsonNode? issue) => (string?)issue!["severity"] == "warning"
            && (string?)issue["expression"]![0] == (asParameters ? Fault.Replace("Bundle", "Parameters.parameter[0].resource", StringComparison.Ordinal) : Fault);
    }

    [Theory]
    [InlineData("/v1/diagnose")]
    [InlineData(Evaluate)]
    [InlineData(Evaluate, true)]
    public async Task Where_the_whole_is_held_strictly_it_is_refused(string path, bool asParameters = false)
    {
        await using var node = await ServingNode.StartAsync(options => options with { Fhir = new FhirOptions { Strictness = "whole" } });
        var body = path == Evaluate ? Wrap(Bundle("8310-5"), asParameters) : Envelope(Bundle("8310-5"));
        var (status, answer) = await PostAsync(node, path, body);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("period.start", answer.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_strictness_is_refused()
    {
        var faults = new OptionFaults();
        new FhirOptions { Strictness = "lenient" }.Check(faults);

        Assert.Equal(["Lazaret:Fhir:Strictness: 'lenient' is not one of relevant, whole"], faults.Lines);
    }

    /// <summary>A patient, an observation, and an Encounter whose time has no zone.</summary>
    private static JsonObject Bundle(string code) => JsonNode.Parse($$$"""
        {"resourceType":"Bundle","type":"collection","entry":[
        {"fullUrl":"http://x.org/fhir/Patient/p","resource":{"resourceType":"Patient","id":"p"} },
        {"fullUrl":"http://x.org/fhir/Observation/o","resource":{"resourceType":"Observation","id":"o","status":"final",
          "code":{"coding":[{"system":"http://loinc.org","code":"{{{code}}}"}]},"subject":{"reference":"Patient/p"},"effectiveDateTime":"2024-05-20T08:00:00Z",
          "valueQuantity":{"value":38.6,"system":"http://unitsofmeasure.org","code":"Cel"} } },
        {"fullUrl":"http://x.org/fhir/Encounter/e","resource":{"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},
          "subject":{"reference":"Patient/p"},"period":{"start":"2024-05-20T08:00:00"} } } ]}
        """)!.AsObject();

    private static string Envelope(JsonObject bundle) =>
        new JsonObject { ["client_id"] = "c", ["target_diagnosis"] = ServingNode.Model, ["fhir_bundle"] = bundle }.ToJsonString();

    private static string Wrap(JsonObject bundle, bool asParameters) => asParameters
        ? new JsonObject { ["resourceType"] = "Parameters", ["parameter"] = new JsonArray(new JsonObject { ["name"] = "data", ["resource"] = bundle }) }.ToJsonString()
        : bundle.ToJsonString();

    private static async Task<(HttpStatusCode Status, JsonNode Answer)> PostAsync(ServingNode node, string path, string body, string? prefer = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (prefer is not null)
            request.Headers.Add("Prefer", prefer);
        using var response = await node.Client.SendAsync(request, Stop);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!);
    }
}
