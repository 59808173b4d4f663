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

    [Theory]
    [InlineData(5)]
    [InlineData(110)]
    public void However_many_URLs_have_two_versions_a_reference_to_one_is_found(int target)
    {
        var versions = Enumerable.Range(0, 120).SelectMany(i => new[] { "1", "2" }, (i, version) =>
            $$$"""{"fullUrl":"http://x.org/fhir/Basic/b{{{i}}}","resource":{"resourceType":"Basic","id":"b{{{i}}}","meta":{"versionId":"{{{version}}}"},"code":{"text":"t"} } }""");
        var reference = $$$"""
            {"fullUrl":"http://x.org/fhir/Basic/r","resource":{"resourceType":"Basic","id":"r","code":{"text":"t"},"subject":{"reference":"Basic/b{{{target}}}"} } }
            """;

        var issue = Assert.Single(Assert.IsType<BundleReading.Invalid>(BundleReader.Read(Bundle([reference, .. versions]))).Issues);
        Assert.Equal(("multiple-matches", "Bundle.entry[0].resource.subject.reference"), (issue.Code, issue.Expression));
    }

    [Theory]
    [InlineData("urn:uuid:c757873d-ec9a-4326-a141-556f43239520")]
    [InlineData(@"\u0075rn:uuid:c757873d-ec9a-4326-a141-556f43239520")]
    [InlineData(@"urn:uuid:c757873d-ec9a-4326-a141-556f4323952\u0030")]
    public void An_entry_of_the_wrong_type_is_found_however_the_reference_to_it_is_written(string reference)
    {
        var observation = $$$"""
            {"resource":{"resourceType":"Observation","status":"final","code":{"text":"t"},"subject":{"reference":"{{{reference}}}"} } }
            """;
        var json = Bundle([observation, Medication("urn:uuid:c757873d-ec9a-4326-a141-556f43239520", "")]);

        Assert.Equal(
            "Bundle.entry[0].resource.subject.reference",
            Assert.Single(Assert.IsType<BundleReading.Invalid>(BundleReader.Read(json)).Issues).Expression);
    }

    private static string Medication(string fullUrl, string meta) =>
        """{"fullUrl":"URL","resource":{"resourceType":"Medication","id":"m"META,"code":{"coding":[{"system":"http://s","code":"A"}]}}}"""
            .Replace("URL", fullUrl, StringComparison.Ordinal).Replace("META", meta, StringComparison.Ordinal);

    private static FhirBundle Read(string[] entries) => Assert.IsType<BundleReading.Readable>(BundleReader.Read(Bundle(entries))).Bundle;

    private static byte[] Bundle(string[] entries) =>
        Encoding.UTF8.GetBytes($$"""{"resourceType":"Bundle","type":"collection","entry":[{{string.Join(',', entries)}}]}""");
}
