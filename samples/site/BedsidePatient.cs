namespace Lazaret.SampleSite;

/// <summary>A synthetic patient and one set of bedside observations.</summary>
public sealed record BedsidePatient
{
    /// <summary>The id of the Patient resource, and the start of the ids of its observations.</summary>
    public required string Id { get; init; }

    /// <summary>As FHIR's administrative gender.</summary>
    public required string Gender { get; init; }

    public required DateOnly BirthDate { get; init; }

    /// <summary>Breaths a minute.</summary>
    public required decimal Respiration { get; init; }

    /// <summary>Percent.</summary>
    public required decimal OxygenSaturation { get; init; }

    /// <summary>L/min of supplemental oxygen; 0 on air.</summary>
    public required decimal OxygenFlow { get; init; }

    /// <summary>mm[Hg].</summary>
    public required decimal Systolic { get; init; }

    /// <summary>mm[Hg].</summary>
    public required decimal Diastolic { get; init; }

    /// <summary>Beats a minute.</summary>
    public required decimal Pulse { get; init; }

    /// <summary>Degrees Celsius.</summary>
    public required decimal Temperature { get; init; }

    public required Acvpu Consciousness { get; init; }
}

/// <summary>Alert, (new) confusion, responds to voice, to pain, unresponsive.</summary>
public enum Acvpu
{
    Alert,
    NewConfusion,
    Voice,
    Pain,
    Unresponsive,
}
