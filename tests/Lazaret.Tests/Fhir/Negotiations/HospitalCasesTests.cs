using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Models;

namespace Lazaret.Tests.Fhir.Negotiations;

/// <summary>What real clients sent, each with the manifest that it is negotiated with and the answer.</summary>
public sealed class HospitalCasesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("n01-degf", "m-temp", "Observation/o", """38.6111111111111 "Cel" from 101.5 "[degF]" """)]
    [InlineData("n03-newer-degf-hides", "m-temp", "Observation/new", """40 "Cel" from 104 "[degF]" """)]
    [InlineData("n05-one-per-min", "m-hr", "Observation/o", """88 "/min" from 88 "1/min" """)]
    [InlineData("n07-gcs-integer", "m-gcs", "Observation/o", """13 "{score}" """)]
    [InlineData("n09-future-1s", "m-temp", "Observation/o", """38.6 "Cel" """)]
    [InlineData("n13-condition-no-verification", "m-dm", "Condition/c", "true")]
    [InlineData("n19-batch-response", "m-temp", "Observation/o", """38.6 "Cel" """)]
    public void A_case_that_suffices_is_used_and_says_from_what(string bundle, string manifest, string source, string value)
    {
        var basis = NegotiationBasis.Of(new("k", "1.0.0"), Assert.IsType<Negotiation.Satisfied>(Negotiate(Load(bundle), Manifest(manifest))));

        var used = Assert.Single(basis.Used);
        Assert.Equal(source, used.Reference);
        var shown = used.Value.GetRawText() + (used.Unit is null ? "" : $" \"{used.Unit}\"")
            + (used.ConvertedFrom is { } from ? $" from {from.Value.ToString(CultureInfo.InvariantCulture)} \"{from.Unit}\"" : "");
        Assert.Equal(value.Trim(), shown);
        Assert.All(basis.Skipped, skipped => Assert.Equal(("Observation/old", "older", null), (skipped.Reference, skipped.Cause, skipped.Reason)));
    }

    /// <summary>The same after an edit of the bundle's or the manifest's text, each with the fine cause; none where it suffices.</summary>
    [Theory]
    [InlineData("n01-degf", "m-temp", "[degF]", "degF", "unit")]
    [InlineData("n01-degf", "m-temp", "101.5", "9", "implausible")]
    [InlineData("n01-degf", "m-temp", "\"final\"", "\"preliminary\"", "status")]
    [InlineData("n03-newer-degf-hides", "m-temp", "\"code\": \"[degF]\"", "\"code\": \"degF\"", "unit")]
    [InlineData("n05-one-per-min", "m-hr", "\"1/min\"", "\"{beats}/min\"", "")]
    [InlineData("n05-one-per-min", "m-hr", "\"1/min\"", "\"bpm\"", "unit")]
    [InlineData("n07-gcs-integer", "m-gcs", "\"valueInteger\": 13", "\"valueQuantity\": {\"value\": 13, \"system\": \"http://unitsofmeasure.org\", \"code\": \"1\"}", "")]
    [InlineData("n07-gcs-integer", "m-gcs", "\"valueInteger\": 13", "\"valueString\": \"13\"", "no-value")]
    [InlineData("n09-future-1s", "m-temp", "12:00:01", "12:02:00", "")]
    [InlineData("n09-future-1s", "m-temp", "12:00:01", "12:10:00", "future")]
    [InlineData("n09-future-1s", "m-temp", "12:00:01Z", "13:00:01+01:00", "")]
    [InlineData("n11-bp-55284-4", "m-sbp", "55284-4", "85354-9", "")]
    [InlineData("n13-condition-no-verification", "m-dm", "\"active\"", "\"resolved\"", "status")]
    [InlineData("n15-condition-icd10", "m-dm", "\"E11.9\"", "\"44054006\"", "no-match")]
    public void A_case_of_the_same_kind_is_judged_alike(string bundle, string manifest, string text, string replacement, string cause)
    {
        var json = Load(bundle);
        Assert.Contains(text, json, StringComparison.Ordinal);

        var negotiation = Negotiate(json.Replace(text, replacement, StringComparison.Ordinal), Manifest(manifest));

        Assert.Equal(cause, negotiation.Missing is [var missing] ? missing.Reason.Name : "");
    }

    [Theory]
    [InlineData("it was found only as a component of 55284-4", "n11-bp-55284-4", "m-sbp", "", "")]
    [InlineData("8331-1 (Oral temperature) was found", "n09-future-1s", "m-temp", "8310-5", "8331-1")]
    [InlineData("the value is a valueInteger", "n07-gcs-integer", "m-temp", "9269-2", "8310-5")]
    [InlineData("the value is a valueString", "n07-gcs-integer", "m-gcs", "\"valueInteger\": 13", "\"valueString\": \"13\"")]
    [InlineData("the code is there under another system", "n09-future-1s", "m-temp", "http://loinc.org", "urn:oid:2.16.840.1.113883.6.1")]
    public void What_comes_near_is_named(string expected, string bundle, string manifest, string text, string replacement)
    {
        var json = Load(bundle);
        if (text.Length > 0)
            json = json.Replace(text, replacement, StringComparison.Ordinal);

        Assert.Contains(expected, Assert.Single(Negotiate(json, Manifest(manifest)).Missing).Explanation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("n11-bp-55284-4", "m-sbp", "component_of: 85354-9", "component_of: [85354-9, 55284-4]", "Observation/bp#8480-6")]
    [InlineData("n15-condition-icd10", "m-dm", "display:", "also_codes: [\"http://hl7.org/fhir/sid/icd-10-cm|E11.9\", \"http://hl7.org/fhir/sid/icd-10|E11.9\"], display:", "Condition/c")]
    [InlineData("n15-condition-icd10", "m-dm", "display:", "also_codes: [\"http://hl7.org/fhir/sid/icd-10|E11.9\"], display:", null)]
    [InlineData("n13-condition-no-verification", "m-dm", "display:", "statuses: [confirmed], display:", null)]
    [InlineData("n15-condition-icd10", "m-dm", "display:", "statuses: [confirmed, resolved], also_codes: [\"http://hl7.org/fhir/sid/icd-10-cm|E11.9\"], display:", null)]
    [InlineData("n15-condition-icd10", "m-dm", "display:", "statuses: [confirmed, active], also_codes: [\"http://hl7.org/fhir/sid/icd-10-cm|E11.9\"], display:", "Condition/c")]
    public void A_manifest_says_what_else_counts(string bundle, string manifest, string text, string replacement, string? source)
    {
        var edited = Manifest(manifest);
        Assert.Contains(text, edited, StringComparison.Ordinal);

        Assert.Equal(source, Negotiate(Load(bundle), edited.Replace(text, replacement, StringComparison.Ordinal)).Used.Values.SingleOrDefault());
    }

    /// <summary>Verification and clinical status as they are written, and whether the condition counts.</summary>
    [Theory]
    [InlineData(null, "active", true)]
    [InlineData(null, "recurrence", true)]
    [InlineData(null, "remission", false)]
    [InlineData(null, "inactive", false)]
    [InlineData("confirmed", null, true)]
    [InlineData("provisional", null, true)]
    [InlineData("refuted", "active", false)]
    [InlineData("entered-in-error", null, false)]
    public void Of_conditions_only_what_is_refuted_a_mistake_or_over_does_not_count(string? verification, string? clinical, bool counts)
    {
        var bundle = JsonNode.Parse(Load("n13-condition-no-verification"))!;
        var condition = bundle["entry"]![1]!["resource"]!.AsObject();
        Set("verificationStatus", "condition-ver-status", verification);
        Set("clinicalStatus", "condition-clinical", clinical);

        Assert.Equal(counts, Negotiate(bundle.ToJsonString(), Manifest("m-dm")) is Negotiation.Satisfied);

        void Set(string name, string system, string? code)
        {
            condition.Remove(name);
            if (code is not null)
                condition[name] = JsonNode.Parse($$"""{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/{{system}}","code":"{{code}}"}]}""");
        }
    }

    [Fact]
    public void A_transaction_is_refused_at_its_type()
    {
        var refused = Assert.IsType<Negotiation.Refused>(Negotiate(Load("n17-transaction"), Manifest("m-temp")));

        Assert.Equal(("bundle-type", "Bundle.type"), (refused.Refusal.Cause, refused.Refusal.Place));
    }

    [Theory]
    [InlineData("\"200 OK\"", "\"403 Forbidden\"", "data-required", "Bundle.entry[0]|Bundle.entry[1]")]
    [InlineData("\"type\": \"searchset\"", "\"type\": \"collection\"", "satisfied", "")]
    [InlineData("\"type\": \"searchset\"", "\"type\": \"batch-response\"", "satisfied", "")]
    [InlineData("\"type\": \"searchset\"", "\"type\": \"transaction-response\"", "data-required", "Bundle.entry[0].resource|Bundle.entry[1].resource")]
    public void The_parts_of_a_batchs_answer_are_read_or_named(string text, string replacement, string verdict, string unread)
    {
        var json = Load("n19-batch-response").Replace(text, replacement, StringComparison.Ordinal);
        if (replacement.Contains("response", StringComparison.Ordinal))
            json = json.Replace("\"fullUrl\"", "\"response\": {\"status\": \"200\"}, \"fullUrl\"", StringComparison.Ordinal);

        var negotiation = Negotiate(json, Manifest("m-temp"));

        Assert.Equal(verdict, negotiation.Verdict);
        Assert.Equal(unread, string.Join('|', negotiation.Unread.Select(part => part.Place)));
    }

    [Fact]
    public void What_two_searches_found_is_one_datum_and_another_patient_in_one_of_them_is_seen()
    {
        var bundle = JsonNode.Parse(Load("n19-batch-response"))!;
        bundle["entry"]!.AsArray().Add(bundle["entry"]![1]!.DeepClone());
        Assert.Equal("satisfied", Negotiate(bundle.ToJsonString(), Manifest("m-temp")).Verdict);

        bundle["entry"]![2]!["resource"]!["entry"]![0]!["resource"]!["subject"]!["reference"] = "Patient/p2";
        var refusal = Negotiate(bundle.ToJsonString(), Manifest("m-temp")).Refusal!;
        Assert.Equal(("mixed-subjects", "Bundle.entry[2].resource.entry[0].resource.subject"), (refusal.Cause, refusal.Place));
    }

    [Fact]
    public void A_bundle_inside_a_collection_is_read_too()
    {
        var inner = JsonNode.Parse(Load("n09-future-1s"))!;
        var outer = new JsonObject { ["resourceType"] = "Bundle", ["type"] = "collection", ["entry"] = new JsonArray(new JsonObject { ["resource"] = inner }) };

        Assert.Equal("Observation/o", Negotiate(outer.ToJsonString(), Manifest("m-temp")).Used["8310-5"]);
    }

    [Theory]
    [InlineData("n01-degf", "m-temp", "101.5", "999", "What is the body temperature in degrees Celsius, measured within the last 12 hours?")]
    [InlineData("n09-future-1s", "m-temp", "12:00:01", "14:00:00", "The body temperature on record is dated 2026-11-26 14:00 UTC, which is in the future. Can its time be corrected?")]
    [InlineData("n07-gcs-integer", "m-gcs", "\"valueInteger\": 13", "\"valueString\": \"13\"", "What is the Glasgow coma score total, as a number, measured within the last 12 hours?")]
    [InlineData("n05-one-per-min", "m-hr", "1/min", "x", "What is the heart rate per minute, measured within the last 12 hours?")]
    [InlineData("n15-condition-icd10", "m-dm", "E11.9", "E10.9", "Does the patient have type 2 diabetes?")]
    public void A_person_can_be_asked(string bundle, string manifest, string text, string replacement, string ask) => Assert.Equal(
        ask, Assert.Single(Negotiate(Load(bundle).Replace(text, replacement, StringComparison.Ordinal), Manifest(manifest)).Missing).Ask);

    [Fact]
    public void What_was_found_is_told_with_its_value_unit_time_and_why_it_is_not_used()
    {
        var missing = Assert.Single(Negotiate(Load("n01-degf").Replace("\"[degF]\"", "\"degF\"", StringComparison.Ordinal), Manifest("m-temp")).Missing);

        Assert.Equal(
            $$"""{"reference":"Observation/o","value":101.5,"unit":"degF","time":"2026-11-26T11:30:00+00:00","why":"{{MissReason.Of(MissCause.Unit).Words.Replace("'", "\\u0027", StringComparison.Ordinal)}}"}""",
            JsonSerializer.Serialize(FoundDatum.Of(missing.Found!)));
    }

    /// <summary>An answer that is no or unknown counts once it is recorded, where the model takes it as missing, and for as long as it is fresh.</summary>
    [Theory]
    [InlineData(true, "11:30", "satisfied")]
    [InlineData(false, "11:30", "data-required")]
    [InlineData(true, "13:00", "data-required")]
    public void Asked_and_not_known_is_not_asked_again(bool accepts, string time, string verdict)
    {
        var bundle = JsonNode.Parse(Load("n09-future-1s"))!;
        var observation = bundle["entry"]![1]!["resource"]!.AsObject();
        observation.Remove("valueQuantity");
        observation["dataAbsentReason"] = JsonNode.Parse("""{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/data-absent-reason","code":"asked-unknown"}]}""");
        observation["effectiveDateTime"] = $"2026-11-26T{time}:00Z";

        var negotiation = Negotiate(bundle.ToJsonString(), accepts ? Manifest("m-temp").Replace("max_age", "accept_absent: true, max_age", StringComparison.Ordinal) : Manifest("m-temp"));

        Assert.Equal(verdict, negotiation.Verdict);
        if (negotiation is not Negotiation.Satisfied)
            return;
        Assert.Empty(negotiation.Chosen);
        Assert.Equal("recorded-absent", Assert.Single(negotiation.Skipped).Finding.Reason.Name);
    }

    [Theory]
    [InlineData("answers: {A: alert}", "answers A: accepted_codes has no such token")]
    [InlineData("fallback: newer", "fallback: must be one of none, older")]
    [InlineData("accept_absent: perhaps", "accept_absent: must be true or false")]
    [InlineData("also_codes: [\"no system|x\"]", "also_codes no system|x: the system is not an absolute URI")]
    [InlineData("also_codes: [\"http://loinc.org|8310-6\"]", "also_codes 8310-6 is no LOINC code")]
    [InlineData("component_of: [85354-8]", "component_of 85354-8 is no LOINC code")]
    [InlineData("asks: x", "asks: no such member")]
    public void A_manifest_with_a_fault_is_refused_by_its_name(string member, string fault) => Assert.Contains(
        fault,
        Assert.Throws<Lazaret.Node.InputException>(() => ManifestReader.Read(Manifest("m-temp").Replace("display:", $"{member}, display:", StringComparison.Ordinal), "m.yaml")).Message,
        StringComparison.Ordinal);

    private static Negotiation Negotiate(string bundle, string manifest)
    {
        var reading = BundleReader.Read(Encoding.UTF8.GetBytes(bundle));
        Assert.Empty((reading as BundleReading.Invalid)?.Issues ?? []);
        return Negotiator.Negotiate(ManifestReader.Read(manifest, "m.yaml").Requirements, Assert.IsType<BundleReading.Readable>(reading).Bundle, Now);
    }

    private static string Load(string name) => File.ReadAllText(Data($"{name}.json"));

    private static string Manifest(string name) => File.ReadAllText(Data($"{name}.yaml"));

    private static string Data(string name) => Path.Combine(AppContext.BaseDirectory, "Fhir", "Negotiations", "data", "cases", name);
}
