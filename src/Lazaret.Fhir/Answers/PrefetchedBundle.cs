using System.Globalization;

namespace Lazaret.Fhir.Answers;

/// <summary>A prefetch as one bundle, as UTF-8 JSON.</summary>
/// <param name="Places">Where each of its entries came from: <c>prefetch.8310-5.entry[0]</c>, <c>prefetch.patient</c>.</param>
public sealed record PrefetchedBundle(ReadOnlyMemory<byte> Json, IReadOnlyList<string> Places)
{
    private const string Entry = "Bundle.entry[";
    private const string Resource = ".resource";

    /// <summary>An issue of the bundle as one of the prefetch: its place is the client's own.</summary>
    public FhirIssue ToPrefetch(FhirIssue issue)
    {
        if (!issue.Expression.StartsWith(Entry, StringComparison.Ordinal) || issue.Expression.IndexOf(']', Entry.Length) is not (> 0 and var end)
            || !int.TryParse(issue.Expression.AsSpan(Entry.Length, end - Entry.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= Places.Count)
        {
            return issue;
        }

        var (place, rest) = (Places[index], issue.Expression[(end + 1)..]);
        // What came as a resource has no entry around it there.
        if (!place.EndsWith(']') && rest.StartsWith(Resource, StringComparison.Ordinal))
            rest = rest[Resource.Length..];
        return issue with { Expression = place + rest };
    }
}
