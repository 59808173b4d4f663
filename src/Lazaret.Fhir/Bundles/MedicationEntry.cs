namespace Lazaret.Fhir.Bundles;

/// <summary>A MedicationRequest or MedicationStatement.</summary>
public sealed record MedicationEntry : ClinicalEntry
{
    public required string Status { get; init; }

    /// <summary>An order that was really placed, or a statement of use; not a proposal or plan, and not doNotPerform.</summary>
    public required bool IsTaken { get; init; }
}
