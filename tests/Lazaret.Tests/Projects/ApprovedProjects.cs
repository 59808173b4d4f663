using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Lazaret.Node.Audit;
using Lazaret.Node;
using Lazaret.Node.Identity.Tokens;
using Lazaret.Node.Projects;
using Lazaret.Tests.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Projects;

/// <summary>Projects of a serving node, and requests that belong to them.</summary>
internal static class ApprovedProjects
{
    public const string Header = "Lazaret-Project";

    /// <summary>A bundle that is valid and lacks nothing of the node's model.</summary>
    public static string Bundle { get; } = $$$"""
        {"resourceType":"Bundle","type":"collection","entry":[
        {"fullUrl":"http://ehr.example/Patient/p1","resource":{"resourceType":"Patient","id":"p1"}},
        {"fullUrl":"http://ehr.example/Observation/o1","resource":{"resourceType":"Observation","id":"o1","status":"final",
        "code":{"coding":[{"system":"http://loinc.org","code":"8310-5"}]},"subject":{"reference":"Patient/p1"},
        "effectiveDateTime":"{{{TimeProvider.System.GetUtcNow().AddMinutes(-1):yyyy-MM-ddTHH:mm:ssZ}}}","valueQuantity":{"value":38,"system":"http://unitsofmeasure.org","code":"Cel"} }
        }]}
        """;

    /// <summary>A node that knows <c>iss/SUBJECT</c>.</summary>
    public static NodeOptions KnowIssuer(NodeOptions options) =>
        options with { Auth = options.Auth with { Jwt = new JwtOptions { Issuers = [new JwtIssuerOptions { Name = "iss", Issuer = "https://iss.example" }] } } };

    public static Task ApproveAsync(this ServingNode node, Approval approval) =>
        node.Services.GetRequiredService<ProjectDirectory>().AddAsync(approval, [], AuditEntry.Operator, TestContext.Current.CancellationToken);

    public static async Task<HttpResponseMessage> AskAsync(
        this ServingNode node, HttpMethod method, string path, string? key, HttpContent? content = null, params IEnumerable<(string Name, string Value)> headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (key is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await node.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Asks the tiny cohort.</summary>
    public static async Task<HttpResponseMessage> AskCohortAsync(
        this ServingNode node, string? key, string? project = null, string outcome = "UPDRS_change", string? mask = null, string? task = null, string? idempotencyKey = null)
    {
        var map = await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), TestContext.Current.CancellationToken);
        using var form = TinySite.Form(map, ("task", task), ("outcome", outcome), ("mask", mask));
        return await node.AskAsync(HttpMethod.Post, "/jobs", key, form, [.. Named(project), .. idempotencyKey is null ? [] : new[] { ("Idempotency-Key", idempotencyKey) }]);
    }

    /// <summary>An answer's body without what differs from one request to the next.</summary>
    public static async Task<string> ReadAsync(HttpResponseMessage answer)
    {
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.AsObject();
        body.Remove("traceId");
        return body.ToJsonString();
    }

    public static (string Name, string Value)[] Named(string? project) => project is null ? [] : [(Header, project)];

    /// <summary>The same question in each dialect: address, and body around this bundle.</summary>
    public static TheoryData<string> Dialects => ["/v1/diagnose", "/v1/diagnose?dry_run=true", $"/fhir/Library/{ServingNode.Model}/$evaluate", $"/cds-services/{ServingNode.Model}"];

    public static StringContent BodyFor(string path, string bundle)
    {
        var json = path.StartsWith("/v1", StringComparison.Ordinal) ? $$"""{"client_id":"bot","target_diagnosis":"{{ServingNode.Model}}","fhir_bundle":{{bundle}}}"""
            : path.StartsWith("/fhir", StringComparison.Ordinal) ? bundle
            : $$$"""{"hook":"patient-view","hookInstance":"d1577c69-dfbe-44ad-ba6d-3e05e953b2ea","context":{"userId":"Practitioner/a","patientId":"p1"},"prefetch":{"patient":{"resourceType":"Patient","id":"p1"},"8310-5":{{{bundle.Replace("collection", "searchset", StringComparison.Ordinal)}}}}}""";
        return new StringContent(json, Encoding.UTF8, "application/json");
    }
}
