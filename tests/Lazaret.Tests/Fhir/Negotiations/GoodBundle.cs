using System.Text;
using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Negotiations;

namespace Lazaret.Tests.Fhir.Negotiations;

/// <summary>A patient and an observation that satisfies what is asked for: a test edits them by replacing text.</summary>
internal static class GoodBundle
{
    public const string Patient = """{"fullUrl":"http://ehr.example.org/fhir/Patient/p1","resource":{"resourceType":"Patient","id":"p1"}}""";

    public const string Creatinine = """
        {"fullUrl":"http://ehr.example.org/fhir/Observation/o1","resource":{"resourceType":"Observation","id":"o1","status":"final",
        "code":{"coding":[{"system":"http://loinc.org","code":"2160-0"}]},"subject":{"reference":"Patient/p1"},
        "effectiveDateTime":"2024-05-20T08:00:00Z",
        "valueQuantity":{"value":1.1,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}}}
        """;

    public static readonly DateTimeOffset Now = new(2024, 6, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly ObservationRequirement NeedsCreatinine = new()
    {
        Code = "2160-0",
        Unit = "mg/dL",
        AcceptedUnits = new Dictionary<string, decimal>(StringComparer.Ordinal) { ["g/L"] = 100 },
        MaxAge = TimeSpan.FromDays(90),
        Range = new ValueRange(0, 50),
    };

    public static Negotiation Negotiate(IReadOnlyList<Requirement> requirements, params string[] entries) =>
        Negotiator.Negotiate(requirements, Read(entries), Now);

    public static FhirBundle Read(params string[] entries)
    {
        var json = $$"""{"resourceType":"Bundle","type":"collection","entry":[{{string.Join(',', entries)}}]}""";
        return Assert.IsType<BundleReading.Readable>(BundleReader.Read(Encoding.UTF8.GetBytes(json))).Bundle;
    }
}
