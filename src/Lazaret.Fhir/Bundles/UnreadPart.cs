using System.Text.Json.Serialization;

namespace Lazaret.Fhir.Bundles;

/// <summary>A part of a bundle that was not read.</summary>
/// <param name="Place"><c>Bundle.entry[3].resource</c>.</param>
/// <param name="Why">In words.</param>
public sealed record UnreadPart([property: JsonPropertyName("place")] string Place, [property: JsonPropertyName("why")] string Why)
{
    /// <summary>A server's own words about what it was asked for: they may say that its answer is not whole.</summary>
    internal static UnreadPart Said(string place, string words) => new(place, $"the server says {words}");

    public FhirIssue ToIssue() => new(IssueSeverity.Warning, "incomplete", Place, $"not read: {Why}");
}
