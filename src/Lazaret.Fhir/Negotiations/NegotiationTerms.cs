namespace Lazaret.Fhir.Negotiations;

/// <summary>What a negotiation depends on beside the requirements and the bundle.</summary>
/// <param name="Now">The instant from which ages are counted.</param>
public sealed record NegotiationTerms(DateTimeOffset Now)
{
    /// <summary>How far after <see cref="Now"/> a datum's time may lie: the clocks of two machines disagree.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>The patient who is asked about. Null takes the one patient that the bundle is about.</summary>
    public AskedPatient? Patient { get; init; }

    /// <summary>All that is asked for: what carries the codes of two of them is neither.</summary>
    internal IReadOnlyList<Requirement> Requirements { get; init; } = [];
}
