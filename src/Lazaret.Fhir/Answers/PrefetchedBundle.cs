using System.Globalization;
using Lazaret.Fhir.Bundles;

namespace Lazaret.Fhir.Answers;

/// <summary>A prefetch as one bundle, as UTF-8 JSON.</summary>
/// <param name="Places">Where each of its entries came from: <c>prefetch.8310-5.entry[0]</c>, <c>prefetch.patient</c>.</param>
public sealed record PrefetchedBundle(ReadOnlyMemory<byte> Json, IReadOnlyList<string> Places)
{
    private const string Entry = "Bundle.entry[";
    private const string Resource = ".resource";

    /// <summary>What the prefetch's searchsets lack, and what the servers said in them, with places in the prefetch.</summary>
    public IReadOnlyList<UnreadPart> Unread { get; init; } = [];

    /// <summary>A place in the bundle as one in the prefetch, by the client's own key.</summary>
    public string ToPrefetch(string expression)
    {
        if (!expression.StartsWith("Bundle", StringComparison.Ordinal))
            return expression;
        if (!expression.StartsWith(Entry, StringComparison.Ordinal) || expression.IndexOf(']', Entry.Length) is not (> 0 and var end)
            || !int.TryParse(expression.AsSpan(Entry.Length, end - Entry.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= Places.Count)
        {
            return "prefetch";
        }

        var (place, rest) = (Places[index], expression[(end + 1)..]);
        // What came as a resource has no entry around it there.
        if (!place.EndsWith(']') && rest.StartsWith(Resource, StringComparison.Ordinal))
            rest = rest[Resource.Length..];
        return place + rest;
    }
}
