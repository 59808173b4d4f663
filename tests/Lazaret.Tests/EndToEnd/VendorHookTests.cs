using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Lazaret.SampleSite;

namespace Lazaret.Tests.EndToEnd;

/// <summary>Calls in the shapes in which large vendors send them. The token for the EHR's own server is neither logged nor kept.</summary>
public sealed class VendorHookTests(DiagnosisJobTests.Ward ward) : IClassFixture<DiagnosisJobTests.Ward>
{
    private const string Token = "qvzx-access-token";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // Epic: opaque ids, absolute self links, an OperationOutcome among the entries of a search, an extension of its own at the top.
    private const string Epic = """
        {"hookInstance":"dac9b98f-0a4c-4ed1-87f1-2b0f0a5d9e8a","fhirServer":"https://SERVER/interconnect/api/FHIR/R4","hook":"patient-view",
        "fhirAuthorization":{"access_token":"qvzx-access-token","token_type":"Bearer","expires_in":240,"scope":"patient/Observation.read patient/Patient.read","subject":"fa5f8f55-5a4b-4a9e-8a0c-6a7b3b2f1c0d"},
        "context":{"userId":"PractitionerRole/ePWC5gm1Wpb8d4gOLk9zzMQ3","patientId":"PATIENT","encounterId":"eFD1JPaUbXYI.VFG8WUQA6A3","encounterDiagnoses":[]},
        "extension":{"com.epic.cdshooks.request.bpa-trigger-action":"5","internalCDSHooksVersion":"1.1"},"prefetch":PREFETCH}
        """;

    // Oracle Health: a token of minutes, the tenant in the server's path, an empty search as a bundle without entries, null where it may not look.
    private const string Oracle = """
        {"hook":"patient-view","hookInstance":"3f7a1c2e-9d5b-4c5f-9f0e-6b1d2a3c4e5f","fhirServer":"https://SERVER/r4/ec2458f2-1e24-41c8-b71b-0e701af7583d",
        "fhirAuthorization":{"access_token":"qvzx-access-token","token_type":"Bearer","expires_in":570,"scope":"patient/Patient.read patient/Observation.read","subject":"lazaret"},
        "context":{"userId":"Practitioner/12742069","patientId":"PATIENT","encounterId":"97953477"},"prefetch":PREFETCH}
        """;

    // The sandbox of cds-hooks.org: no token, members that no version of the specification has.
    private const string Sandbox = """
        {"hookInstance":"5cb0d0ad-7a24-4d3c-a0b1-0c8b8a2f3e4d","hook":"patient-view","fhirServer":"https://SERVER/v/r4/fhir",
        "context":{"patientId":"PATIENT","userId":"Practitioner/COREPRACTITIONER1"},"user":"Practitioner/COREPRACTITIONER1","redirect":"https://sandbox.cds-hooks.org/","prefetch":PREFETCH}
        """;

    public static TheoryData<string, string, string> Vendors { get; } = new()
    {
        { Epic, "ehr.example/interconnect/api/FHIR/R4", "eVgg3VZXe743chw61kDZXKA3" },
        { Oracle, "ehr.example/r4/ec2458f2-1e24-41c8-b71b-0e701af7583d", "12724066" },
        { Sandbox, "ehr.example/v/r4/fhir", "smart-1288992" },
    };

    [Theory]
    [MemberData(nameof(Vendors))]
    public async Task A_vendors_call_is_answered_with_a_card(string shape, string server, string patient)
    {
        using var response = await CallAsync(shape, Prefetch(server, patient, patient), patient);
        var text = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        var card = JsonNode.Parse(text)!["cards"]![0]!;
        Assert.Equal("critical", (string?)card["indicator"]);
        Assert.Contains("POSITIVE", (string?)card["summary"], StringComparison.Ordinal);
        Assert.True(Guid.TryParse((string?)card["uuid"], out _));
        // The others send members that the specification does not have, and are told so.
        Assert.Equal(shape != Oracle, JsonNode.Parse(text)!["extension"] is not null);
        await AssertForgottenAsync();
    }

    [Theory]
    [MemberData(nameof(Vendors))]
    public async Task A_vendors_call_with_somebody_elses_data_is_refused(string shape, string server, string patient)
    {
        foreach (var prefetch in (JsonObject[])[Prefetch(server, patient, "another"), Prefetch($"{server}/elsewhere", patient, patient)])
        {
            using var response = await CallAsync(shape, prefetch, patient);
            Assert.Equal(HttpStatusCode.PreconditionFailed, response.StatusCode);
            Assert.Contains("prefetch.8310-5", await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }

        await AssertForgottenAsync();
    }

    // Each search as a searchset, with links, modes, an outcome among its entries, and references that are absolute or not.
    private static JsonObject Prefetch(string server, string patient, string subject)
    {
        var root = $"https://{server}";
        var prefetch = new JsonObject { ["patient"] = new JsonObject { ["resourceType"] = "Patient", ["id"] = patient, ["gender"] = "female" }, ["3151-8"] = null };
        foreach (var entry in JsonNode.Parse(SampleBundles.Render(SampleBundles.Septic, TimeProvider.System.GetUtcNow(), "3151-8"))!["entry"]!.AsArray().Skip(1))
        {
            var resource = entry!["resource"]!.DeepClone();
            var code = (string)resource["code"]!["coding"]![0]!["code"]!;
            resource["subject"] = new JsonObject { ["reference"] = code == "8867-4" ? $"{root}/Patient/{subject}" : $"Patient/{subject}", ["display"] = "Qvzx, Camila" };
            prefetch[code == "85354-9" ? "8480-6" : code] = new JsonObject
            {
                ["resourceType"] = "Bundle",
                ["type"] = "searchset",
                ["total"] = 1,
                ["link"] = new JsonArray(new JsonObject { ["relation"] = "self", ["url"] = $"{root}/Observation?patient={patient}" }),
                ["entry"] = new JsonArray(
                    new JsonObject { ["fullUrl"] = $"{root}/Observation/{resource["id"]}", ["resource"] = resource, ["search"] = new JsonObject { ["mode"] = "match" } },
                    new JsonObject { ["resource"] = JsonNode.Parse("""{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"processing","diagnostics":"some results may be missing"}]}"""), ["search"] = new JsonObject { ["mode"] = "outcome" } }),
            };
        }

        return prefetch;
    }

    private Task<HttpResponseMessage> CallAsync(string shape, JsonObject prefetch, string patient)
    {
        var body = shape.Replace("SERVER", "ehr.example", StringComparison.Ordinal).Replace("PATIENT", patient, StringComparison.Ordinal).Replace("PREFETCH", prefetch.ToJsonString(), StringComparison.Ordinal);
        return ward.Node.Client.PostAsync(new Uri("/cds-services/sepsis", UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"), Stop);
    }

    private async Task AssertForgottenAsync()
    {
        Assert.DoesNotContain(Token, ward.Node.Log, StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(ward.State, "lazaret.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            Assert.DoesNotContain(Token, await reader.ReadToEndAsync(Stop), StringComparison.Ordinal);
        }
    }
}
