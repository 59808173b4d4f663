using System.Text;
using Lazaret.Fhir;
using Lazaret.Fhir.Answers;

namespace Lazaret.Tests.Fhir.Answers;

public sealed class CdsPrefetchTests
{
    [Theory]
    [InlineData("""{}""", "was not sent")]
    [InlineData("""{"a":null}""", "was sent as null: the client found nothing, or did not look")]
    [InlineData("""{"a":{"resourceType":"Bundle","type":"searchset","total":0}}""", "is a bundle without entries: the client's server found nothing")]
    [InlineData("""{"a":{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"forbidden","diagnostics":"no access"}]}}""", "is an OperationOutcome of the client's: error, forbidden: no access")]
    [InlineData("""{"a":{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"throttled","details":{"text":"later"}},{"severity":"fatal","code":"timeout"}]}}""", "is an OperationOutcome of the client's: error, throttled: later; fatal, timeout")]
    [InlineData("""{"a":{"resourceType":"OperationOutcome"}}""", "is an OperationOutcome of the client's: it holds no issue")]
    [InlineData("""{"a":{"resourceType":"OperationOutcome","issue":[1,{"code":2}]}}""", "is an OperationOutcome of the client's: an issue that cannot be read; ")]
    [InlineData("""{"a":{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"incomplete","diagnostics":"half"}]},"search":{"mode":"outcome"}}]}}""", "is a bundle that holds an OperationOutcome of the client's alone: warning, incomplete: half")]
    [InlineData("""{"a":{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Patient","id":"p"}}]}}""", null)]
    [InlineData("""{"a":{"resourceType":"Patient","id":"p"}}""", null)]
    public void What_the_client_says_of_a_key_without_data_is_told_apart_and_repeated(string prefetch, string? expected) =>
        Assert.Equal(expected, Read(prefetch).WhyNothing("a"));

    [Fact]
    public void A_client_that_says_very_much_is_repeated_in_part()
    {
        var issues = string.Join(',', Enumerable.Repeat("""{"severity":"error","code":"exception","diagnostics":"WORDS"}""".Replace("WORDS", new string('x', 5000), StringComparison.Ordinal), 500));
        var told = Read($$$"""{"a":{"resourceType":"OperationOutcome","issue":[{{{issues}}}]}}""").WhyNothing("a")!;
        Assert.InRange(told.Length, 400, 800);
        Assert.EndsWith("and 497 more", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"patient":{"resourceType":"Patient","id":"p","foo":1}}""", "prefetch.patient.foo")]
    [InlineData("""{"n":null,"o":{"resourceType":"OperationOutcome"},"8310-5":{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Patient","id":"p"}},{"resource":{"resourceType":"Observation","status":"final","code":{"text":"t"},"valueQuantity":{"value":"x"}}}]}}""", "prefetch.8310-5.entry[1].resource.value.value")]
    public void What_is_wrong_is_placed_under_its_key(string prefetch, string place)
    {
        var bundle = Read(prefetch).ToBundle();
        var expressions = FhirValidator.Validate(bundle.Json).Issues.Select(issue => bundle.ToPrefetch(issue.Expression)).ToList();
        Assert.Contains(expressions, expression => expression.StartsWith(place[..place.LastIndexOf('.')], StringComparison.Ordinal));
        Assert.DoesNotContain(expressions, expression => expression.StartsWith("Bundle", StringComparison.Ordinal));
    }

    [Fact]
    public void An_operation_outcome_is_no_datum()
    {
        var bundle = Read("""{"a":{"resourceType":"OperationOutcome","issue":[]},"b":{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"OperationOutcome"}}]}}""").ToBundle();
        Assert.Equal("""{"resourceType":"Bundle","type":"collection"}""", Encoding.UTF8.GetString(bundle.Json.Span));
    }

    [Theory]
    [InlineData(""" "patientId":"a","encounterId":"e" """, "", "")]
    [InlineData(""" "patientId":"a","selections":[] """, "", "context.selections")]
    [InlineData(""" "patientId":"a","patientID":"b" """, "context.patientId", "")]
    [InlineData(""" "patientId":"a","patient_id":"b" """, "context.patientId", "")]
    [InlineData(""" "PatientId":"b" """, "context.patientId", "")]
    public void What_a_context_does_not_have_is_named_and_the_patient_has_one_spelling(string context, string places, string ignored)
    {
        var request = CdsRequest.Read(Encoding.UTF8.GetBytes($$$"""{"hook":"patient-view","hookInstance":"1","context":{"userId":"u",{{{context}}}},"prefetch":{}}"""), out var faults);
        Assert.Equal(places, string.Join(',', faults.Select(fault => fault.Expression)));
        Assert.Equal(ignored, string.Join(',', request?.Ignored ?? []));
    }

    [Theory]
    [InlineData("""{"hook":"order-sign","hookInstance":"1","context":{"patientId":"a"},"prefetch":{}}""", "hook")]
    [InlineData("""{"hook":"patient-view","hookInstance":"1","context":{},"prefetch":{}}""", "context.patientId")]
    [InlineData("""{"hook":"patient-view","hookInstance":"1","context":{"patientId":""},"prefetch":{}}""", "context.patientId")]
    [InlineData("""{"hook":"patient-view","hookInstance":"1","context":{"patientId":7},"prefetch":[]}""", "context.patientId,prefetch")]
    [InlineData("""{"hook":"Patient-View"}""", "hook,hookInstance,context.patientId")]
    [InlineData("""{"hook":"patient-view","hookInstance":"1","context":{"patientId":"a"},"prefetch":{"a":1,"a":2},"fhirServer":"nowhere"}""", "fhirServer,prefetch")]
    public void Everything_that_is_wrong_with_a_call_is_said_at_once(string body, string places)
    {
        Assert.Null(CdsRequest.Read(Encoding.UTF8.GetBytes(body), out var faults));
        Assert.Equal(places, string.Join(',', faults.Select(fault => fault.Expression)));
    }

    [Fact]
    public void Members_that_the_specification_does_not_have_are_named_and_an_extension_is_none()
    {
        var call = CdsRequest.Read(
            """{"hook":"patient-view","hookInstance":"1","context":{"patientId":"a"},"extension":{"x":1},"fhirAuthorization":{"access_token":"t"},"user":"u","redirect":"r"}"""u8.ToArray(), out _)!;
        Assert.Equal(["user", "redirect"], call.Ignored);
        Assert.False(call.HasPrefetch);
    }

    private static CdsPrefetch Read(string prefetch) => CdsRequest.Read(
        Encoding.UTF8.GetBytes($$"""{"hook":"patient-view","hookInstance":"1","context":{"patientId":"p"},"prefetch":{{prefetch}}}"""), out _)!.Prefetch;
}
