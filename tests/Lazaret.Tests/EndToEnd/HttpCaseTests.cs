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

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("h01-cds-other-patients-data.json", Hook, HttpStatusCode.PreconditionFailed, "prefetch.8310-5", "another patient")]
    [InlineData("h03-cds-operationoutcome.json", Hook, HttpStatusCode.PreconditionFailed, "prefetch '8310-5'", "forbidden: no access")]
    [InlineData("h05-cds-wrong-hook.json", Hook, HttpStatusCode.BadRequest, "patient-view")]
    [InlineData("h07-evaluate-unknown-parameter.json", "/fhir/Library/sepsis/$evaluate", HttpStatusCode.UnprocessableEntity, "'useServerData' is no parameter", "'foo' is no parameter")]
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

    /// <summary>A case, with times like <c>@now-30m</c> filled in.</summary>
    internal static string Case(string file) => Moment().Replace(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "EndToEnd", "data", "http", file)),
        moment => (TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(int.Parse(moment.Groups["minutes"].Value, System.Globalization.CultureInfo.InvariantCulture))).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture));

    [GeneratedRegex("@now-(?<minutes>[0-9]+)m", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Moment();
}
