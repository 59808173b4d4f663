using System.Text;
using Lazaret.Fhir.Bundles;

namespace Lazaret.Tests.Fhir.Bundles;

public sealed class BundleReaderTests
{
    private const string Statement = """
        {"fullUrl":"http://x.org/fhir/MedicationStatement/s","resource":{"resourceType":"MedicationStatement","id":"s","status":"active",
        "subject":{"reference":"Patient/p"},"medicationReference":{"reference":"Medication/m"}}}
        """;

    [Theory]
    [InlineData("http://x.org/fhir/Medication/m", "A")]
    [InlineData("http://y.org/fhir/Medication/m", null)]
    [InlineData("urn:uuid:c757873d-ec9a-4326-a141-556f43239520", null)]
    public void A_relative_reference_is_read_against_the_entrys_own_base(string fullUrl, string? code)
    {
        var entry = Assert.Single(Read([Statement, Medication(fullUrl, "")]).Entries);

        Assert.Equal(code, entry.Codes is [var coding] ? coding.Code : null);
        Assert.Equal("http://x.org/fhir/Patient/p", entry.Patient);
    }

    [Fact]
    public void Contained_medications_and_observations_are_read_as_such()
    {
        const string Container = """
            {"resource":{"resourceType":"MedicationRequest","id":"r","status":"active","intent":"order","subject":{"reference":"Patient/p"},
            "contained":[{"resourceType":"Medication","id":"m","code":{"coding":[{"system":"http://s","code":"A"}]}},
            {"resourceType":"Observation","id":"o","status":"final","code":{"text":"t"}}],
            "medicationReference":{"reference":"#m"},"reasonReference":[{"reference":"#o"}]}}
            """;

        var entries = Read([Container]).Entries;

        Assert.Equal(["A"], entries[0].Codes.Select(coding => coding.Code));
        Assert.Equal([false, true], entries.Select(entry => entry.IsContained));
    }

    [Theory]
    [InlineData("""{"resourceType":"Patient"}""")]
    [InlineData("""{"resourceType":"Bundle","_type":{"extension":[{"url":"http://x","valueCode":"a"}]}}""")]
    [InlineData("""{"resourceType":"Bundle","type":"collection","entry":[{}]}""")]
    [InlineData("")]
    public void What_is_no_valid_bundle_is_not_read(string json) =>
        Assert.NotEmpty(Assert.IsType<BundleReading.Invalid>(BundleReader.Read(Encoding.UTF8.GetBytes(json))).Issues);

    [Fact]
    public void A_reference_that_two_versions_answer_to_refuses_the_bundle()
    {
        const string Url = "http://x.org/fhir/Medication/m";
        var json = Bundle([Statement, Medication(Url, ""), Medication(Url, ""","meta":{"versionId":"1"}""")]);

        Assert.Equal(
            "Bundle.entry[0].resource.medication.reference",
            Assert.Single(Assert.IsType<BundleReading.Invalid>(BundleReader.Read(json)).Issues).Expression);
    }

    private static string Medication(string fullUrl, string meta) =>
        """{"fullUrl":"URL","resource":{"resourceType":"Medication","id":"m"META,"code":{"coding":[{"system":"http://s","code":"A"}]}}}"""
            .Replace("URL", fullUrl, StringComparison.Ordinal).Replace("META", meta, StringComparison.Ordinal);

    private static FhirBundle Read(string[] entries) => Assert.IsType<BundleReading.Readable>(BundleReader.Read(Bundle(entries))).Bundle;

    private static byte[] Bundle(string[] entries) =>
        Encoding.UTF8.GetBytes($$"""{"resourceType":"Bundle","type":"collection","entry":[{{string.Join(',', entries)}}]}""");
}
