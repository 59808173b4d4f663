using Lazaret.Fhir.Negotiations;
using static Lazaret.Tests.Fhir.Negotiations.GoodBundle;

namespace Lazaret.Tests.Fhir.Negotiations;

/// <summary>A reading that may be newer than the one that would be used, and says something else, is never passed over in silence.</summary>
public sealed class PossiblyNewerReadingTests
{
    private const string Time = "\"effectiveDateTime\":\"2024-05-20T08:00:00Z\"";
    private const string Unit = "\"system\":\"http://unitsofmeasure.org\",\"code\":\"mg/dL\"";
    private const string Other = "\"code\":\"mg\"";

    /// <summary>The time of the reading that says 1.1, that of one that says 4.1, and the cause; none where the first is used.</summary>
    public static TheoryData<string, string, string> OtherValues() => new()
    {
        // A period that may last still, or ended after the point.
        { Time, Period("2024-05-19T08:00:00Z", null), "conflict" },
        { Time, Period("2024-05-20T06:00:00Z", "2024-05-20T13:00:00Z"), "conflict" },
        { Time, Period("2024-05-20T06:00:00Z", "2024-05-20T08:00:00Z"), "conflict" },
        { Time, Period("2024-05-20T06:00:00Z", "2024-05-20T07:00:00Z"), "" },
        { Period("2024-05-20T08:00:00Z", "2024-05-20T09:00:00Z"), Period("2024-05-20T07:00:00Z", "2024-05-20T08:00:00Z"), "" },
        { Period("2024-05-20T08:00:00Z", null), Period("2024-05-19T08:00:00Z", null), "conflict" },

        // A date's day is somewhere on Earth; those of one bundle are compared as dates.
        { Date("2024-05-20T12:00:00Z"), Date("2024-05-21"), "conflict" },
        { Time, Date("2024-05-20"), "conflict" },
        { Time, Date("2024-05-18"), "" },
        { Date("2024-05-20"), Date("2024-05-20"), "conflict" },
        { Date("2024-05-20"), Date("2024-05-19"), "" },
        { Date("2024-05-20"), Date("2024-05"), "conflict" },
        { Date("2024-05-20"), "\"effectiveDateTime\":\"2024-05-20T20:00:00Z\"", "conflict" },

        // What is only released was true before that; what says nothing may be of any time.
        { Time, "\"issued\":\"2024-05-19T08:00:00Z\"", "" },
        { Time, "\"issued\":\"2024-05-21T08:00:00Z\"", "no-time" },
        { Time, "\"language\":\"en\"", "no-time" },
    };

    [Theory]
    [MemberData(nameof(OtherValues))]
    public void A_reading_that_may_be_newer_and_has_another_value_is_not_passed_over(string time, string otherTime, string cause)
    {
        foreach (var needs in Both())
        {
            var negotiation = Negotiate(needs, At(time), Second(otherTime, "4.1"));

            Assert.Equal(cause, Cause(negotiation));
            Assert.Equal(cause.Length == 0 ? "Observation/o1" : "", negotiation.Used.GetValueOrDefault("2160-0", ""));
            // Both readings of a conflict are listed, and an older one with another value.
            var told = negotiation.Skipped.ToDictionary(item => item.Finding.Source, item => item.Finding.Reason.Name, StringComparer.Ordinal);
            var isTooVague = needs.MaxAge is not null && otherTime.Contains("issued", StringComparison.Ordinal);
            Assert.Equal(isTooVague ? "no-time" : cause.Length == 0 ? "older" : cause, told["Observation/o2"]);
            Assert.Equal(cause switch { "" => null, "conflict" => "conflict", _ => "older" }, told.GetValueOrDefault("Observation/o1"));
        }
    }

    [Theory]
    [MemberData(nameof(OtherValues))]
    public void A_reading_that_may_be_newer_and_cannot_be_used_gives_its_reason(string time, string otherTime, string cause)
    {
        var unusable = Second(otherTime, "4.1").Replace("\"code\":\"mg/dL\"", Other, StringComparison.Ordinal);
        var isOneTime = time == otherTime;

        Assert.Equal(cause.Length == 0 ? "" : isOneTime ? "conflict" : "unit", Cause(Negotiate(NeedsCreatinine, At(time), unusable)));

        var fallback = Negotiate(NeedsCreatinine with { FallsBack = true }, At(time), unusable);
        Assert.Equal(isOneTime ? "" : "Observation/o1", fallback.Used.GetValueOrDefault("2160-0", ""));
        if (!isOneTime)
            Assert.Equal(cause.Length == 0 ? null : "Observation/o2", Assert.Single(fallback.Chosen).InsteadOf?.Source);
    }

    [Theory]
    [MemberData(nameof(OtherValues))]
    public void A_reading_with_the_very_same_value_forbids_nothing(string time, string otherTime, string cause)
    {
        _ = cause;

        Assert.Equal("satisfied", Negotiate(NeedsCreatinine with { MaxAge = null }, At(time), Second(otherTime, "1.10")).Verdict);
    }

    [Theory]
    [InlineData("\"final\"", "\"preliminary\"")]
    [InlineData("http://unitsofmeasure.org\",\"code\":\"mg/dL", "http://unitsofmeasure.org\",\"code\":\"mg")]
    [InlineData("4.1,", "4.1,\"comparator\":\"<\",")]
    [InlineData("4.1", "99")]
    public void Of_one_instant_an_unusable_reading_with_another_value_is_a_conflict_and_one_with_the_same_is_not(string text, string replacement)
    {
        var unusable = Second(Time, "4.1").Replace(text, replacement, StringComparison.Ordinal);
        Assert.NotEqual(Second(Time, "4.1"), unusable);

        Assert.Equal("conflict", Cause(Negotiate(NeedsCreatinine, Creatinine, unusable)));
        Assert.Equal("", Cause(Negotiate(NeedsCreatinine, Creatinine, Second(Time, "1.1").Replace("\"final\"", "\"preliminary\"", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("unit", "2024-05-31T11:30:00Z")]
    [InlineData("stale", "2024-01-01T11:30:00Z")]
    public void Where_none_can_be_used_the_newest_reading_gives_the_reason(string cause, string time)
    {
        var stale = Creatinine.Replace("2024-05-20", "2024-02-20", StringComparison.Ordinal);
        var wrongUnit = Second(Time, "4.1").Replace("2024-05-20T08:00:00Z", time, StringComparison.Ordinal).Replace("\"code\":\"mg/dL\"", Other, StringComparison.Ordinal);

        Assert.Equal(cause, Cause(Negotiate(NeedsCreatinine, stale, wrongUnit)));
    }

    [Theory]
    [InlineData("\"system\":\"urn:oid:2.16.840.1.113883.6.1\",", "under another system, urn:oid:2.16.840.1.113883.6.1;")]
    [InlineData("\"system\":\"2.16.840.1.113883.6.1\",", "under another system, 2.16.840.1.113883.6.1;")]
    [InlineData("\"system\":\"https://loinc.org\",", "under another system, https://loinc.org;")]
    [InlineData("\"system\":\"http://www.LOINC.org/\",", "under another system, http://www.LOINC.org/;")]
    [InlineData("\"system\":\"LOINC\",", "under another system, LOINC;")]
    [InlineData("", "without a system;")]
    public void A_newer_reading_under_another_spelling_of_the_system_is_named(string system, string words)
    {
        var newer = Second("\"effectiveDateTime\":\"2024-05-21T08:00:00Z\"", "4.1").Replace("\"system\":\"http://loinc.org\",", system, StringComparison.Ordinal);

        var missing = Assert.Single(Negotiate(NeedsCreatinine, Creatinine, newer).Missing);
        Assert.Equal(("no-match", "absent"), (missing.Reason.Name, missing.Reason.Reason));
        Assert.Contains(words, missing.Explanation, StringComparison.Ordinal);
        Assert.Equal("Observation/o2", missing.Found!.Source);

        var also = NeedsCreatinine with { Code = "38483-4", AlsoCodes = ["http://loinc.org|2160-0"] };
        Assert.Contains(words, Assert.Single(Negotiate(also, Creatinine, newer).Missing).Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_one_instant_a_reading_with_a_fault_comes_before_one_that_is_recorded_as_absent()
    {
        var absent = Second(Time, "4.1").Replace($"\"valueQuantity\":{{\"value\":4.1,\"unit\":\"mg/dL\",{Unit}}}", "\"dataAbsentReason\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/data-absent-reason\",\"code\":\"asked-unknown\"}]}", StringComparison.Ordinal);
        Assert.Contains("dataAbsentReason", absent, StringComparison.Ordinal);
        var wrongUnit = Creatinine.Replace("\"code\":\"mg/dL\"", Other, StringComparison.Ordinal);

        Assert.Equal("unit", Cause(Negotiate(NeedsCreatinine, absent, wrongUnit)));
        Assert.Equal("unit", Cause(Negotiate(NeedsCreatinine with { AcceptsAbsent = true }, absent, wrongUnit)));
        Assert.Equal("satisfied", Negotiate(NeedsCreatinine with { AcceptsAbsent = true }, absent).Verdict);
    }

    [Fact]
    public void A_refuted_condition_and_an_active_one_of_one_time_contradict_each_other_and_two_active_ones_do_not()
    {
        var needs = new ConditionRequirement { Code = "44054006" };

        Assert.Equal("", Cause(Negotiate(needs, Condition("c1", "confirmed"), Condition("c2", "provisional"))));
        Assert.Equal("conflict", Cause(Negotiate(needs, Condition("c1", "confirmed"), Condition("c2", "refuted"))));
    }

    private static string Condition(string id, string verification) => $$"""
        {"fullUrl":"http://ehr.example.org/fhir/Condition/{{id}}","resource":{"resourceType":"Condition","id":"{{id}}","recordedDate":"2024-05-20","subject":{"reference":"Patient/p1"},
        "verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"{{verification}}"}] },
        "code":{"coding":[{"system":"http://snomed.info/sct","code":"44054006"}] } } }
        """;

    // In both orders of entries, which must not matter.
    private static Negotiation Negotiate(Requirement requirement, string one, string? other = null)
    {
        if (other is null)
            return GoodBundle.Negotiate([requirement], Patient, one);
        var negotiation = GoodBundle.Negotiate([requirement], Patient, one, other);
        var reversed = GoodBundle.Negotiate([requirement], Patient, other, one);
        Assert.Equal((negotiation.Verdict, Cause(negotiation)), (reversed.Verdict, Cause(reversed)));
        return negotiation;
    }

    private static ObservationRequirement[] Both() => [NeedsCreatinine, NeedsCreatinine with { MaxAge = null }];

    private static string Cause(Negotiation negotiation) => negotiation.Missing is [var missing] ? missing.Reason.Name : "";

    private static string At(string time) => Creatinine.Replace(Time, time, StringComparison.Ordinal);

    private static string Second(string time, string value) =>
        At(time).Replace("o1", "o2", StringComparison.Ordinal).Replace("\"value\":1.1", $"\"value\":{value}", StringComparison.Ordinal);

    private static string Date(string date) => $"\"effectiveDateTime\":\"{date}\"";

    private static string Period(string start, string? end) =>
        $"\"effectivePeriod\":{{\"start\":\"{start}\"{(end is null ? "" : $",\"end\":\"{end}\"")}}}";
}
