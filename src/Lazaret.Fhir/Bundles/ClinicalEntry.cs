namespace Lazaret.Fhir.Bundles;

/// <summary>A resource that may answer a requirement.</summary>
public abstract record ClinicalEntry
{
    /// <summary>What to call it: <c>Observation/o1</c>, the fullUrl of a URN entry, or <c>Bundle.entry[3]</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The identity of the patient it is about; null when it names none that can be resolved.</summary>
    public required string? Patient { get; init; }

    /// <summary>Where it names its patient by a reference that cannot be resolved; null when it does not.</summary>
    public string? UnresolvedSubject { get; init; }

    public required IReadOnlyList<Coding> Codes { get; init; }

    /// <summary>When it was true of the patient; null when it does not say.</summary>
    public required PossibleTime? Time { get; init; }

    /// <summary>When it was released or recorded, where <see cref="Time"/> says nothing. It is never an age; it only shows that one is newer.</summary>
    public DateTimeOffset? Issued { get; init; }

    /// <summary>It carries implicitRules, a modifierExtension, or stands in an entry with one: its content must not be used.</summary>
    public required bool HasModifier { get; init; }

    /// <summary>It lives inside another resource, under whose status it stands.</summary>
    public required bool IsContained { get; init; }

    /// <summary>The bundle holds another version of it that says something else, and which of them is the newer cannot be told.</summary>
    public bool IsDisputed { get; init; }
}
