using System.Text;
using System.Text.Json;
using Lazaret.Fhir.Negotiations;
using static Lazaret.Tests.Fhir.Negotiations.GoodBundle;

namespace Lazaret.Tests.Fhir.Negotiations;

/// <summary>An older reading is never used in silence where a newer one cannot be.</summary>
public sealed class NewerReadingTests
{
    /// <summary>What makes the newer reading unusable, and the cause that is told.</summary>
    public static TheoryData<string, string, string> Faults() => new()
    {
        { "\"code\":\"mg/dL\"", "\"code\":\"mg\"", "unit" },
        { ",\"system\":\"http://unitsofmeasure.org\",\"code\":\"mg/dL\"", "", "unit" },
        { "\"final\"", "\"preliminary\"", "status" },
        { "\"final\"", "\"registered\"", "status" },
        { "\"value\":1.1", "\"value\":99", "implausible" },
        { "\"value\":1.1,", "\"value\":1.1,\"comparator\":\">\",", "comparator" },
        { "\"value\":1.1,", "", "no-value" },
        { "05-21T", "07-21T", "future" },
        { "\"subject\":{\"reference\":\"Patient/p1\"},", "", "no-subject" },
        { "\"status\":", "\"modifierExtension\":[{\"url\":\"http://x.example\",\"valueBoolean\":true}],\"status\":", "modifier" },
        { "\"effectiveDateTime\":\"2024-05-21T08:00:00Z\"", "\"issued\":\"2024-05-21T08:00:00Z\"", "no-time" },
        { "\"effectiveDateTime\":\"2024-05-21T08:00:00Z\"", "\"effectivePeriod\":{\"end\":\"2024-05-21T08:00:00Z\"}", "no-time" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_newer_reading_that_cannot_be_used_gives_its_reason_and_the_older_is_not_used(string text, string replacement, string cause)
    {
        var newer = Newer(text, replacement);

        foreach (var entries in (string[][])[[Patient, Creatinine, newer], [Patient, newer, Creatinine]])
        {
            var missing = Assert.Single(Negotiate([NeedsCreatinine], entries).Missing);
            Assert.Equal(cause, missing.Reason.Name);
            Assert.Equal("Observation/o2", missing.Found!.Source);

            var fallback = Negotiate([NeedsCreatinine with { FallsBack = true }], entries);
            Assert.Equal("Observation/o1", fallback.Used["2160-0"]);
            Assert.Equal("Observation/o2", Assert.Single(fallback.Chosen).InsteadOf!.Source);
            Assert.Equal(cause, Assert.Single(fallback.Skipped).Finding.Reason.Name);
        }
    }

    [Fact]
    public void A_newer_component_of_a_panel_that_is_not_named_is_a_newer_reading()
    {
        var panel = Newer("\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"2160-0\"}]}", "\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"24323-8\"}]}")
            .Replace("\"valueQuantity\":{", "\"component\":[{\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"2160-0\"}]},\"valueQuantity\":{", StringComparison.Ordinal)
            .Replace("}}}", "}}]}}", StringComparison.Ordinal);

        var missing = Assert.Single(Negotiate([NeedsCreatinine], Patient, Creatinine, panel).Missing);
        Assert.Contains("only as a component of 24323-8", missing.Explanation, StringComparison.Ordinal);
        Assert.Equal("Observation/o2#2160-0", missing.Found!.Source);
        Assert.Equal("Observation/o2#2160-0", Negotiate([NeedsCreatinine with { ComponentOf = ["24323-8"] }], Patient, Creatinine, panel).Used["2160-0"]);
    }

    /// <summary>What was never read, is of somebody else, or is not newer, hides nothing; the result lists it all the same.</summary>
    [Theory]
    [InlineData("\"final\"", "\"entered-in-error\"", "status")]
    [InlineData("\"final\"", "\"cancelled\"", "status")]
    [InlineData("\"status\":", "\"focus\":[{\"reference\":\"Patient/fetus\"}],\"status\":", "focus")]
    [InlineData("http://loinc.org", "http://loinc.example", "no-match")]
    [InlineData("\"effectiveDateTime\":\"2024-05-21T08:00:00Z\",", "", "no-time")]
    [InlineData("2024-05-21T08:00:00Z", "2024-01-01", "stale")]
    public void What_hides_nothing_is_skipped_with_its_reason(string text, string replacement, string cause)
    {
        var negotiation = Negotiate([NeedsCreatinine], Patient, Creatinine, Newer(text, replacement));

        Assert.Equal("Observation/o1", negotiation.Used["2160-0"]);
        Assert.Null(Assert.Single(negotiation.Chosen).InsteadOf);
        Assert.Equal((cause, "Observation/o2"), (Assert.Single(negotiation.Skipped).Finding.Reason.Name, Assert.Single(negotiation.Skipped).Finding.Source));
    }

    [Theory]
    [InlineData("2024-05-20T08:00:00Z")]
    [InlineData("2024-05-19T08:00:00Z")]
    public void What_is_as_old_or_older_hides_nothing(string time)
    {
        var older = Newer("\"final\"", "\"preliminary\"").Replace("2024-05-21T08:00:00Z", time, StringComparison.Ordinal);

        Assert.Equal("Observation/o1", Negotiate([NeedsCreatinine], Patient, older, Creatinine).Used["2160-0"]);
    }

    [Fact]
    public void Of_very_many_that_are_skipped_the_newest_are_listed()
    {
        var old = Enumerable.Range(0, 40).Select(i =>
            Creatinine.Replace("o1", $"s{i}", StringComparison.Ordinal).Replace("2024-05-20T08:00:00Z", $"2023-05-20T08:00:{i:00}Z", StringComparison.Ordinal));

        var skipped = Negotiate([NeedsCreatinine], [Patient, Creatinine, .. old]).Skipped;

        Assert.Equal(Enumerable.Range(24, 16).Reverse().Select(i => $"Observation/s{i}"), skipped.Select(item => item.Finding.Source));
    }

    [Theory]
    [InlineData(120, "satisfied")]
    [InlineData(121, "data-required")]
    public void A_clock_that_is_a_little_ahead_is_forgiven(int seconds, string verdict)
    {
        var ahead = Creatinine.Replace("2024-05-20T08:00:00Z", $"{Now.AddSeconds(seconds):yyyy-MM-ddTHH:mm:ssZ}", StringComparison.Ordinal);

        var negotiation = Negotiate([NeedsCreatinine], Patient, ahead);

        Assert.Equal(verdict, negotiation.Verdict);
        if (negotiation is Negotiation.Satisfied satisfied)
            Assert.Contains("\"age_seconds\":0}", Encoding.UTF8.GetString(ModelInput.ToJson("k", "1.0.0", "s", satisfied, Now)), StringComparison.Ordinal);
        else
            Assert.Equal("future", Assert.Single(negotiation.Missing).Reason.Reason);
        Assert.Equal("data-required", Negotiator.Negotiate([NeedsCreatinine], Read(Patient, ahead), new NegotiationTerms(Now) { ClockSkew = TimeSpan.Zero }).Verdict);
    }

    [Fact]
    public void The_basis_tells_each_datum_and_comes_back_as_it_was_written()
    {
        var inGrams = Creatinine.Replace("1.1,\"unit\":\"mg/dL\"", "0.0110", StringComparison.Ordinal).Replace("\"code\":\"mg/dL\"", "\"code\":\"g/L\"", StringComparison.Ordinal);
        var negotiation = Negotiate([NeedsCreatinine with { FallsBack = true }], Patient, inGrams, Newer("\"final\"", "\"preliminary\""));

        var written = NegotiationBasis.Of(new("aki", "1.0.0"), negotiation).Write();

        Assert.Equal(
            """
            {"model":{"key":"aki","version":"1.0.0"},
            "used":[{"code":"2160-0","reference":"Observation/o1","time":"2024-05-20T08:00:00+00:00","value":1.1000,"unit":"mg/dL",
            "converted_from":{"value":0.0110,"unit":"g/L"},
            "instead_of":{"code":"2160-0","reference":"Observation/o2","time":"2024-05-21T08:00:00+00:00","reason":"wrong_status","cause":"status","explanation":"WORDS"}}],
            "skipped":[{"code":"2160-0","reference":"Observation/o2","time":"2024-05-21T08:00:00+00:00","reason":"wrong_status","cause":"status","explanation":"WORDS"}],"patient":"http://ehr.example.org/fhir/Patient/p1"}
            """.Replace("\n", "", StringComparison.Ordinal).Replace("WORDS", MissReason.Of(MissCause.Status).Words, StringComparison.Ordinal),
            Encoding.UTF8.GetString(written));
        Assert.Equal(written, NegotiationBasis.Read(written).Write());
        Assert.Equal(JsonSerializer.Serialize(NegotiationBasis.Read(written)), Encoding.UTF8.GetString(written));
    }

    private static string Newer(string text, string replacement)
    {
        var newer = Creatinine.Replace("o1", "o2", StringComparison.Ordinal).Replace("05-20T", "05-21T", StringComparison.Ordinal);
        Assert.Contains(text, newer, StringComparison.Ordinal);
        return newer.Replace(text, replacement, StringComparison.Ordinal);
    }
}
