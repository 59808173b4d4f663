using System.Text.Json.Serialization;
using Lazaret.Fhir.Bundles;

namespace Lazaret.Fhir.Negotiations;

/// <summary>What the bundle has for a missing datum, and why that is not used.</summary>
/// <param name="Reference">Where it stands in the bundle.</param>
/// <param name="Value">A number as the bundle has it; null where there is none.</param>
/// <param name="Unit">As the bundle has it.</param>
/// <param name="Time">When it was true, as far as it says.</param>
/// <param name="Why">In words.</param>
public sealed record FoundDatum(
    [property: JsonPropertyName("reference")] string Reference,
    [property: JsonPropertyName("value")] decimal? Value,
    [property: JsonPropertyName("unit")] string? Unit,
    [property: JsonPropertyName("time")] DateTimeOffset? Time,
    [property: JsonPropertyName("why")] string Why)
{
    private const int LongestUnit = 32;

    public static FoundDatum Of(Finding finding) => new(
        finding.Source,
        finding.Value switch
        {
            ObservedValue.Quantity { Number: { } number } => number,
            ObservedValue.Whole whole => whole.Number,
            _ => null,
        },
        (finding.Value as ObservedValue.Quantity)?.Shown is { Length: <= LongestUnit } unit && !unit.Any(char.IsControl) ? unit : null,
        finding.Time,
        finding.Words);
}
