namespace Lazaret.Fhir.Bundles;

/// <summary>The part of a bundle that a negotiation looks at. References are already resolved to identities.</summary>
public sealed record FhirBundle
{
    /// <summary>The types of bundles that hold data about the patient as they are now. Of a batch-response only what its searches found counts.</summary>
    internal static readonly string[] DataTypes = ["collection", "document", "searchset", "batch-response"];

    /// <summary>The code of <c>Bundle.type</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The bundle or its Patient carries implicitRules or a modifierExtension, which may reverse the meaning of anything in it.</summary>
    public required bool HasModifier { get; init; }

    /// <summary>
    /// The distinct patients: Patient entries, and every patient that a resource names as its subject.
    /// </summary>
    public required IReadOnlyList<BundlePatient> Patients { get; init; }

    /// <summary>Where a resource names its patient by a reference that cannot be resolved.</summary>
    public Places UnresolvedSubjects { get; init; } = new();

    /// <summary>Where a Patient says that its record is out of use, or that another has taken its place: R4's modifier elements.</summary>
    public Places InactivePatients { get; init; } = new();

    /// <summary>Parts that were not read, and why: an inner bundle of a type that is not read, or a search that the server did not answer completely.</summary>
    public IReadOnlyList<UnreadPart> Unread { get; init; } = [];

    /// <summary>Observations, conditions and medications in the bundle's order, contained ones too.</summary>
    public required IReadOnlyList<ClinicalEntry> Entries { get; init; }
}
