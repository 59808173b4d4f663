namespace Lazaret.Fhir.Negotiations;

/// <summary>A medicine that the patient is on: an active order or statement.</summary>
public sealed record MedicationRequirement : Requirement
{
    /// <summary>RxNorm, unless said otherwise.</summary>
    public override string System { get; init; } = "http://www.nlm.nih.gov/research/umls/rxnorm";
}
