namespace Lazaret.Fhir.Bundles;

/// <summary>An Observation.</summary>
public sealed record ObservationEntry : ClinicalEntry
{
    public required string Status { get; init; }

    /// <summary>It is about something other than its subject: a fetus, an implant, a relative.</summary>
    public required bool HasForeignFocus { get; init; }

    /// <summary>Null when there is none.</summary>
    public required ObservedValue? Value { get; init; }

    public required IReadOnlyList<ObservationPart> Components { get; init; }
}

/// <summary>One component of a panel, with its own value or absence.</summary>
public sealed record ObservationPart(IReadOnlyList<Coding> Codes, ObservedValue? Value, bool HasModifier);
