namespace Lazaret.Fhir.Negotiations;

/// <summary>What a negotiation depends on beside the requirements and the bundle.</summary>
/// <param name="Now">The instant from which ages are counted.</param>
public sealed record NegotiationTerms(DateTimeOffset Now)
{
    /// <summary>How far after <see cref="Now"/> a datum's time may lie: the clocks of two machines disagree.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>
    /// The patient that is asked about: <c>Patient/123</c>, <c>123</c>, or the URL or URN of the patient's entry. A bundle about somebody
    /// else is refused then, and one that does not say whom it is about. Null takes the one patient that the bundle is about.
    /// </summary>
    public string? Patient { get; init; }
}
