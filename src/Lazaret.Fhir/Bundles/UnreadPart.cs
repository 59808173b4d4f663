using System.Text.Json.Serialization;

namespace Lazaret.Fhir.Bundles;

/// <summary>A part of a bundle that was not read.</summary>
/// <param name="Place"><c>Bundle.entry[3].resource</c>.</param>
/// <param name="Why">In words.</param>
public sealed record UnreadPart([property: JsonPropertyName("place")] string Place, [property: JsonPropertyName("why")] string Why)
{
    public FhirIssue ToIssue() => new(IssueSeverity.Warning, "incomplete", Place, $"not read: {Why}");
}
