namespace Lazaret.Fhir.Bundles;

/// <summary>A MedicationRequest or MedicationStatement.</summary>
public sealed record MedicationEntry : ClinicalEntry
{
    public required string Status { get; init; }

    /// <summary>An order that was really placed, or a statement of use; not a proposal or plan.</summary>
    public required bool IsTaken { get; init; }

    /// <summary>It says that the medicine must not be taken (doNotPerform).</summary>
    public required bool Forbids { get; init; }
}
