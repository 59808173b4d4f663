using Lazaret.Fhir.Negotiations;
using static Lazaret.Tests.Fhir.Negotiations.GoodBundle;

namespace Lazaret.Tests.Fhir.Negotiations;

/// <summary>Data that say both that the patient has something and that she has not: a model is never told the one silently.</summary>
public sealed class ContradictionTests
{
    private const string Ordered = """{"resourceType":"MedicationRequest","status":"active","intent":"order"}""";
    private const string Stated = """{"resourceType":"MedicationStatement","status":"active"}""";

    [Theory]
    [InlineData(Ordered, "", "")]
    [InlineData("""{"authoredOn":"2024-01-01T00:00:00Z","resourceType":"MedicationRequest","status":"active","intent":"order"}""", """{"authoredOn":"2024-02-01T00:00:00Z","doNotPerform":true,"resourceType":"MedicationRequest","status":"active","intent":"order"}""", "status")]
    [InlineData("""{"authoredOn":"2024-03-01T00:00:00Z","resourceType":"MedicationRequest","status":"active","intent":"order"}""", """{"authoredOn":"2024-02-01T00:00:00Z","doNotPerform":true,"resourceType":"MedicationRequest","status":"active","intent":"order"}""", "")]
    [InlineData("""{"authoredOn":"2024-01-01T00:00:00Z","resourceType":"MedicationRequest","status":"active","intent":"order"}""", """{"dateAsserted":"2024-02-01T00:00:00Z","resourceType":"MedicationStatement","status":"not-taken"}""", "status")]
    [InlineData(Ordered, """{"resourceType":"MedicationStatement","status":"not-taken"}""", "conflict")]
    [InlineData(Ordered, """{"resourceType":"MedicationRequest","status":"stopped","intent":"order"}""", "conflict")]
    [InlineData(Ordered, """{"authoredOn":"2024-02-01T00:00:00Z","resourceType":"MedicationRequest","status":"stopped","intent":"order"}""", "status")]
    [InlineData(Ordered, """{"resourceType":"MedicationRequest","status":"stopped","intent":"proposal"}""", "")]
    [InlineData(Ordered, """{"resourceType":"MedicationRequest","status":"entered-in-error","intent":"order"}""", "")]
    [InlineData(Stated, "", "")]
    [InlineData("""{"effectivePeriod":{"start":"2024-01-01","end":"2024-02-01"},"resourceType":"MedicationStatement","status":"active"}""", "", "stale")]
    [InlineData("""{"effectivePeriod":{"start":"2024-01-01"},"resourceType":"MedicationStatement","status":"active"}""", "", "")]
    [InlineData("""{"authoredOn":"2023-01-01T00:00:00Z","resourceType":"MedicationRequest","status":"active","intent":"order"}""", """{"effectivePeriod":{"start":"2024-01-01","end":"2024-02-01"},"resourceType":"MedicationStatement","status":"active"}""", "stale")]
    public void A_medicine_that_is_denied_elsewhere_is_not_taken_as_taken(string first, string second, string cause)
    {
        var requirement = new MedicationRequirement { Code = "860975" };
        foreach (var order in (string[][])[[first, second], [second, first]])
            Assert.Equal(cause, Negotiate([requirement], [Patient, .. order.Where(text => text.Length > 0).Select(Medication)]).Missing is [var missing] ? missing.Reason.Name : "");

        static string Medication(string resource, int index) =>
            $$$"""{"fullUrl":"http://ehr.example.org/fhir/X/m{{{index}}}","resource":{"subject":{"reference":"http://ehr.example.org/fhir/Patient/p1"},"medicationCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"860975"}]},{{{resource[1..]}}}}""";
    }

    [Theory]
    [InlineData("active:confirmed", "", "")]
    [InlineData("active:confirmed,refuted", "", "status")]
    [InlineData("active:refuted,confirmed", "", "status")]
    [InlineData(":confirmed,entered-in-error", "", "status")]
    [InlineData("active:provisional,unconfirmed", "", "")]
    [InlineData("active,resolved:confirmed", "", "status")]
    [InlineData("active,recurrence:confirmed", "", "")]
    [InlineData("active:confirmed", "active:refuted", "conflict")]
    [InlineData("active:confirmed", "resolved:confirmed", "conflict")]
    [InlineData("active:confirmed", ":entered-in-error", "")]
    public void A_condition_that_is_denied_elsewhere_or_by_itself_is_not_taken_as_present(string first, string second, string cause)
    {
        foreach (var order in (string[][])[[first, second], [second, first]])
            Assert.Equal(cause, Negotiate([new ConditionRequirement { Code = "44054006" }], [Patient, .. order.Where(text => text.Length > 0).Select(Condition)]).Missing is [var missing] ? missing.Reason.Name : "");
    }

    /// <summary>Each dataAbsentReason, whether it stands for an answer, and what then helps where the datum is mandatory.</summary>
    [Theory]
    [InlineData("asked-unknown", true, "none")]
    [InlineData("asked-declined", true, "none")]
    [InlineData("not-applicable", true, "none")]
    [InlineData("not-permitted", true, "none")]
    [InlineData("unknown", true, "record")]
    [InlineData("not-asked", true, "record")]
    [InlineData("temp-unknown", false, "record")]
    [InlineData("masked", false, "record")]
    [InlineData("unsupported", false, "record")]
    [InlineData("as-text", false, "record")]
    [InlineData("error", false, "record")]
    [InlineData("not-a-number", false, "record")]
    [InlineData("negative-infinity", false, "record")]
    [InlineData("positive-infinity", false, "record")]
    [InlineData("not-performed", false, "record")]
    [InlineData("asked-unknown\"},{\"system\":\"http://terminology.hl7.org/CodeSystem/data-absent-reason\",\"code\":\"error", false, "record")]
    public void Only_some_reasons_of_absence_are_an_answer(string reason, bool isAnswer, string remedy)
    {
        var absent = Creatinine.Replace(
            """
            "valueQuantity":{"value":1.1,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}
            """,
            $$$"""
            "dataAbsentReason":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/data-absent-reason","code":"{{{reason}}}"}]}
            """,
            StringComparison.Ordinal);

        Assert.Equal(isAnswer ? "satisfied" : "data-required", Negotiate([NeedsCreatinine with { AcceptsAbsent = true }], Patient, absent).Verdict);
        var missing = Assert.Single(Negotiate([NeedsCreatinine], Patient, absent).Missing);
        Assert.Equal(("no-value", remedy), (missing.Reason.Name, missing.Remedy));
    }

    [Fact]
    public void An_observation_with_the_codes_of_two_data_is_neither_of_them()
    {
        var both = Creatinine.Replace("\"code\":\"2160-0\"}", "\"code\":\"2160-0\"},{\"system\":\"http://loinc.org\",\"code\":\"2345-7\"}", StringComparison.Ordinal);
        var glucose = NeedsCreatinine with { Code = "2345-7" };

        Assert.Equal(["ambiguous", "ambiguous"], Negotiate([NeedsCreatinine, glucose], Patient, both).Missing.Select(item => item.Reason.Name));
        Assert.Equal("satisfied", Negotiate([NeedsCreatinine], Patient, both).Verdict);
        Assert.Equal("satisfied", Negotiate([NeedsCreatinine with { AlsoCodes = ["2345-7"] }, glucose with { Mandatory = false, AlsoCodes = ["2160-0"] }], Patient, both).Verdict);
    }

    [Theory]
    [InlineData("\"value\":15", "")]
    [InlineData("\"value\":15,\"system\":\"http://unitsofmeasure.org\",\"code\":\"1\"", "")]
    [InlineData("\"value\":15,\"system\":\"http://unitsofmeasure.org\",\"code\":\"%\"", "unit")]
    [InlineData("\"value\":15,\"unit\":\"points\"", "unit")]
    public void A_score_is_a_bare_number_and_no_percentage(string quantity, string cause)
    {
        var score = Creatinine.Replace("\"value\":1.1,\"unit\":\"mg/dL\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"mg/dL\"", quantity, StringComparison.Ordinal).Replace("2160-0", "9269-2", StringComparison.Ordinal);

        var negotiation = Negotiate([new ObservationRequirement { Code = "9269-2", Unit = "{score}" }], Patient, score);

        Assert.Equal(cause, negotiation.Missing is [var missing] ? missing.Reason.Name : "");
        Assert.Equal("unit", Assert.Single(Negotiate([NeedsCreatinine with { Range = null }], Patient, Creatinine.Replace("\"unit\":\"mg/dL\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"mg/dL\"", "\"id\":\"q\"", StringComparison.Ordinal)).Missing).Reason.Name);
    }

    [Theory]
    [InlineData("\"active\":true", "")]
    [InlineData("\"link\":[{\"type\":\"seealso\",\"other\":{\"display\":\"x\"}}]", "")]
    [InlineData("\"active\":false", "Bundle.entry[0].resource.active")]
    [InlineData("\"link\":[{\"type\":\"replaces\",\"other\":{\"display\":\"x\"}},{\"type\":\"replaced-by\",\"other\":{\"display\":\"y\"}}]", "Bundle.entry[0].resource.link[1]")]
    public void A_patients_record_that_is_out_of_use_refuses_the_bundle(string element, string place)
    {
        var refusal = Negotiate([NeedsCreatinine], Patient.Replace("\"id\":\"p1\"", "\"id\":\"p1\"," + element, StringComparison.Ordinal), Creatinine).Refusal;

        Assert.Equal(place.Length == 0 ? "" : $"inactive-patient {place}", refusal is null ? "" : $"{refusal.Cause} {refusal.Place}");
    }

    [Fact]
    public void A_reference_that_leads_nowhere_names_no_patient()
    {
        var nowhere = Creatinine.Replace("\"Patient/p1\"", "\"urn:uuid:33333333-3333-4333-8333-333333333333\"", StringComparison.Ordinal);

        var refusal = Negotiate([NeedsCreatinine], nowhere).Refusal!;
        Assert.Equal(("unresolvable-reference", "Bundle.entry[0].resource.subject"), (refusal.Cause, refusal.Place));
        Assert.Equal("satisfied", Negotiate([NeedsCreatinine], Creatinine).Verdict);
        Assert.Equal("satisfied", Negotiate([NeedsCreatinine], Creatinine.Replace("\"Patient/p1\"", "\"http://other.example/Patient/p1\"", StringComparison.Ordinal)).Verdict);
    }

    [Fact]
    public void Of_a_medicine_orders_and_statements_are_searched()
    {
        var missing = Assert.Single(Negotiate([new MedicationRequirement { Code = "860975", MaxAge = TimeSpan.FromDays(1) }], Patient).Missing);

        Assert.StartsWith("MedicationRequest?code=", missing.Search, StringComparison.Ordinal);
        Assert.Equal("MedicationStatement?code=http://www.nlm.nih.gov/research/umls/rxnorm%7C860975&patient=Patient/p1&_sort=-effective&_count=50".Replace("%7C", "|", StringComparison.Ordinal), missing.SearchAlso);
        Assert.Null(Assert.Single(Negotiate([NeedsCreatinine], Patient).Missing).SearchAlso);
    }

    private static string Condition(string statuses, int index)
    {
        var verification = Codings("condition-ver-status", statuses.Split(':')[1]);
        var clinical = statuses[0] == ':' ? "" : $"\"clinicalStatus\":{{\"coding\":[{Codings("condition-clinical", statuses.Split(':')[0])}]}},";
        return $$$$"""
            {"resource":{"resourceType":"Condition","id":"c{{{{index}}}}","subject":{"reference":"Patient/p1"},{{{{clinical}}}}
            "verificationStatus":{"coding":[{{{{verification}}}}]},"code":{"coding":[{"system":"http://snomed.info/sct","code":"44054006"}]}}}
            """;

        static string Codings(string system, string codes) => string.Join(',', codes.Split(',').Select(code => $$"""{"system":"http://terminology.hl7.org/CodeSystem/{{system}}","code":"{{code}}"}"""));
    }
}
