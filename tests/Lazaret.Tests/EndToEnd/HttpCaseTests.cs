using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Lazaret.Fhir;

namespace Lazaret.Tests.EndToEnd;

/// <summary>Calls as real clients sent them, which a careless node would answer: each against the built binary, with the sample model.</summary>
public sealed partial class HttpCaseTests(DiagnosisJobTests.Ward ward) : IClassFixture<DiagnosisJobTests.Ward>
{
    private const string Hook = "/cds-services/sepsis";
    private const string Evaluate = "/fhir/Library/sepsis/$evaluate";

    private const string Outcome = """{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"forbidden","diagnostics":"no access"}]}""";
    private const string Parameters = """{"name":"useServerData","valueBoolean":true},{"name":"foo","valueString":"x"}""";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("h01-cds-other-patients-data.json", Hook, HttpStatusCode.PreconditionFailed, "prefetch.8310-5", "another patient")]
    [InlineData("h03-cds-operationoutcome.json", Hook, HttpStatusCode.PreconditionFailed, "prefetch '8310-5'", "forbidden: no access")]
    [InlineData("h05-cds-wrong-hook.json", Hook, HttpStatusCode.BadRequest, "patient-view")]
    [InlineData("h07-evaluate-unknown-parameter.json", Evaluate, HttpStatusCode.UnprocessableEntity, "'useServerData' is no parameter", "'foo' is no parameter")]
    public async Task A_call_that_would_mislead_is_refused_and_says_why(string file, string path, HttpStatusCode status, params string[] said)
    {
        using var content = new StringContent(Case(file), Encoding.UTF8, "application/json");
        using var response = await ward.Node.Client.PostAsync(new Uri(path, UriKind.Relative), content, Stop);
        var body = await response.Content.ReadAsByteArrayAsync(Stop);
        var text = Encoding.UTF8.GetString(body);
        Assert.True(response.StatusCode == status, $"{response.StatusCode}: {text}");
        Assert.True(FhirValidator.Validate(body).IsValid, text);
        Assert.Equal("OperationOutcome", (string?)JsonNode.Parse(body)!["resourceType"]);
        foreach (var words in said)
            Assert.Contains(words, JsonNode.Parse(body)!["issue"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }), StringComparison.Ordinal);
    }

    /// <summary>Calls of the same kinds: each a case with one text replaced (all of them, or the first one alone).</summary>
    [Theory]
    [InlineData("h03-cds-operationoutcome.json", Hook, "Patient/p1", "Patient/p2", HttpStatusCode.PreconditionFailed, "mixed-subjects", "prefetch.9279-1.entry[0].resource.subject", "prefetch.8867-4.entry[0].resource.subject")]
    [InlineData("h03-cds-operationoutcome.json", Hook, "1:Patient/p1", "Patient/p2", HttpStatusCode.PreconditionFailed, "mixed-subjects", "prefetch.9279-1.entry[0].resource.subject")]
    [InlineData("h03-cds-operationoutcome.json", Hook, "\"patientId\":\"p1\"", "\"patientId\":\"p2\"", HttpStatusCode.PreconditionFailed, "other-patient", "prefetch.patient", "prefetch.9279-1.entry[0].resource.subject")]
    [InlineData("h03-cds-operationoutcome.json", Hook, Outcome, "null", HttpStatusCode.PreconditionFailed, "prefetch '8310-5' (Body temperature) was sent as null")]
    [InlineData("h03-cds-operationoutcome.json", Hook, ",\"8310-5\":" + Outcome, "", HttpStatusCode.PreconditionFailed, "prefetch '8310-5' (Body temperature) was not sent")]
    [InlineData("h03-cds-operationoutcome.json", Hook, "hookInstance", "instance", HttpStatusCode.BadRequest, "hookInstance")]
    [InlineData("h03-cds-operationoutcome.json", Hook, "\"hook\":", "\"hooks\":", HttpStatusCode.BadRequest, "hook must be a text")]
    [InlineData("h03-cds-operationoutcome.json", Hook, "\"context\":", "\"contexts\":", HttpStatusCode.BadRequest, "context.patientId")]
    [InlineData("h03-cds-operationoutcome.json", Hook, "\"prefetch\":", "\"prefetched\":", HttpStatusCode.PreconditionFailed, "there is no prefetch")]
    [InlineData("h05-cds-wrong-hook.json", Hook, "order-sign", "patient-view", HttpStatusCode.OK, "lazaret.basis", "POSITIVE")]
    [InlineData("h07-evaluate-unknown-parameter.json", Evaluate, "\"foo\"", "\"dataEndpoint\"", HttpStatusCode.UnprocessableEntity, "'useServerData' is no parameter", "'dataEndpoint' is no parameter")]
    [InlineData("h07-evaluate-unknown-parameter.json", Evaluate, Parameters, """{"name":"subject","valueString":"Patient/p2"}""", HttpStatusCode.UnprocessableEntity, "other-patient", "Parameters.parameter[1].resource.entry[0]", "Parameters.parameter[1].resource.entry[5].resource.subject")]
    [InlineData("h07-evaluate-unknown-parameter.json", Evaluate, Parameters, """{"name":"subject","valueString":"p1"}""", HttpStatusCode.OK, "lazaret.used", "\"status\":\"success\"")]
    public async Task A_call_of_the_same_kind_is_answered_alike(string file, string path, string text, string replacement, HttpStatusCode status, params string[] said)
    {
        var body = JsonNode.Parse(Case(file))!.ToJsonString();
        var (first, from) = text.StartsWith("1:", StringComparison.Ordinal) ? (true, text[2..]) : (false, text);
        Assert.Contains(from, body, StringComparison.Ordinal);
        body = first ? string.Concat(body.AsSpan(0, body.IndexOf(from, StringComparison.Ordinal)), replacement, body.AsSpan(body.IndexOf(from, StringComparison.Ordinal) + from.Length)) : body.Replace(from, replacement, StringComparison.Ordinal);
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await ward.Node.Client.PostAsync(new Uri(path, UriKind.Relative), content, Stop);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        Assert.True(response.StatusCode == status, $"{response.StatusCode}: {answer}");
        foreach (var words in said)
            Assert.Contains(words, answer, StringComparison.Ordinal);
    }

    /// <summary>A case, with times like <c>@now-30m</c> filled in.</summary>
    internal static string Case(string file) => Moment().Replace(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "EndToEnd", "data", "http", file)),
        moment => (TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(int.Parse(moment.Groups["minutes"].Value, System.Globalization.CultureInfo.InvariantCulture))).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture));

    [GeneratedRegex("@now-(?<minutes>[0-9]+)m", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Moment();
}
