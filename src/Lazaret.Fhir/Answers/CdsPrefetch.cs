using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Json;

namespace Lazaret.Fhir.Answers;

/// <summary>What a client sent along with a call of a CDS service: by key a resource, a searchset bundle, null, or an OperationOutcome that says why not.</summary>
public sealed class CdsPrefetch
{
    /// <summary>Many times what a model may ask for.</summary>
    private const int MaxItems = 1024;

    private static readonly ReadOnlyMemory<byte> NoEntries = "[]"u8.ToArray();

    private readonly OrderedDictionary<string, ReadOnlyMemory<byte>> _items = new(StringComparer.Ordinal);

    private CdsPrefetch()
    {
    }

    /// <summary>Null when it is no object, has a key twice, or more of them than any model asks for.</summary>
    internal static CdsPrefetch? Read(ReadOnlyMemory<byte> json)
    {
        if (!json.IsObject())
            return null;
        var prefetch = new CdsPrefetch();
        var sound = true;
        JsonMembers.ForEach(json, (name, item) =>
            sound = sound && prefetch._items.Count < MaxItems && name.AsText() is { } key && prefetch._items.TryAdd(key, item));
        return sound ? prefetch : null;
    }

    /// <summary>The place of what came under this key.</summary>
    public static string PlaceOf(string key) => $"prefetch.{key}";

    /// <summary>The client's own account of why there is nothing under this key; null when something is.</summary>
    public string? WhyNothing(string key)
    {
        if (!_items.TryGetValue(key, out var item))
            return "was not sent";
        if (item.IsNull())
            return "was sent as null: the client found nothing, or did not look";
        if (TypeOf(item) == "OperationOutcome")
            return $"is an OperationOutcome of the client's: {ServerWords.Of(item)}";
        if (TypeOf(item) != "Bundle" || Entries(item) is not { Count: var count } entries)
            return null;
        var outcomes = entries.Where(IsOutcome).ToList();
        return outcomes.Count < count ? null
            : count == 0 ? "is a bundle without entries: the client's server found nothing"
            : $"is a bundle that holds an OperationOutcome of the client's alone: {ServerWords.Of([.. outcomes.Select(ResourceOf)])}";
    }

    /// <summary>The keys under which the client sent an OperationOutcome in place of data.</summary>
    public IEnumerable<string> Refused => _items.Where(item => TypeOf(item.Value) == "OperationOutcome").Select(item => item.Key);

    /// <summary>
    /// The prefetched resources and searchset bundles as one collection bundle, for the validator and the negotiation. An entry
    /// that two searches found is there once; what changes the meaning of a bundle or an entry goes with it. What is no bundle
    /// is copied as a resource, so that the validator says what is wrong with it. Null and OperationOutcomes are no data, and are left out; what a searchset lacks, and
    /// what the server said in it, is told as unread.
    /// </summary>
    public PrefetchedBundle ToBundle()
    {
        var unread = new UnreadParts();
        using var writer = new PrefetchedBundleWriter(_items.Values.Sum(item => item.Length) + (64 * (_items.Count + 2)));
        foreach (var (key, item) in _items)
        {
            var place = PlaceOf(key);
            if (item.IsNull() || TypeOf(item) == "OperationOutcome")
                continue;
            // Any other bundle goes along whole: what its entries say depends on its type, or they may never have been true at all.
            if (JsonMembers.Find(item, "resourceType", "type", "implicitRules", "entry", "link", "total") is not [{ } type, var kind, var rules, var entries, var links, var total] || type.AsText() != "Bundle"
                || kind?.AsText() is not (null or "searchset" or "collection" or "document"))
            {
                writer.AddResource(place, item);
                continue;
            }

            writer.AddRules(rules);
            var (index, matches) = (0, 0);
            JsonMembers.ForEach(entries is { } list && list.IsArray() ? list : NoEntries, (_, entry) =>
            {
                var at = $"{place}.entry[{index++}]";
                if (IsOutcome(entry))
                {
                    unread.Add(UnreadPart.Said(at, ServerWords.Of(ResourceOf(entry))));
                    return;
                }

                matches += !entry.IsObject() || JsonMembers.Find(entry, "search") is not [{ } search] || SearchRest.IsMatch(search) ? 1 : 0;
                if (entry.IsObject() && JsonMembers.Find(entry, "resource") is not [null])
                    writer.AddEntry(at, entry);
            });
            foreach (var rest in SearchRest.Of(place, links, total, matches))
                unread.Add(rest);
        }

        return writer.End() with { Unread = unread.List("prefetch") };
    }

    private static bool IsOutcome(ReadOnlyMemory<byte> entry) =>
        entry.IsObject() && JsonMembers.Find(entry, "resource") is [{ } resource] && TypeOf(resource) == "OperationOutcome";

    private static ReadOnlyMemory<byte> ResourceOf(ReadOnlyMemory<byte> outcome) => JsonMembers.Find(outcome, "resource")![0]!.Value;

    private static List<ReadOnlyMemory<byte>>? Entries(ReadOnlyMemory<byte> bundle)
    {
        var found = new List<ReadOnlyMemory<byte>>();
        if (JsonMembers.Find(bundle, "entry") is not [var entries])
            return null;
        if (entries is { } list && list.IsArray())
            JsonMembers.ForEach(list, (_, entry) => found.Add(entry));
        return found;
    }

    private static string? TypeOf(ReadOnlyMemory<byte> item) =>
        item.IsObject() && JsonMembers.Find(item, "resourceType") is [{ } type] ? type.AsText() : null;
}
