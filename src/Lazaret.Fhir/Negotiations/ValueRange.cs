namespace Lazaret.Fhir.Negotiations;

/// <summary>The plausible values of an observation, in its unit, both ends included.</summary>
public readonly record struct ValueRange(decimal Minimum, decimal Maximum)
{
    public bool Contains(decimal value) => Minimum <= value && value <= Maximum;
}
