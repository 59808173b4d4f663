using Lazaret.Fhir.Negotiations;
using static Lazaret.Tests.Fhir.Negotiations.GoodBundle;

namespace Lazaret.Tests.Fhir.Negotiations;

/// <summary>The patient asked about is the patient answered about.</summary>
public sealed class AskedPatientTests
{
    private const string Nameless = """{"fullUrl":"urn:uuid:11111111-1111-4111-8111-111111111111","resource":{"resourceType":"Patient","id":"p1"}}""";

    [Theory]
    [InlineData("Patient/p1", "satisfied")]
    [InlineData("p1", "satisfied")]
    [InlineData("Patient/p1/_history/2", "satisfied")]
    [InlineData("http://ehr.example.org/fhir/Patient/p1", "satisfied")]
    [InlineData("http://other.example.org/fhir/Patient/p1", "refused")]
    [InlineData("Patient/p2", "refused")]
    [InlineData("Patient/P1", "refused")]
    [InlineData("1", "refused")]
    [InlineData("urn:uuid:11111111-1111-4111-8111-111111111111", "refused")]
    public void A_bundle_is_used_for_the_patient_that_it_is_about(string asked, string verdict)
    {
        var negotiation = Ask(asked, Patient, Creatinine);

        Assert.Equal(verdict, negotiation.Verdict);
        if (verdict == "refused")
            Assert.Equal(("other-patient", "Bundle.entry[0]"), (negotiation.Refusal!.Cause, negotiation.Refusal.Place));
    }

    [Fact]
    public void Without_the_patients_own_entry_the_observations_say_whom_they_are_about()
    {
        var others = Creatinine.Replace("Patient/p1", "Patient/p2", StringComparison.Ordinal);

        Assert.Equal("satisfied", Ask("Patient/p1", Creatinine).Verdict);
        Assert.Equal(("other-patient", "Bundle.entry[0].resource.subject"), Place(Ask("Patient/p1", others)));
        Assert.Equal(("mixed-subjects", "Bundle.entry[1].resource.subject"), Place(Ask("Patient/p1", Patient, others)));
    }

    [Fact]
    public void Observations_of_nobody_are_not_used_for_somebody()
    {
        var ofNobody = Creatinine.Replace("\"subject\":{\"reference\":\"Patient/p1\"},", "", StringComparison.Ordinal);

        Assert.Equal(("no-patient", "Bundle.entry"), Place(Ask("Patient/p1", ofNobody)));
        Assert.Equal("data-required", Ask("Patient/p1", Patient, ofNobody).Verdict);
    }

    [Fact]
    public void A_bundle_without_data_is_asked_for_them() => Assert.Equal(
        "data-required", Ask("Patient/p1", """{"resource":{"resourceType":"Organization","name":"x"}}""").Verdict);

    [Fact]
    public void A_patient_whose_entry_is_a_URN_is_known_by_her_id_too()
    {
        var named = Creatinine.Replace("Patient/p1", "urn:uuid:11111111-1111-4111-8111-111111111111", StringComparison.Ordinal);

        Assert.Equal("satisfied", Ask("Patient/p1", Nameless, named).Verdict);
        Assert.Equal("satisfied", Ask("urn:uuid:11111111-1111-4111-8111-111111111111", Nameless, named).Verdict);
        Assert.Equal("other-patient", Ask("Patient/p2", Nameless, named).Refusal!.Cause);
    }

    /// <summary>The subject, and whether the reference is at fault, which no further datum mends.</summary>
    [Theory]
    [InlineData("\"subject\":{\"reference\":\"Patient/p1\"},", true)]
    [InlineData("\"subject\":{\"display\":\"Mrs Example\"},", false)]
    [InlineData("", false)]
    public void A_reference_that_leads_nowhere_is_a_refusal_with_its_place(string subject, bool isRefused)
    {
        var entry = Creatinine.Replace("http://ehr.example.org/fhir/Observation/o1", "urn:uuid:22222222-2222-4222-8222-222222222222", StringComparison.Ordinal)
            .Replace("\"subject\":{\"reference\":\"Patient/p1\"},", subject, StringComparison.Ordinal);

        var negotiation = Negotiate([NeedsCreatinine], Patient, entry);

        Assert.Equal("no-subject", Assert.Single(negotiation.Missing).Reason.Name);
        Assert.Equal(isRefused ? "Bundle.entry[1].resource.subject" : null, negotiation.Refusal?.Place);
    }

    [Fact]
    public void A_bundle_of_another_type_is_refused_at_its_type() => Assert.Equal(
        ("bundle-type", "Bundle.type"),
        Place(Negotiator.Negotiate([NeedsCreatinine], Read(Patient, Creatinine) with { Type = "history" }, Now)));

    private static (string? Cause, string? Place) Place(Negotiation negotiation) => (negotiation.Refusal?.Cause, negotiation.Refusal?.Place);

    private static Negotiation Ask(string asked, params string[] entries) =>
        Negotiator.Negotiate([NeedsCreatinine], Read(entries), new NegotiationTerms(Now) { Patient = AskedPatient.Read(asked) });
}
