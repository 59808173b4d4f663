using System.Text.Json.Nodes;
using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Negotiations;
using static Lazaret.Tests.Fhir.Negotiations.GoodBundle;

namespace Lazaret.Tests.Fhir.Negotiations;

/// <summary>Each case edits one good bundle by replacing text in it, so that the trap is all that is seen.</summary>
public sealed class NegotiatorTests
{
    private const string Panel = """
        {"fullUrl":"http://ehr.example.org/fhir/Observation/bp","resource":{"resourceType":"Observation","id":"bp","status":"final",
        "code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"subject":{"reference":"Patient/p1"},
        "effectiveDateTime":"2024-05-20T08:00:00Z","component":[
        {"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},
        "valueQuantity":{"value":120,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]}}
        """;

    private static readonly ObservationRequirement NeedsSystolic =
        new() { Code = "8480-6", Unit = "mm[Hg]", ComponentOf = ["85354-9"], MaxAge = TimeSpan.FromDays(30) };

    /// <summary>Text to replace in the good Observation, its replacement, and the fine cause; an empty cause means satisfied.</summary>
    public static TheoryData<string, string, string> Edits() => new()
    {
        { "http://loinc.org", "http://loinc.org/", "no-match" },
        { "http://loinc.org", "urn:oid:2.16.840.1.113883.6.1", "no-match" },
        { "http://loinc.org", "http://www.loinc.org", "no-match" },
        { "http://loinc.org", "http://LOINC.org", "no-match" },
        { "\"system\":\"http://loinc.org\",\"code\":\"2160-0\"", "\"code\":\"2160-0\"", "no-match" },
        { "2160-0", "2160-01", "no-match" },
        { "2160-0", "12160-0", "no-match" },
        { "\"coding\":[{", "\"text\":\"2160-0\",\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"2345-7\"},{", "" },
        { "\"final\"", "\"entered-in-error\"", "status" },
        { "\"final\"", "\"registered\"", "status" },
        { "\"final\"", "\"unknown\"", "status" },
        { "\"final\"", "\"amended\"", "" },
        { "valueQuantity\":{\"value\":1.1,\"unit\":\"mg/dL\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"mg/dL\"}",
            "dataAbsentReason\":{\"text\":\"lost\"}", "no-value" },
        { "\"value\":1.1,", "", "no-value" },
        { "\"value\":1.1,", "\"value\":1.1,\"comparator\":\">=\",", "comparator" },
        { "\"value\":1.1,", "\"value\":1.00000000000000000000000000001,", "no-value" },
        { "\"value\":1.1,", "\"value\":1.25e-30,", "no-value" },
        { "\"value\":1.1,", "\"value\":11E-1,", "" },
        { "valueQuantity\":{\"value\":1.1,\"unit\":\"mg/dL\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"mg/dL\"}",
            "valueString\":\"1.1 mg/dL\"", "no-value" },
        { "http://unitsofmeasure.org\",\"code\":\"mg/dL", "http://unitsofmeasure.org\",\"code\":\"mg/dl", "" },
        { "http://unitsofmeasure.org\",\"code\":\"mg/dL", "http://unitsofmeasure.org\",\"code\":\"MG/DL", "unit" },
        { "http://unitsofmeasure.org\",\"code\":\"mg/dL", "http://unitsofmeasure.org\",\"code\":\"umol/L", "unit" },
        { ",\"system\":\"http://unitsofmeasure.org\",\"code\":\"mg/dL\"", "", "unit" },
        { "http://unitsofmeasure.org", "http://unitsofmeasure.org/", "unit" },
        { ",\"code\":\"mg/dL\"", "", "unit" },
        { "\"effectiveDateTime\":\"2024-05-20T08:00:00Z\",", "", "no-time" },
        { "2024-05-20T08:00:00Z", "2024-03-03T11:59:59Z", "stale" },
        { "2024-05-20T08:00:00Z", "2024-03-03T12:00:00Z", "" },
        { "2024-05-20T08:00:00Z", "2024-03-03T13:00:00+05:00", "stale" },
        { "2024-05-20T08:00:00Z", "2023", "stale" },
        { "2024-05-20T08:00:00Z", "2024-03", "no-time" },
        { "2024-05-20T08:00:00Z", "2024-03-03", "no-time" },
        { "2024-05-20T08:00:00Z", "2024-05", "" },
        { "2024-05-20T08:00:00Z", "2024-06-01", "" },
        { "2024-05-20T08:00:00Z", "2024-06-01T13:30:00+02:00", "" },
        { "2024-05-20T08:00:00Z", "2024-06-01T11:00:00-05:00", "future" },
        { "2024-05-20T08:00:00Z", "2024-06-03", "future" },
        { "\"effectiveDateTime\":\"2024-05-20T08:00:00Z\"", "\"effectivePeriod\":{\"start\":\"2024-05-20\",\"end\":\"2024-05-21\"}", "" },
        { "\"effectiveDateTime\":\"2024-05-20T08:00:00Z\"", "\"effectivePeriod\":{\"end\":\"2024-05-21\"}", "no-time" },
        { "\"effectiveDateTime\":\"2024-05-20T08:00:00Z\"", "\"effectivePeriod\":{\"start\":\"2020\",\"end\":\"2023-02\"}", "stale" },
        { "\"effectiveDateTime\":\"2024-05-20T08:00:00Z\"", "\"effectivePeriod\":{\"start\":\"2024-05-20\",\"end\":\"2024-07-01\"}", "future" },
        { "\"effectiveDateTime\":\"2024-05-20T08:00:00Z\"", "\"effectiveTiming\":{\"event\":[\"2024-05-20T08:00:00Z\"]}", "" },
        { "\"effectiveDateTime\":\"2024-05-20T08:00:00Z\"", "\"effectiveTiming\":{\"code\":{\"text\":\"daily\"}}", "no-time" },
        { "\"value\":1.1", "\"value\":50.1", "implausible" },
        { "\"value\":1.1,\"unit\":\"mg/dL\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"mg/dL\"",
            "\"value\":0.6,\"system\":\"http://unitsofmeasure.org\",\"code\":\"g/L\"", "implausible" },
        { "\"subject\":{\"reference\":\"Patient/p1\"},", "", "no-subject" },
        { "{\"reference\":\"Patient/p1\"}", "{\"identifier\":{\"value\":\"p1\"}}", "no-subject" },
        { "{\"reference\":\"Patient/p1\"}", "{\"reference\":\"Device/p1\"}", "no-subject" },
        { "{\"reference\":\"Patient/p1\"}", "{\"reference\":\"http://ehr.example.org/fhir/Patient/p1\"}", "" },
        { "{\"reference\":\"Patient/p1\"}", "{\"reference\":\"Patient/p1/_history/3\"}", "" },
        { "\"fullUrl\":\"http://ehr.example.org/fhir/Observation/o1\"", "\"fullUrl\":\"urn:uuid:22222222-2222-4222-8222-222222222222\"", "no-subject" },
        { "\"status\":", "\"focus\":[{\"reference\":\"Patient/fetus\"}],\"status\":", "focus" },
        { "\"status\":", "\"focus\":[{\"reference\":\"Patient/p1\"}],\"status\":", "" },
        { "\"status\":", "\"implicitRules\":\"http://hospital.example/rules\",\"status\":", "modifier" },
        { "\"resource\":{", "\"modifierExtension\":[{\"url\":\"http://x.example\",\"valueBoolean\":true}],\"resource\":{", "modifier" },
    };

    [Theory]
    [MemberData(nameof(Edits))]
    public void One_fault_in_a_good_bundle_gives_its_own_cause(string text, string replacement, string cause)
    {
        Assert.Contains(text, Creatinine, StringComparison.Ordinal);
        var negotiation = Negotiate([NeedsCreatinine], Patient, Creatinine.Replace(text, replacement, StringComparison.Ordinal));

        Assert.Equal(cause, negotiation.Missing is [var missing] ? missing.Reason.Name : "");
        Assert.Equal(cause.Length == 0 ? "satisfied" : "data-required", negotiation.Verdict);
    }

    [Theory]
    [InlineData("\"reference\":\"Patient/p1\"", "\"reference\":\"http://other.example.org/fhir/Patient/p1\"")]
    [InlineData("\"reference\":\"Patient/p1\"", "\"reference\":\"urn:uuid:11111111-1111-4111-8111-111111111111\"")]
    [InlineData("\"reference\":\"Patient/p1\"", "\"reference\":\"Patient/P1\"")]
    [InlineData("\"fullUrl\":\"http://ehr.example.org/fhir/", "\"fullUrl\":\"http://other.example.org/fhir/")]
    public void Another_patient_refuses_the_bundle(string text, string replacement)
    {
        var negotiation = Negotiate([NeedsCreatinine], Patient, Creatinine.Replace(text, replacement, StringComparison.Ordinal));

        Assert.Equal("mixed-subjects", Assert.IsType<Negotiation.Refused>(negotiation).Refusal.Cause);
        Assert.Empty(negotiation.Used);
        Assert.Equal(["mixed-subjects"], negotiation.Missing.Select(item => item.Reason.Name));
    }

    [Theory]
    [InlineData("""{"fullUrl":"http://ehr.example.org/fhir/Patient/p2","resource":{"resourceType":"Patient","id":"p2"}}""")]
    [InlineData("""{"resource":{"resourceType":"Encounter","id":"e1","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/p2"}}}""")]
    [InlineData("""{"resource":{"resourceType":"Coverage","id":"c1","status":"active","beneficiary":{"reference":"Patient/p2"},"payor":[{"display":"x"}]}}""")]
    [InlineData("""{"resource":{"resourceType":"Task","id":"t1","status":"draft","intent":"order","for":{"reference":"Patient/p2"}}}""")]
    [InlineData("""{"resource":{"resourceType":"ResearchSubject","id":"r1","status":"on-study","study":{"display":"x"},"individual":{"reference":"Patient/p2"}}}""")]
    [InlineData("""{"resource":{"resourceType":"Condition","id":"c1","contained":[{"resourceType":"Patient","id":"p"}],"subject":{"reference":"#p"}}}""")]
    public void Another_patient_anywhere_refuses_the_bundle(string entry) =>
        Assert.IsType<Negotiation.Refused>(Negotiate([NeedsCreatinine], Patient, Creatinine, entry));

    [Theory]
    [InlineData("collection", true)]
    [InlineData("searchset", true)]
    [InlineData("message", false)]
    [InlineData("batch", false)]
    [InlineData("batch-response", true)]
    [InlineData("transaction-response", false)]
    public void Only_statements_of_present_data_are_read(string type, bool isRead)
    {
        var bundle = new FhirBundle { Type = type, HasModifier = false, Patients = [], Entries = Read(Patient, Creatinine).Entries };

        Assert.Equal(isRead, Negotiator.Negotiate([NeedsCreatinine], bundle, Now) is Negotiation.Satisfied);
    }

    [Fact]
    public void Implicit_rules_of_the_bundle_or_the_patient_refuse_it()
    {
        var patient = Patient.Replace("\"id\":", "\"implicitRules\":\"http://x.example\",\"id\":", StringComparison.Ordinal);

        Assert.Equal("modifier", Assert.IsType<Negotiation.Refused>(Negotiate([NeedsCreatinine], patient, Creatinine)).Refusal.Cause);
    }

    [Fact]
    public void Entries_without_a_fullUrl_are_known_by_type_and_id()
    {
        var bare = Creatinine.Replace("\"fullUrl\":\"http://ehr.example.org/fhir/Observation/o1\",", "", StringComparison.Ordinal);

        Assert.Equal("satisfied", Negotiate([NeedsCreatinine], Patient, bare).Verdict);
        Assert.IsType<Negotiation.Refused>(Negotiate([NeedsCreatinine], Patient, bare.Replace("Patient/p1", "Patient/p2", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("http://ehr.example.org/fhir/Patient/p1", true)]
    [InlineData("http://other.example.org/fhir/Patient/p1", false)]
    public void A_patient_without_a_fullUrl_is_of_the_server_of_what_names_her(string reference, bool isSame)
    {
        var patient = Patient.Replace("\"fullUrl\":\"http://ehr.example.org/fhir/Patient/p1\",", "", StringComparison.Ordinal);
        var named = Creatinine.Replace("\"Patient/p1\"", $"\"{reference}\"", StringComparison.Ordinal);

        Assert.Equal(isSame ? "satisfied" : "refused", Negotiate([NeedsCreatinine], patient, named).Verdict);
    }

    [Fact]
    public void Statuses_that_the_model_names_are_usable()
    {
        var preliminary = Creatinine.Replace("\"final\"", "\"preliminary\"", StringComparison.Ordinal);

        Assert.Equal("satisfied", Negotiate([NeedsCreatinine with { Statuses = ["preliminary"] }], Patient, preliminary).Verdict);
    }

    [Theory]
    [InlineData("2024-05-20T08:00:00Z", "1.2", "conflict", "")]
    [InlineData("2024-05-20T10:00:00+02:00", "1.2", "conflict", "")]
    [InlineData("2024-05-20T08:00:00Z", "1.10", "", "Observation/o1")]
    [InlineData("2024-05-20T08:00:01Z", "1.2", "", "Observation/o2")]
    [InlineData("2024-05-20T07:59:59Z", "1.2", "", "Observation/o1")]
    public void The_newest_usable_value_counts_and_contradictions_do_not(string time, string value, string cause, string used)
    {
        var second = Creatinine.Replace("o1", "o2", StringComparison.Ordinal)
            .Replace("2024-05-20T08:00:00Z", time, StringComparison.Ordinal).Replace("1.1", value, StringComparison.Ordinal);

        var negotiation = Negotiate([NeedsCreatinine], Patient, Creatinine, second);

        Assert.Equal(cause, negotiation.Missing is [var missing] ? missing.Reason.Name : "");
        Assert.Equal(used, negotiation.Used.GetValueOrDefault("2160-0", ""));
    }

    [Fact]
    public void A_newer_value_that_is_unusable_does_not_hide_an_older_good_one()
    {
        var mistaken = Creatinine.Replace("o1", "o2", StringComparison.Ordinal).Replace("05-20", "05-21", StringComparison.Ordinal)
            .Replace("\"final\"", "\"entered-in-error\"", StringComparison.Ordinal);

        Assert.Equal("Observation/o1", Negotiate([NeedsCreatinine], Patient, mistaken, Creatinine).Used["2160-0"]);
    }

    [Fact]
    public void The_nearest_miss_gives_the_cause()
    {
        var cancelled = Creatinine.Replace("\"final\"", "\"cancelled\"", StringComparison.Ordinal);
        var old = Creatinine.Replace("2024-05", "2023-05", StringComparison.Ordinal).Replace("o1", "o2", StringComparison.Ordinal);

        Assert.Equal("stale", Assert.Single(Negotiate([NeedsCreatinine], Patient, old, cancelled).Missing).Reason.Reason);
    }

    [Theory]
    [InlineData("85354-9", "85354-9", "")]
    [InlineData("85354-9", "55284-4", "no-match")]
    [InlineData("\"component\":[\n{", "\"component\":[\n{\"modifierExtension\":[{\"url\":\"http://x.example\",\"valueBoolean\":true}],", "modifier")]
    [InlineData("\"final\"", "\"cancelled\"", "status")]
    [InlineData("2024-05-20", "2024-04-20", "stale")]
    [InlineData("\"value\":120", "\"comparator\":\">\",\"value\":120", "comparator")]
    public void A_component_counts_inside_its_panel_and_under_the_panels_status_and_time(string text, string replacement, string cause)
    {
        var panel = Panel.ReplaceLineEndings("\n");
        Assert.Contains(text, panel, StringComparison.Ordinal);

        var negotiation = Negotiate([NeedsSystolic], Patient, panel.Replace(text, replacement, StringComparison.Ordinal));

        Assert.Equal(cause, negotiation.Missing is [var missing] ? missing.Reason.Name : "");
        Assert.Equal(cause.Length == 0 ? "Observation/bp#8480-6" : "", negotiation.Used.GetValueOrDefault("8480-6", ""));
    }

    [Fact]
    public void A_component_is_no_observation_of_its_own_without_component_of() =>
        Assert.Equal("no-match", Assert.Single(Negotiate([NeedsSystolic with { ComponentOf = [] }], Patient, Panel).Missing).Reason.Name);

    [Fact]
    public void Optional_requirements_are_listed_and_never_ask_for_data()
    {
        var negotiation = Negotiate([NeedsCreatinine, NeedsSystolic with { Mandatory = false }], Patient, Creatinine);

        Assert.IsType<Negotiation.Satisfied>(negotiation);
        Assert.False(Assert.Single(negotiation.Missing).Requirement.Mandatory);
    }

    [Theory]
    [InlineData("2160-0", true)]
    [InlineData("14682-9", false)]
    public void Alternative_codes_count_the_same(string also, bool isSatisfied)
    {
        var requirement = new ObservationRequirement { Code = "38483-4", AlsoCodes = [also], Unit = "mg/dL" };

        Assert.Equal(isSatisfied, Negotiate([requirement], Patient, Creatinine) is Negotiation.Satisfied);
    }

    [Theory]
    [InlineData("""[{"system":"http://snomed.info/sct","code":"248234008"}]""", "A")]
    [InlineData("""[{"system":"http://x.example","code":"ok"},{"system":"http://snomed.info/sct","code":"300202002"}]""", "V")]
    [InlineData("""[{"system":"http://snomed.info/sct","code":"1"}]""", null)]
    [InlineData("""[{"code":"248234008"}]""", null)]
    [InlineData("""[{"system":"http://snomed.info/sct","code":"248234008"},{"system":"http://snomed.info/sct","code":"300202002"}]""", null)]
    public void Coded_values_become_the_models_tokens(string codings, string? token)
    {
        var requirement = new ObservationRequirement
        {
            Code = "67775-7",
            AcceptedCodes = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["http://snomed.info/sct|248234008"] = "A",
                ["http://snomed.info/sct|300202002"] = "V",
            },
        };
        var observation = JsonNode.Parse(Creatinine.Replace("2160-0", "67775-7", StringComparison.Ordinal))!;
        observation["resource"]!.AsObject().Remove("valueQuantity");
        observation["resource"]!["valueCodeableConcept"] = new JsonObject { ["coding"] = JsonNode.Parse(codings) };

        var negotiation = Negotiate([requirement], Patient, observation.ToJsonString());

        Assert.Equal(token, (negotiation.Chosen is [{ Value: ChosenValue.Token chosen }]) ? chosen.Text : null);
        Assert.Equal(token is null ? ["no-value"] : [], negotiation.Missing.Select(item => item.Reason.Name));
    }

    [Fact]
    public void The_search_would_find_the_datum()
    {
        var missing = Negotiate([NeedsCreatinine, NeedsSystolic], Patient).Missing.Select(item => item.Search);

        Assert.Equal(
            [
                "Observation?code=http://loinc.org|2160-0&patient=Patient/p1&date=ge2024-03-03T12:00:00Z&_sort=-date&_count=50",
                "Observation?code=http://loinc.org|8480-6,http://loinc.org|85354-9&patient=Patient/p1&date=ge2024-05-02T12:00:00Z&_sort=-date&_count=50",
            ],
            missing);
    }
}
