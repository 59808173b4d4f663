using System.Text;
using Lazaret.Fhir.Answers;

namespace Lazaret.Tests.Fhir.Answers;

/// <summary>The patient asked about is the patient answered about.</summary>
public sealed class PatientBindingTests
{
    private const string Server = "https://ehr.example/fhir";

    [Theory]
    [InlineData("Patient/p1")]
    [InlineData("Patient/p1/_history/3")]
    [InlineData("https://ehr.example/fhir/Patient/p1")]
    [InlineData("http://EHR.example/fhir/Patient/p1/_history/9")]
    [InlineData("https://ehr.example:443/fhir/Patient/p1")]
    public void The_patient_may_be_named_in_every_way_that_leads_there(string reference)
    {
        foreach (var asked in (string[])["p1", "Patient/p1", $"{Server}/Patient/p1"])
            Assert.Empty(Faults(asked, $"{Server}/", Observation(reference)));
    }

    [Theory]
    [InlineData("Patient/p2")]
    [InlineData("Patient/P1")]
    [InlineData("Patient/p1x/_history/1")]
    [InlineData("https://ehr.example/fhir/Patient/p2")]
    [InlineData("https://other.example/fhir/Patient/p1")]
    [InlineData("https://ehr.example/other/Patient/p1")]
    [InlineData("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0")]
    [InlineData("#p1")]
    [InlineData("p1")]
    [InlineData("Patient?identifier=p1")]
    public void Whoever_else_is_named_is_a_stranger(string reference)
    {
        var fault = Assert.Single(Faults("p1", Server, Observation(reference)));
        Assert.Equal("prefetch.a.subject", fault.Expression);
        Assert.Contains("context.patientId", fault.Diagnostics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Observation", "subject")]
    [InlineData("Condition", "subject")]
    [InlineData("MedicationRequest", "subject")]
    [InlineData("AllergyIntolerance", "patient")]
    [InlineData("Coverage", "beneficiary")]
    [InlineData("Task", "for")]
    [InlineData("ResearchSubject", "individual")]
    public void Every_kind_of_resource_is_looked_at(string type, string member) =>
        Assert.Single(Faults("p1", null, $$$"""{"resourceType":"{{{type}}}","{{{member}}}":{"reference":"Patient/p2"}}"""));

    [Theory]
    [InlineData("""{"resourceType":"Patient","id":"p2"}""")]
    [InlineData("""{"resourceType":"Patient"}""")]
    [InlineData("""{"resourceType":"Account","subject":[{"reference":"Patient/p1"},{"reference":"Patient/p2"}]}""")]
    [InlineData("""{"resourceType":"Observation","subject":{"reference":"Patient/p1"},"contained":[{"resourceType":"Observation","id":"c","subject":{"reference":"Patient/p2"}}]}""")]
    [InlineData("""{"resourceType":"Observation","subject":{"reference":"#c"},"contained":[{"resourceType":"Patient","id":"c"}]}""")]
    [InlineData("""{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Observation","subject":{"reference":"Patient/p2"}}}]}}]}""")]
    [InlineData("""{"resourceType":"Bundle","entry":[{"fullUrl":"http://a/fhir/Observation/1","resource":{"resourceType":"Observation","subject":{"reference":"Patient/p1"}}},{"fullUrl":"http://b/fhir/Observation/1","resource":{"resourceType":"Observation","subject":{"reference":"Patient/p1"}}}]}""")]
    [InlineData("""{"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"p2"}}]}""")]
    [InlineData("""{"resource\u0054ype":"Observation","subj\u0065ct":{"reference":"Pati\u0065nt/p2"}}""")]
    public void A_stranger_is_found_wherever_he_stands(string resource) => Assert.Single(Faults("p1", null, resource));

    [Theory]
    [InlineData("""{"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"p1"}},{"fullUrl":"urn:uuid:2","resource":{"resourceType":"Observation","subject":{"reference":"urn:uuid:1"}}}]}""")]
    [InlineData("""{"resourceType":"Observation","subject":{"reference":"Group/g"}}""")]
    [InlineData("""{"resourceType":"Observation","subject":{"reference":"#d"},"contained":[{"resourceType":"Device","id":"d"}]}""")]
    [InlineData("""{"resourceType":"Observation","subject":{"display":"somebody"},"performer":[{"reference":"Patient/p2"}]}""")]
    [InlineData("""{"resourceType":"Practitioner","id":"p2"}""")]
    [InlineData("""{"resourceType":"Observation"}""")]
    [InlineData("7")]
    public void What_names_no_other_patient_passes(string resource) => Assert.Empty(Faults("p1", null, resource));

    private static string Observation(string reference) => $$$"""{"resourceType":"Observation","subject":{"reference":"{{{reference}}}"}}""";

    private static List<Lazaret.Fhir.FhirIssue> Faults(string patient, string? server, string resource)
    {
        var binding = new PatientBinding(patient, "context.patientId", server);
        binding.Add("prefetch.a", Encoding.UTF8.GetBytes(resource));
        return [.. binding.Faults()];
    }
}
