using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lazaret.Fhir;
using Lazaret.Fhir.Bundles;

namespace Lazaret.Tests.Fhir.Relevance;

/// <summary>A valid bundle in which every element that a negotiation reads is there somewhere, beside much that it does not read.</summary>
internal static class ChartBundle
{
    /// <summary>The codes that the model of these tests asks for.</summary>
    public static readonly string[] Asked = ["8310-5", "8480-6", "85354-9", "9269-2", "44054006", "860975"];

    private const string Json = """
        {"resourceType":"Bundle","type":"collection","entry":[
        {"fullUrl":"http://x.org/fhir/Patient/p","resource":{"resourceType":"Patient","id":"p","meta":{"profile":["http://x.org/a"]},"active":true,
          "text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">a</div>"},
          "name":[{"family":"F","given":["G"]}],"telecom":[{"system":"phone","value":"1"}],"gender":"female","birthDate":"1950-01-01",
          "address":[{"line":["L"]}],"generalPractitioner":[{"reference":"Practitioner/d"}]}},
        {"fullUrl":"http://x.org/fhir/Observation/temperature","resource":{"resourceType":"Observation","id":"temperature","status":"final",
          "category":[{"coding":[{"system":"http://s","code":"vital-signs"}]}],
          "code":{"coding":[{"system":"http://loinc.org","code":"8310-5","display":"T"}],"text":"T"},"subject":{"reference":"Patient/p"},
          "focus":[{"reference":"Patient/p"}],"encounter":{"reference":"Encounter/e"},"effectiveDateTime":"2026-11-26T11:30:00Z","issued":"2026-11-26T11:30:00Z",
          "performer":[{"reference":"Practitioner/d"}],
          "valueQuantity":{"value":38.6,"unit":"C","system":"http://unitsofmeasure.org","code":"Cel"},"note":[{"text":"n"}]}},
        {"fullUrl":"http://x.org/fhir/Observation/pressure","resource":{"resourceType":"Observation","id":"pressure","status":"final",
          "code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"subject":{"reference":"Patient/p"},
          "effectivePeriod":{"start":"2026-11-26T11:30:00Z","end":"2026-11-26T11:40:00Z"},
          "component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},
            "valueQuantity":{"value":120,"comparator":"<","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},
            {"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"dataAbsentReason":{"text":"r"}}]}},
        {"fullUrl":"http://x.org/fhir/Observation/coma","resource":{"resourceType":"Observation","id":"coma","status":"final",
          "code":{"coding":[{"system":"http://loinc.org","code":"9269-2"}]},"subject":{"reference":"Patient/p"},
          "effectiveTiming":{"event":["2026-11-26T11:30:00Z"]},"valueInteger":15}},
        {"fullUrl":"http://x.org/fhir/Observation/word","resource":{"resourceType":"Observation","id":"word","status":"final",
          "code":{"coding":[{"system":"http://loinc.org","code":"9269-2"}]},"subject":{"reference":"Patient/p"},
          "effectiveInstant":"2026-11-26T11:30:00Z","valueCodeableConcept":{"coding":[{"system":"http://s","code":"c"}]}}},
        {"fullUrl":"http://x.org/fhir/Observation/absent","resource":{"resourceType":"Observation","id":"absent","status":"final",
          "code":{"coding":[{"system":"http://loinc.org","code":"9269-2"}]},"subject":{"reference":"Patient/p"},"dataAbsentReason":{"text":"r"}}},
        {"fullUrl":"http://x.org/fhir/Observation/unasked","resource":{"resourceType":"Observation","id":"unasked","status":"final",
          "code":{"coding":[{"system":"http://loinc.org","code":"8302-2"}]},"subject":{"reference":"Patient/p"},
          "effectiveDateTime":"2026-11-26T11:30:00Z","valueQuantity":{"value":170,"system":"http://unitsofmeasure.org","code":"cm"}}},
        {"fullUrl":"http://x.org/fhir/Condition/c","resource":{"resourceType":"Condition","id":"c",
          "clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},
          "verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed"}]},
          "code":{"coding":[{"system":"http://snomed.info/sct","code":"44054006"}]},"subject":{"reference":"Patient/p"},
          "onsetDateTime":"2020-01-01","recordedDate":"2020-01-02","recorder":{"reference":"Practitioner/d"}}},
        {"fullUrl":"http://x.org/fhir/Condition/since","resource":{"resourceType":"Condition","id":"since",
          "clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},
          "code":{"coding":[{"system":"http://snomed.info/sct","code":"44054006"}]},"subject":{"reference":"Patient/p"},"onsetPeriod":{"start":"2020-01-01"}}},
        {"fullUrl":"http://x.org/fhir/MedicationRequest/r","resource":{"resourceType":"MedicationRequest","id":"r","status":"active","intent":"order",
          "doNotPerform":true,"medicationCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"860975"}]},
          "subject":{"reference":"Patient/p"},"authoredOn":"2026-01-01","requester":{"reference":"Practitioner/d"},"dosageInstruction":[{"text":"d"}]}},
        {"fullUrl":"http://x.org/fhir/MedicationRequest/plan","resource":{"resourceType":"MedicationRequest","id":"plan","status":"active","intent":"plan",
          "medicationReference":{"reference":"Medication/m"},"subject":{"reference":"Patient/p"}}},
        {"fullUrl":"http://x.org/fhir/MedicationStatement/s","resource":{"resourceType":"MedicationStatement","id":"s","status":"active",
          "medicationReference":{"reference":"Medication/m"},"subject":{"reference":"Patient/p"},"effectivePeriod":{"start":"2026-01-01"},"dateAsserted":"2026-01-01"}},
        {"fullUrl":"http://x.org/fhir/MedicationStatement/t","resource":{"resourceType":"MedicationStatement","id":"t","status":"active",
          "medicationReference":{"reference":"Medication/m"},"subject":{"reference":"Patient/p"},"dateAsserted":"2026-01-01"}},
        {"fullUrl":"http://x.org/fhir/MedicationStatement/u","resource":{"resourceType":"MedicationStatement","id":"u","status":"active",
          "medicationReference":{"reference":"Medication/m"},"subject":{"reference":"Patient/p"},"effectiveDateTime":"2026-01-01"}},
        {"fullUrl":"http://x.org/fhir/Medication/m","resource":{"resourceType":"Medication","id":"m","status":"active",
          "code":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"860975"}]},"manufacturer":{"display":"M"}}},
        {"fullUrl":"http://x.org/fhir/Encounter/e","resource":{"resourceType":"Encounter","id":"e","status":"finished",
          "class":{"system":"http://s","code":"AMB"},"subject":{"reference":"Patient/p"},
          "participant":[{"individual":{"reference":"Practitioner/d"}}],"period":{"start":"2026-11-20T08:30:00Z"}}},
        {"fullUrl":"http://x.org/fhir/Practitioner/d","resource":{"resourceType":"Practitioner","id":"d","telecom":[{"system":"phone","value":"1"}]}},
        {"fullUrl":"http://x.org/fhir/DiagnosticReport/g","resource":{"resourceType":"DiagnosticReport","id":"g","status":"final",
          "contained":[{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8310-5"}]}}],
          "code":{"text":"c"},"subject":{"reference":"Patient/p"},"result":[{"reference":"#o"}]}}]}
        """;

    public static JsonObject Parse() => JsonNode.Parse(Json)!.AsObject();

    public static JsonObject Resource(this JsonObject bundle, string id) => bundle["entry"]!.AsArray()
        .Select(entry => entry!["resource"]!.AsObject()).Single(resource => (string?)resource["id"] == id);

    public static IEnumerable<JsonObject> Resources(this JsonObject bundle) => bundle["entry"]!.AsArray().Select(entry => entry!["resource"]!.AsObject());

    public static BundleReading Read(this JsonObject bundle) => Read(bundle.ToJsonString());

    public static BundleReading Read(string json) =>
        BundleReader.Read(Encoding.UTF8.GetBytes(json), FhirBudget.Unlimited(TestContext.Current.CancellationToken), FhirScope.Relevant(Asked));

    public static bool IsWholeValid(string json) => FhirValidator.Validate(Encoding.UTF8.GetBytes(json)).IsValid;

    /// <summary>All that was read, but for resources that nobody asks for; null when nothing was.</summary>
    public static string? Dump(this BundleReading reading) => reading is not BundleReading.Readable { Bundle: var bundle } ? null : string.Join('\n',
    [
        $"{bundle.Type} {bundle.HasModifier} {string.Join(' ', bundle.Patients)}",
        .. bundle.Entries.Where(entry => entry.Codes.Any(coding => Asked.Contains(coding.Code))).Select(entry => JsonSerializer.Serialize<object>(entry) + (entry is ObservationEntry observation
            ? JsonSerializer.Serialize<object?>(observation.Value) + string.Concat(observation.Components.Select(part => JsonSerializer.Serialize<object?>(part.Value)))
            : "")),
    ]);
}
