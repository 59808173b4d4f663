using Lazaret.Fhir.Negotiations;
using static Lazaret.Tests.Fhir.Negotiations.GoodBundle;

namespace Lazaret.Tests.Fhir.Negotiations;

/// <summary>Which conditions and orders of medications count.</summary>
public sealed class ConditionAndMedicationTests
{
    [Theory]
    [InlineData("active", "confirmed", "")]
    [InlineData("relapse", "confirmed", "")]
    [InlineData("resolved", "confirmed", "status")]
    [InlineData("active", "refuted", "status")]
    [InlineData("active", "provisional", "")]
    public void A_condition_must_be_active_and_neither_refuted_nor_a_mistake(string clinical, string verification, string cause)
    {
        var condition = $$$$"""
            {"resource":{"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/p1"},"recordedDate":"2020-01-01",
            "clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"{{{{clinical}}}}"}]},
            "verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"{{{{verification}}}}"}]},
            "code":{"coding":[{"system":"http://snomed.info/sct","code":"44054006"}]}}}
            """;

        var negotiation = Negotiate([new ConditionRequirement { Code = "44054006" }], Patient, condition);

        Assert.Equal(cause, negotiation.Missing is [var missing] ? missing.Reason.Name : "");
    }

    [Theory]
    [InlineData("active", "order", "")]
    [InlineData("stopped", "order", "status")]
    [InlineData("active", "proposal", "status")]
    public void A_medication_must_be_an_active_order_and_may_be_referenced(string status, string intent, string cause)
    {
        var order = $$$$"""
            {"fullUrl":"http://ehr.example.org/fhir/MedicationRequest/m1","resource":{"resourceType":"MedicationRequest","id":"m1","status":"{{{{status}}}}",
            "intent":"{{{{intent}}}}","subject":{"reference":"Patient/p1"},"medicationReference":{"reference":"Medication/x"}}}
            """;
        const string medication = """
            {"fullUrl":"http://ehr.example.org/fhir/Medication/x","resource":{"resourceType":"Medication","id":"x",
            "code":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"860975"}]}}}
            """;

        var negotiation = Negotiate([new MedicationRequirement { Code = "860975" }], Patient, order, medication);

        Assert.Equal(cause, negotiation.Missing is [var missing] ? missing.Reason.Name : "");
        Assert.Equal(cause.Length == 0 ? "MedicationRequest/m1" : "", negotiation.Used.GetValueOrDefault("860975", ""));
    }
}
