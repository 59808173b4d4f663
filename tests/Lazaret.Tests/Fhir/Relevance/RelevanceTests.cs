using System.Text;
using System.Text.Json.Nodes;
using Lazaret.Fhir;
using Lazaret.Fhir.Bundles;

namespace Lazaret.Tests.Fhir.Relevance;

/// <summary>Which faults of a bundle are warnings where only what is read is held strictly.</summary>
public sealed class RelevanceTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Fhir", "Relevance", "data");

    [Theory]
    [InlineData("v01-searchset-response.json", "Bundle.entry[0].response")]
    [InlineData("v03-conditional-reference.json", "Bundle.entry[2].resource.participant[0].individual.reference")]
    [InlineData("v05-empty-array.json", "Bundle.entry[0].resource.extension")]
    [InlineData("v07-zoneless-encounter.json", "Bundle.entry[2].resource.period.start")]
    public void A_bundle_as_hospitals_send_it_is_read_with_a_warning(string file, string place)
    {
        var json = File.ReadAllBytes(Path.Combine(Folder, file));

        Assert.Equal(place, Assert.Single(Assert.IsType<BundleReading.Invalid>(BundleReader.Read(json)).Issues).Expression);
        var reading = Assert.IsType<BundleReading.Readable>(BundleReader.Read(json, FhirBudget.Unlimited(TestContext.Current.CancellationToken), FhirScope.Relevant(["8310-5"])));
        Assert.Equal((IssueSeverity.Warning, place), Assert.Single(reading.Warnings.Select(issue => (issue.Severity, issue.Expression))));
    }

    [Theory]
    [InlineData("p", "telecom", """[{"value":"1"}]""")]
    [InlineData("p", "text", """{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"> </div>"}""")]
    [InlineData("p", "text", """{"status":"generated","div":""}""")]
    [InlineData("p", "text", """{"status":"empty"}""")]
    [InlineData("p", "meta", """{"profile":["StructureDefinition/a"]}""")]
    [InlineData("p", "extension", "[]")]
    [InlineData("p", "name", """[{"given":["", null]}]""")]
    [InlineData("temperature", "category", "[]")]
    [InlineData("temperature", "performer", """[{"reference":"Practitioner?identifier=1"}]""")]
    [InlineData("temperature", "note", "[{}]")]
    [InlineData("unasked", "effectiveDateTime", "\"2026-11-26T11:30:00\"")]
    [InlineData("unasked", "valueQuantity", """{"value":"170"}""")]
    [InlineData("unasked", "zzz", "1")]
    [InlineData("e", "period", """{"start":"2026-11-20 08:30","end":""}""")]
    [InlineData("e", "class", "null")]
    [InlineData("e", "status", "\"done\"")]
    [InlineData("e", "zzz", """[{"a":[1,{"b":null}]}]""")]
    [InlineData("e", "participant", """[{"individual":{"reference":"Practitioner?identifier=1"}},{},[]]""")]
    [InlineData("d", "telecom", """{"value":"1"}""")]
    [InlineData("g", "conclusion", "\"\"")]
    public void A_fault_where_nobody_reads_is_a_warning(string resource, string element, string fault)
    {
        var json = Planted(resource, element, fault);

        Assert.False(ChartBundle.IsWholeValid(json));
        var reading = Assert.IsType<BundleReading.Readable>(ChartBundle.Read(json));
        Assert.NotEmpty(reading.Warnings);
        Assert.All(reading.Warnings, warning => Assert.Equal(IssueSeverity.Warning, warning.Severity));
        Assert.Equal(ChartBundle.Parse().Read().Dump(), reading.Dump());
    }

    [Theory]
    // Whose it is.
    [InlineData("e", "subject", "{}")]
    [InlineData("e", "subject", """{"reference":"Patient?identifier=1"}""")]
    [InlineData("e", "Subject", """{"reference":"Patient/q"}""")]
    [InlineData("e", "_subject", """{"reference":"Patient/q"}""")]
    [InlineData("unasked", "subject", """{"reference":5}""")]
    [InlineData("p", "id", "\"a b\"")]
    [InlineData("p", "birthDate", "\"1950-13-01\"")]
    [InlineData("p", "link", "[{}]")]
    [InlineData("e", "id", "\"a b\"")]
    // What turns a meaning round.
    [InlineData("e", "implicitRules", "\"\"")]
    [InlineData("e", "modifierExtension", "[]")]
    [InlineData("e", "participant", """[{"modifierExtension":[{}]}]""")]
    [InlineData("e", "ModifierExtension", "[]")]
    [InlineData("temperature", "Status", "\"entered-in-error\"")]
    [InlineData("unasked", "status", "\"entered-in-eror\"")]
    // What it is about.
    [InlineData("unasked", "code", """{"coding":[{"system":"http://loinc.org","code":" 8310-5"}]}""")]
    [InlineData("unasked", "code", """{"coding":[{"system":"http://loinc.org","code":"8302-2"},{"system":"http://loinc.org","code":8310}]}""")]
    [InlineData("unasked", "component", """[{"code":{"coding":[{"code":""}]}}]""")]
    [InlineData("m", "code", """{"coding":[]}""")]
    // What is referred to.
    [InlineData("e", "participant", """[{"individual":{"reference":"the doctor"}}]""")]
    [InlineData("e", "participant", """[{"individual":{"reference":"Patient/p"}}]""")]
    [InlineData("e", "participant", """[{"individual":{"reference":"#none"}}]""")]
    [InlineData("e", "contained", "[]")]
    [InlineData("e", "contained", """[{"resourceType":"Nothing","id":"a"}]""")]
    [InlineData("e", "contained", """[{"resourceType":"Organization","name":"a"}]""")]
    [InlineData("g", "contained", """[{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":"s","code":"x"}]},"effectiveDateTime":"2026-11-26T11:30:00"}]""")]
    [InlineData("e", "resourceType", "\"Nothing\"")]
    [InlineData("e", "resourceType", "\"encounter\"")]
    // What runs.
    [InlineData("e", "text", """{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><script>a</script></div>"}""")]
    [InlineData("e", "text", """{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"javascript:a\">b</a></div>"}""")]
    [InlineData("e", "text", """{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p onclick=\"a\"></p></div>"}""")]
    public void A_fault_that_may_mislead_is_refused_wherever_it_is(string resource, string element, string fault) =>
        Assert.IsType<BundleReading.Invalid>(ChartBundle.Read(Planted(resource, element, fault)));

    [Theory]
    [InlineData("\"class\":{", "\"class\":{\"system\":\"http://s\",\"system\":\"http://t\",")]
    [InlineData("\"class\":{", "\"class\":{\"zzz\":{\"a\":1,\"a\":2},")]
    [InlineData("\"class\":{", "\"class\":{\"zzz\":{\"\\ud800\":1,\"\\ud800\":2},")]
    [InlineData("\"class\":{", "\"zzz\":1,\"zzz\":2,\"class\":{")]
    [InlineData("\"class\":{", "\"class\":{\"display\":\"\\ud800\",")]
    [InlineData("\"class\":{", "\"class\":{\"\\ud800\":1,")]
    [InlineData("\"class\":{", "\"resourceType\":\"Encounter\",\"class\":{")]
    [InlineData("\"class\":{", "\"class\":{,")]
    [InlineData("http://x.org/fhir/Encounter/e", "http://x.org/fhir/Encounter/f")]
    [InlineData("http://x.org/fhir/Encounter/e", "http://x.org/fhir/Patient/p")]
    [InlineData("http://x.org/fhir/Encounter/e", "Encounter/e")]
    [InlineData("\"type\":\"collection\"", "\"type\":\"collection\",\"total\":1")]
    [InlineData("\"type\":\"collection\"", "\"type\":\"collection\",\"zzz\":1")]
    [InlineData("\"type\":\"collection\"", "\"type\":\"colection\"")]
    public void The_text_and_the_bundles_own_structure_stay_strict(string text, string planted)
    {
        var json = ChartBundle.Parse().ToJsonString();
        Assert.Contains(text, json, StringComparison.Ordinal);

        Assert.IsType<BundleReading.Invalid>(ChartBundle.Read(json.Replace(text, planted, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("searchset", "200 OK", true)]
    [InlineData("collection", "201", true)]
    [InlineData("searchset", "404 Not Found", false)]
    [InlineData("searchset", "", false)]
    [InlineData("batch", "200", false)]
    public void A_response_is_passed_over_where_it_says_that_all_went_well(string type, string status, bool isRead)
    {
        var bundle = ChartBundle.Parse();
        bundle["type"] = type;
        bundle["entry"]![1]!["response"] = new JsonObject { ["status"] = status };

        Assert.Equal(isRead, bundle.Read() is BundleReading.Readable);
    }

    [Theory]
    [InlineData("""{"text":"t"}""")]
    [InlineData("""{"coding":[{"code":"8302-2"}]}""")]
    [InlineData("""{"coding":[{"system":"http://loinc.org"},{"system":"http://loinc.org","code":"8302-2"}]}""")]
    [InlineData("""{"coding":[{"system":"http://local","code":"x"},{"system":"http://other","code":"8310-5"}]}""")]
    public void An_observation_that_may_be_what_is_asked_for_is_held_strictly(string code)
    {
        var bundle = ChartBundle.Parse();
        bundle.Resource("unasked")["code"] = JsonNode.Parse(code);
        Assert.IsType<BundleReading.Readable>(bundle.Read());
        bundle.Resource("unasked")["effectiveDateTime"] = "2026-11-26T11:30:00";

        Assert.IsType<BundleReading.Invalid>(bundle.Read());
    }

    [Fact]
    public void What_nobody_asks_for_is_not_read_when_it_is_faulty_but_for_whose_it_is()
    {
        var bundle = ChartBundle.Parse();
        bundle.Resource("unasked")["effectiveDateTime"] = "yesterday";
        bundle.Resource("unasked")["subject"]!["reference"] = "Patient/other";

        var read = Assert.IsType<BundleReading.Readable>(bundle.Read()).Bundle;
        Assert.DoesNotContain(read.Entries, entry => entry.Source == "Observation/unasked");
        Assert.Contains("http://x.org/fhir/Patient/other", read.Patients.Select(patient => patient.Identity));
    }

    [Fact]
    public void An_observation_in_a_nested_bundle_is_held_strictly()
    {
        var bundle = ChartBundle.Parse();
        var inner = JsonNode.Parse("""{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Observation","status":"final","code":{"text":"t"}}}]}""")!;
        bundle["entry"]!.AsArray().Add(new JsonObject { ["resource"] = inner });
        Assert.IsType<BundleReading.Readable>(bundle.Read());
        inner["entry"]![0]!["resource"]!["effectiveDateTime"] = "2026-11-26T11:30:00";

        Assert.IsType<BundleReading.Invalid>(bundle.Read());
    }

    [Fact]
    public void However_many_warnings_there_are_an_error_after_them_is_found()
    {
        var bundle = ChartBundle.Parse();
        bundle.Resource("p")["telecom"] = new JsonArray([.. Enumerable.Range(0, 500).Select(_ => JsonNode.Parse("""{"value":"1"}"""))]);
        bundle.Resource("unasked")["valueQuantity"] = JsonNode.Parse($$"""{"value":1{{string.Concat(Enumerable.Range(0, 500).Select(i => $",\"z{i}\":1"))}}}""");
        Assert.Equal(100, Assert.IsType<BundleReading.Readable>(bundle.Read()).Warnings.Count);
        bundle.Resource("e")["subject"] = new JsonObject();

        var error = Assert.Single(Assert.IsType<BundleReading.Invalid>(bundle.Read()).Issues, issue => issue.Severity != IssueSeverity.Warning);
        Assert.Equal("Bundle.entry[15].resource.subject", error.Expression);
    }

    [Fact]
    public void The_gravest_reference_by_a_search_decides()
    {
        var bundle = ChartBundle.Parse();
        bundle.Resource("temperature")["performer"] = JsonNode.Parse("""[{"reference":"Practitioner?identifier=1"}]""");
        bundle.Resource("e")["subject"] = JsonNode.Parse("""{"reference":"Patient?identifier=1"}""");

        var error = Assert.Single(Assert.IsType<BundleReading.Invalid>(bundle.Read()).Issues, issue => issue.Severity != IssueSeverity.Warning);
        Assert.Equal("Bundle.entry[15].resource.subject.reference", error.Expression);
    }

    [Theory]
    [InlineData("\"name\":\"data\",\"resource\"", true)]
    [InlineData("\"name\":\"data\",\"zzz\":1,\"resource\"", false)]
    [InlineData("\"resource\"", false)]
    public void Of_parameters_only_what_is_around_the_bundle_is_judged(string member, bool isValid)
    {
        var bundle = ChartBundle.Parse();
        bundle.Resource("e")["period"] = JsonNode.Parse("""{"start":"2026-11-20T08:30:00"}""");
        var json = Encoding.UTF8.GetBytes($$"""{"resourceType":"Parameters","parameter":[{ {{member}}:{{bundle.ToJsonString()}} }]}""");

        Assert.False(FhirValidator.Validate(json).IsValid);
        Assert.Equal(isValid, FhirValidator.Validate(json, FhirBudget.Unlimited(TestContext.Current.CancellationToken), FhirScope.Relevant([])).IsValid);
    }

    private static string Planted(string resource, string element, string fault)
    {
        var bundle = ChartBundle.Parse();
        bundle.Resource(resource)[element] = JsonNode.Parse(fault);
        return bundle.ToJsonString();
    }
}
