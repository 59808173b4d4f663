using System.Buffers.Text;
using Lazaret.Fhir.Json;

namespace Lazaret.Fhir.Bundles;

/// <summary>What a search found beyond the page that was sent: a searchset says so by its links and its total.</summary>
internal static class SearchRest
{
    /// <param name="place">The searchset's.</param>
    /// <param name="links">Its <c>link</c>, as it came.</param>
    /// <param name="total">Its <c>total</c>, as it came.</param>
    /// <param name="matches">How many of its entries are what was searched for.</param>
    public static IEnumerable<UnreadPart> Of(string place, ReadOnlyMemory<byte>? links, ReadOnlyMemory<byte>? total, int matches)
    {
        var others = new List<UnreadPart>();
        if (links is { } list && list.IsArray())
        {
            var index = 0;
            JsonMembers.ForEach(list, (_, link) =>
            {
                var at = index++;
                if (others.Count == 0 && link.IsObject() && JsonMembers.Find(link, "relation") is [{ } relation] && relation.AsText() is "next" or "previous" or "prev")
                    others.Add(new($"{place}.link[{at}]", "more pages: the search found more than this page holds, and links are not followed"));
            });
        }

        if (total is { } number && Utf8Parser.TryParse(number.Span, out long found, out var read) && read == number.Length && found > matches)
            others.Add(new($"{place}.total", $"more pages: the search found {found}, and {matches} were sent"));
        return others;
    }

    /// <summary>Whether an entry with this <c>search</c> is what was searched for: not what goes along with it, and no word of the server's.</summary>
    public static bool IsMatch(ReadOnlyMemory<byte>? search) =>
        search is not { } how || !how.IsObject() || JsonMembers.Find(how, "mode") is not [{ } mode] || mode.AsText() is not ("include" or "outcome");
}
