using System.Text;
using Lazaret.Fhir;
using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Negotiations;

namespace Lazaret.Tests.Fhir.Negotiations;

/// <summary>Whatever names a patient must name the one who was asked about, on the server that was named.</summary>
public sealed class PatientBindingTests
{
    private const string Server = "https://ehr.example/fhir";
    private const string Named = """{"fullUrl":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0","resource":{"resourceType":"Patient","id":"ID"}}""";

    [Theory]
    [InlineData("Patient/p1")]
    [InlineData("Patient/p1/_history/3")]
    [InlineData("https://ehr.example/fhir/Patient/p1")]
    [InlineData("http://EHR.example/fhir/Patient/p1/_history/9")]
    [InlineData("https://ehr.example:443/fhir/Patient/p1")]
    public void The_patient_may_be_named_in_every_way_that_leads_there(string reference)
    {
        foreach (var asked in (string[])["p1", "Patient/p1", $"{Server}/Patient/p1", "Patient/p1/_history/2"])
        {
            Assert.Empty(Strangers(asked, $"{Server}/", Observation(reference)));
            Assert.Empty(Strangers(asked, $"{Server}/", Entry("""{"resourceType":"Patient","id":"p1"}"""), Observation(reference)));
        }
    }

    [Theory]
    [InlineData("Patient/p2", "other-patient")]
    [InlineData("Patient/P1", "other-patient")]
    [InlineData("Patient/p1x/_history/1", "other-patient")]
    [InlineData("https://ehr.example/fhir/Patient/p2", "other-patient")]
    [InlineData("https://other.example/fhir/Patient/p1", "other-patient")]
    [InlineData("https://ehr.example/other/Patient/p1", "other-patient")]
    [InlineData("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", "other-patient")]
    [InlineData("https://ehr.example/fhir/Patient?identifier=p1", "unresolvable-reference")]
    public void Whoever_else_is_named_is_a_stranger(string reference, string cause)
    {
        var refusal = Refuse("p1", Server, Observation(reference))!;

        Assert.Equal((cause, "Bundle.entry[0].resource.subject"), (refusal.Cause, Assert.Single(refusal.Places)));
        Assert.True(refusal.IsOfPatient);
        if (cause == "other-patient")
            Assert.Equal("this is about another patient than context.patientId", refusal.Words);
    }

    [Theory]
    [InlineData("""{"resourceType":"Condition","subject":{"reference":"Patient/p2"}}""")]
    [InlineData("""{"resourceType":"MedicationStatement","status":"active","medicationCodeableConcept":{"text":"t"},"subject":{"reference":"Patient/p2"}}""")]
    [InlineData("""{"resourceType":"AllergyIntolerance","patient":{"reference":"Patient/p2"}}""")]
    [InlineData("""{"resourceType":"Coverage","status":"active","payor":[{"display":"x"}],"beneficiary":{"reference":"Patient/p2"}}""")]
    [InlineData("""{"resourceType":"Task","status":"draft","intent":"order","for":{"reference":"Patient/p2"}}""")]
    [InlineData("""{"resourceType":"ResearchSubject","status":"candidate","study":{"display":"x"},"individual":{"reference":"Patient/p2"}}""")]
    [InlineData("""{"resourceType":"Patient","id":"p2"}""")]
    [InlineData("""{"resourceType":"Patient"}""")]
    [InlineData("""{"resourceType":"Account","status":"active","subject":[{"reference":"Patient/p1"},{"reference":"Patient/p2"}]}""")]
    [InlineData("""{"resourceType":"Observation","status":"final","code":{"text":"t"},"subject":{"reference":"Patient/p1"},"hasMember":[{"reference":"#c"}],"contained":[{"resourceType":"Observation","id":"c","status":"final","code":{"text":"t"},"subject":{"reference":"Patient/p2"}}]}""")]
    [InlineData("""{"resourceType":"Observation","status":"final","code":{"text":"t"},"subject":{"reference":"#c"},"contained":[{"resourceType":"Patient","id":"c"}]}""")]
    [InlineData("""{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Observation","status":"final","code":{"text":"t"},"subject":{"reference":"Patient/p2"}},"search":{"mode":"match"}}]}""")]
    [InlineData("""{"resource\u0054ype":"Observation","status":"final","code":{"text":"t"},"subj\u0065ct":{"reference":"Pati\u0065nt/p2"}}""")]
    public void A_stranger_is_found_wherever_he_stands(string resource) => Assert.Single(Strangers("p1", null, Entry(resource)));

    [Theory]
    [InlineData("""{"resourceType":"Observation","status":"final","code":{"text":"t"},"subject":{"reference":"Group/g"}}""")]
    [InlineData("""{"resourceType":"Observation","status":"final","code":{"text":"t"},"subject":{"reference":"#d"},"contained":[{"resourceType":"Device","id":"d"}]}""")]
    [InlineData("""{"resourceType":"Observation","status":"final","code":{"text":"t"},"subject":{"display":"somebody"},"performer":[{"reference":"Patient/p2"}]}""")]
    [InlineData("""{"resourceType":"Practitioner","id":"p2"}""")]
    [InlineData("""{"resourceType":"Observation","status":"final","code":{"text":"t"}}""")]
    public void What_names_no_other_patient_passes(string resource) =>
        Assert.Empty(Strangers("p1", null, Entry("""{"resourceType":"Patient","id":"p1"}"""), Entry(resource)));

    [Fact]
    public void Two_servers_may_have_the_same_id_for_two_patients()
    {
        const string Patient = """{"resource":{"resourceType":"Patient","id":"p1"}}""";
        string[] both = [Of("http://a.example/fhir"), Of("http://b.example/fhir")];

        // Where the patient's server is not named, the first one that is met is the one.
        Assert.Equal("Bundle.entry[1].resource.subject", Assert.Single(Strangers("p1", null, both)));
        Assert.Equal("Bundle.entry[2].resource.subject", Assert.Single(Strangers("p1", null, [Patient, .. both])));
        Assert.Equal("Bundle.entry[2].resource.subject", Assert.Single(Strangers("p1", "http://a.example/fhir/", [Patient, .. both])));
        Assert.Equal("Bundle.entry[1].resource.subject", Assert.Single(Strangers("http://b.example/fhir/Patient/p1", null, [Patient, .. both])));
        // Without a question, too.
        Assert.Equal("mixed-subjects", Refuse(null, null, [Patient, .. both])!.Cause);
        Assert.Null(Refuse(null, null, Patient, both[0], both[0].Replace("/1", "/2", StringComparison.Ordinal).Replace("\"id\":\"1\"", "\"id\":\"2\"", StringComparison.Ordinal)));

        static string Of(string server) => Observation("Patient/p1").Replace("{\"resource\"", $"{{\"fullUrl\":\"{server}/Observation/1\",\"resource\"", StringComparison.Ordinal)
            .Replace("\"status\"", "\"id\":\"1\",\"status\"", StringComparison.Ordinal);
    }

    [Fact]
    public void A_patient_may_be_the_urn_of_an_entry()
    {
        var (mine, hers) = (Named.Replace("ID", "p1", StringComparison.Ordinal), Named.Replace("ID", "p2", StringComparison.Ordinal));
        var observation = Observation("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0");

        Assert.Empty(Strangers("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", null, mine, observation));
        Assert.Empty(Strangers("p1", Server, mine, observation));
        Assert.Equal(["Bundle.entry[0]", "Bundle.entry[1].resource.subject"], Strangers("p1", Server, hers, observation));
        Assert.NotEmpty(Strangers("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e9", null, mine, observation));
    }

    [Fact]
    public void All_strangers_are_told_at_once_and_how_many_more_there_are()
    {
        var refusal = Refuse("p1", null, [Observation("Patient/p1"), .. Enumerable.Repeat(Observation("Patient/p2"), 5), .. Enumerable.Range(0, 40).Select(id => Observation($"Patient/x{id}"))])!;

        Assert.Equal(("mixed-subjects", Places.Most, 45 - Places.Most), (refusal.Cause, refusal.Places.Count, refusal.More));
        Assert.Equal("Bundle.entry[1].resource.subject", refusal.Place);
        Assert.Equal(Places.Most + 1, refusal.ToIssues().Count());
        Assert.Equal("and 29 more places", refusal.ToIssues().Last().Diagnostics);
    }

    [Theory]
    [InlineData("p1", null, "Patient/p1")]
    [InlineData("http://e.example/fhir/Patient/p1/_history/2", null, "http://e.example/fhir/Patient/p1")]
    [InlineData(null, """{"fullUrl":"http://e.example/fhir/Patient/p1","resource":{"resourceType":"Patient","id":"p1"}}""", "http://e.example/fhir/Patient/p1")]
    [InlineData(null, """{"resource":{"resourceType":"Patient","id":"p1"}}""", "Patient/p1")]
    [InlineData(null, """{"fullUrl":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0","resource":{"resourceType":"Patient","id":"p1"}}""", "Patient/p1")]
    [InlineData(null, """{"fullUrl":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0","resource":{"resourceType":"Patient"}}""", null)]
    [InlineData(null, """{"resource":{"resourceType":"Organization","name":"x"}}""", null)]
    public void The_answer_says_whose_it_is(string? asked, string? entry, string? expected) => Assert.Equal(
        expected, Negotiate(asked, null, entry is null ? [] : [entry]).Patient);

    private static string Observation(string reference) => Entry($$$"""{"resourceType":"Observation","status":"final","code":{"text":"t"},"subject":{"reference":"{{{reference}}}"} }""");

    private static string Entry(string resource) => $"{{\"resource\":{resource}}}";

    private static IReadOnlyList<string> Strangers(string asked, string? server, params string[] entries) => Refuse(asked, server, entries)?.Places ?? [];

    private static Refusal? Refuse(string? asked, string? server, params string[] entries) => Negotiate(asked, server, entries).Refusal;

    private static Negotiation Negotiate(string? asked, string? server, string[] entries)
    {
        var patient = asked is null ? null : AskedPatient.Read(asked, "context.patientId", server);
        var json = $$"""{"resourceType":"Bundle","type":"collection"{{(entries.Length == 0 ? "" : $",\"entry\":[{string.Join(',', entries)}]")}}}""";
        var reading = BundleReader.Read(Encoding.UTF8.GetBytes(json), FhirBudget.Unlimited(), FhirScope.Relevant([]), patient?.Server);
        Assert.Empty((reading as BundleReading.Invalid)?.Issues ?? []);
        return Negotiator.Negotiate([], Assert.IsType<BundleReading.Readable>(reading).Bundle, new NegotiationTerms(GoodBundle.Now) { Patient = patient });
    }
}
