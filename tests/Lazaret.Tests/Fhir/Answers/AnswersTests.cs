using System.Text;
using System.Text.Json;
using Lazaret.Fhir;
using Lazaret.Fhir.Answers;
using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Negotiations;

namespace Lazaret.Tests.Fhir.Answers;

public sealed class AnswersTests
{
    private static readonly DateTimeOffset Now = new(2024, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly ModelDescription Model = new("aki-risk", "1.0.0", "Kidney injury risk", "http://lazaret.example/fhir/Library/aki-risk",
    [
        new ObservationRequirement { Code = "2160-0", Display = "Creatinine", Unit = "mg/dL", MaxAge = TimeSpan.FromDays(90) },
        new ObservationRequirement { Code = "8480-6", Unit = "mm[Hg]", ComponentOf = ["85354-9"], MaxAge = TimeSpan.FromMinutes(90), Mandatory = false },
        new ConditionRequirement { Code = "44054006" },
        new MedicationRequirement { Code = "860975", MaxAge = TimeSpan.FromMilliseconds(1500) },
    ]);

    private static readonly NegotiationBasis Basis = new(
        new("aki-risk", "1.0.0"),
        [
            new("2160-0", "Observation/o1", Now, JsonElement.Parse("1.10"), "mg/dL") { ConvertedFrom = new(0.0110m, "g/L") },
            new("8480-6", "urn:uuid:c757873d-ec9a-4326-a141-556f43239520#8480-6", null, JsonElement.Parse("120"), null),
            new("44054006", "Condition/c1", Now, JsonElement.Parse("true"), null),
            new("gone", "Bundle.entry[3]", Now, JsonElement.Parse("\"A\""), null) { InsteadOf = new("gone", "Observation/o3", Now, "status", "why") { Reason = "wrong_status" } },
        ],
        [new("2160-0", "Observation/o2", null, "no-time", "why not") { Reason = "stale" }])
    {
        Patient = "Patient/p1",
        Warnings = [new("value", "Bundle.entry[2].resource.period.start", "no zone"), new("too-costly", "", "and 3 more")],
    };

    private static readonly GuidanceResponse Guidance =
        new(Model, new Guid("c757873d-ec9a-4326-a141-556f43239520"), Now, Basis);

    private static readonly Dictionary<string, JsonElement> Output = new(StringComparer.Ordinal)
    {
        ["diagnosis"] = JsonElement.Parse("\"POSITIVE\""),
        ["confidence"] = JsonElement.Parse("0.870"),
        ["certain"] = JsonElement.Parse("false"),
    };

    private static readonly AuditEvent Audited =
        new(7, Now, "result_released", "ward", IsRequestor: true, Succeeded: true, "Site", new Guid("c757873d-ec9a-4326-a141-556f43239520"), """{"n":24}""");

    private static Negotiation Missing =>
        Negotiator.Negotiate(Model.Requirements, new FhirBundle { Type = "collection", HasModifier = false, Patients = [], Entries = [] }, Now);

    public static TheoryData<string> Resources() => new()
    {
        Text(Guidance.NotYet(Missing)),
        Text(Guidance.NotYet(Negotiator.Refuse(Model.Requirements, MissCause.BundleType, Now))),
        Text((Guidance with { Basis = null }).InProgress()),
        Text(Guidance.Success(Output)),
        Text(Guidance.Success(new Dictionary<string, JsonElement>(StringComparer.Ordinal))),
        Text(Guidance.Failure("the model timed out")),
        Text(Guidance.InProgress()),
        Text(ModelLibrary.ToJson(Model)),
        Text(ModelLibrary.DataRequirements(Model with { Requirements = [] })),
        Text(Capabilities.ToJson("Site", "http://localhost/fhir", "0.1.0", Now)),
        Text(Capabilities.ToJson("Site", "http://localhost/fhir", "0.1.0", Now, "http://localhost/oauth/token")),
        Text(OperationOutcome.ToJson([])),
        Text(OperationOutcome.ToJson(FhirValidator.Validate("""{"resourceType":"Patient","foo":1}"""u8.ToArray()).Issues)),
        Text(OperationOutcome.ToJson([.. Missing.Missing.Select(item => item.ToIssue())])),
        Text(Bundle("{}")),
        Text(Audited.ToJson()),
        Text((Audited with { Job = null, IsRequestor = false, Succeeded = false }).ToJson()),
    };

    [Theory]
    [MemberData(nameof(Resources))]
    public void Everything_that_is_emitted_passes_our_own_validator(string json) =>
        Assert.Empty(FhirValidator.Validate(Encoding.UTF8.GetBytes(json)).Issues);

    [Fact]
    public void Missing_data_become_data_requirements()
    {
        var response = JsonElement.Parse(Guidance.NotYet(Missing));

        Assert.Equal("data-required", response.GetProperty("status").GetString());
        Assert.Equal("http://lazaret.example/fhir/Library/aki-risk|1.0.0", response.GetProperty("moduleCanonical").GetString());
        Assert.Equal(
            """{"extension":[{"url":"urn:lazaret:mandatory","valueBoolean":true},{"url":"urn:lazaret:unit","valueCoding":{"system":"http://unitsofmeasure.org","code":"mg/dL"}}],"type":"Observation","mustSupport":["status","code","subject","effective","value"],"codeFilter":[{"path":"code","code":[{"system":"http://loinc.org","code":"2160-0","display":"Creatinine"}]}],"dateFilter":[{"path":"effective","valueDuration":{"value":90,"unit":"days","system":"http://unitsofmeasure.org","code":"d"}}],"sort":[{"path":"effective","direction":"descending"}]}""",
            response.GetProperty("dataRequirement")[0].GetRawText());
        Assert.Equal(
            """{"extension":[{"url":"urn:lazaret:mandatory","valueBoolean":false},{"url":"urn:lazaret:unit","valueCoding":{"system":"http://unitsofmeasure.org","code":"mm[Hg]"}},{"url":"urn:lazaret:panel","valueCoding":{"system":"http://loinc.org","code":"85354-9"}}],"type":"Observation","mustSupport":["status","code","subject","effective","value","component"],"codeFilter":[{"path":"code","code":[{"system":"http://loinc.org","code":"8480-6","display":"Systolic blood pressure"},{"system":"http://loinc.org","code":"85354-9"}]}],""",
            response.GetProperty("dataRequirement")[1].GetRawText().Split("\"dateFilter\"")[0]);
        Assert.Equal(["error", "warning", "error", "error", "warning", "warning"],
            response.GetProperty("contained")[0].GetProperty("issue").EnumerateArray().Select(issue => issue.GetProperty("severity").GetString()));
    }

    [Fact]
    public void Every_answer_tells_what_it_rests_on_in_its_output_parameters()
    {
        foreach (var json in (byte[][])[Guidance.NotYet(Missing), Guidance.InProgress(), Guidance.Success(Output), Guidance.Failure("x")])
        {
            var response = JsonElement.Parse(json);
            Assert.Equal("#output", response.GetProperty("outputParameters").GetProperty("reference").GetString());
            Assert.Equal("Patient/p1", response.GetProperty("subject").GetProperty("reference").GetString());
            Assert.Contains(
                """
                {"name":"lazaret.used","part":[{"name":"code","valueCoding":{"system":"http://loinc.org","code":"2160-0","display":"Creatinine"}},{"name":"reference","valueString":"Observation/o1"},{"name":"time","valueDateTime":"2024-06-01T12:00:00Z"},{"name":"value","valueQuantity":{"value":1.10,"system":"http://unitsofmeasure.org","code":"mg/dL"}},{"name":"convertedFrom","valueQuantity":{"value":0.0110,"system":"http://unitsofmeasure.org","code":"g/L"}}]}
                """,
                Text(json),
                StringComparison.Ordinal);
            Assert.Contains(
                """
                {"name":"lazaret.skipped","part":[{"name":"code","valueCoding":{"system":"http://loinc.org","code":"2160-0","display":"Creatinine"}},{"name":"reference","valueString":"Observation/o2"},{"name":"reason","valueCode":"stale"},{"name":"cause","valueCode":"no-time"},{"name":"explanation","valueString":"why not"}]}
                """,
                Text(json),
                StringComparison.Ordinal);
            Assert.Contains("no zone", Text(json), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Output_numbers_keep_their_digits() =>
        Assert.Contains("\"valueDecimal\":0.870", Text(Guidance.Success(Output)), StringComparison.Ordinal);

    [Fact]
    public void Every_requirement_is_a_prefetch_template()
    {
        var prefetch = JsonElement.Parse(CdsServices.Discovery([Model])).GetProperty("services")[0].GetProperty("prefetch");

        Assert.Equal(["patient", "2160-0", "8480-6", "44054006", "860975", "860975.statements"], prefetch.EnumerateObject().Select(item => item.Name));
        Assert.Equal(
            "Observation?patient={{context.patientId}}&code=http://loinc.org|2160-0&_sort=-date&_count=50",
            prefetch.GetProperty("2160-0").GetString());
        Assert.StartsWith("MedicationStatement?patient={{context.patientId}}&code=", prefetch.GetProperty("860975.statements").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_prefetch_is_negotiated_like_any_bundle()
    {
        const string Prefetch = """
            {"patient":{"resourceType":"Patient","id":"p1"},"8480-6":null,"44054006":{"resourceType":"Bundle","type":"searchset"},
            "2160-0":{"resourceType":"Bundle","type":"searchset","entry":[{"fullUrl":"http://ehr.example.org/fhir/Observation/o1","search":{"mode":"match"},
            "resource":{"resourceType":"Observation","id":"o1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2160-0"}]},
            "subject":{"reference":"Patient/p1"},"effectiveDateTime":"2024-05-20T08:00:00Z",
            "valueQuantity":{"value":1.1,"system":"http://unitsofmeasure.org","code":"mg/dL"}}}]}}
            """;

        var bundle = Assert.IsType<BundleReading.Readable>(BundleReader.Read(Bundle(Prefetch))).Bundle;

        Assert.Equal("Observation/o1", Assert.Single(Negotiator.Negotiate(Model.Requirements, bundle, Now).Used).Value);
    }

    private static string Text(byte[] json) => Encoding.UTF8.GetString(json);

    private static byte[] Bundle(string prefetch) =>
        CdsRequest.Read(Encoding.UTF8.GetBytes($$$"""{"hook":"patient-view","hookInstance":"i","context":{"patientId":"p"},"prefetch":{{{prefetch}}}}"""), out _)!.Prefetch.ToBundle().Json.ToArray();

    [Fact]
    public void A_panel_that_two_searches_found_is_one_entry_of_the_prefetched_bundle()
    {
        const string Found = """
            {"resourceType":"Bundle","type":"searchset","entry":[{"fullUrl":"http://x/fhir/Observation/bp","search":{"mode":"match"},
            "resource":{"resourceType":"Observation","id":"bp","status":"final","code":{"text":"t"}}}]}
            """;

        var bundle = Bundle($$"""{"8480-6":{{Found}},"8462-4":{{Found}},"2160-0":null}""");

        Assert.Empty(FhirValidator.Validate(bundle).Issues);
        Assert.Equal(1, JsonElement.Parse(bundle).GetProperty("entry").GetArrayLength());
    }

    [Theory]
    [InlineData("search")]
    [InlineData(@"s\u0065arch")]
    public void How_a_server_found_an_entry_is_left_out_however_its_name_is_written(string name)
    {
        var bundle = Bundle($$$$"""
            {"a":{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Patient","id":"p"},"{{{{name}}}}":{"mode":"match"}}]}}
            """);

        Assert.IsType<BundleReading.Readable>(BundleReader.Read(bundle));
    }

    [Theory]
    [InlineData("""{"resourceType":"Bundle","type":"searchset","implicitRules":"http://x","entry":[{"resource":{"resourceType":"Patient","id":"p"}}]}""", true)]
    [InlineData("""{"resourceType":"Bundle","type":"searchset","entry":[{"modifierExtension":[{"url":"http://x","valueCode":"a"}],"resource":{"resourceType":"Patient","id":"p"}}]}""", true)]
    [InlineData("""{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Patient","id":"p"}}]}""", false)]
    public void What_may_turn_the_meaning_of_a_prefetched_bundle_is_kept(string searchset, bool hasModifier)
    {
        var reading = BundleReader.Read(Bundle($$"""{"a":{{searchset}}}"""));

        Assert.Equal(hasModifier, Assert.IsType<BundleReading.Readable>(reading).Bundle.HasModifier);
    }

    [Theory]
    [InlineData("""{"hook":"patient-view","hookInstance":"i","context":{"patientId":"p"},"prefetch":{"patient":null,"patient":null}}""")]
    [InlineData("""{"hook":"patient-view","hook":"patient-view","hookInstance":"i","context":{"patientId":"p"}}""")]
    [InlineData("""{"hook":"patient-view","hookInstance":"i","context":{"patientId":"p","patientId":"q"}}""")]
    [InlineData("""{"hook":"patient-view","hookInstance":"i","context":{"patientId":"\ud800"}}""")]
    [InlineData("""{"hook":1,"hookInstance":"i","context":{"patientId":"p"}}""")]
    [InlineData("""{"hook":"patient-view","hookInstance":"i","context":{"patientId":"p"}} {}""")]
    [InlineData("""{"hook":"patient-view","hookInstance":"i","context":{"patientId":"p"},"x":[}""")]
    [InlineData("[]")]
    [InlineData("")]
    public void What_is_no_call_of_a_service_is_none(string body) => Assert.Null(CdsRequest.Read(Encoding.UTF8.GetBytes(body), out _));

    [Theory]
    [InlineData("""{"a":{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient"},"resource":{"resourceType":"Patient"}}]}}""")]
    [InlineData("""{"a":{"resourceType":"Bundle","entry":[],"entry":[]}}""")]
    [InlineData("""{"a":{"resourceType":"Patient","id":"1","id":"2"}}""")]
    [InlineData("""{"a":5}""")]
    public void What_is_wrong_in_a_prefetch_the_validator_sees(string prefetch) =>
        Assert.False(FhirValidator.Validate(Bundle(prefetch)).IsValid);

    [Fact]
    public void A_prefetch_of_more_things_than_any_model_asks_for_is_none() =>
        Assert.Null(CdsRequest.Read(Encoding.UTF8.GetBytes(
            $$$"""{"hook":"patient-view","hookInstance":"i","context":{"patientId":"p"},"prefetch":{{{{string.Join(',', Enumerable.Range(0, 2000).Select(i => $"\"{i}\":0"))}}}}}"""), out _));
}
