namespace Lazaret.Fhir.Answers;

/// <summary>
/// The resources in what a client sent, out of bundles, bundles in bundles and other resources, read off the bytes before they are validated:
/// what is not sound it leaves out, for the validator to refuse.
/// </summary>
internal sealed class FoundResources
{
    private const int MaxNesting = 16;

    private readonly List<FoundResource> _all = [];
    private readonly Dictionary<string, FoundResource> _byFullUrl = new(StringComparer.Ordinal);

    public IReadOnlyList<FoundResource> All => _all;

    public FoundResource? ByFullUrl(string url) => _byFullUrl.GetValueOrDefault(url);

    /// <summary>Adds a resource, or a bundle with all of its entries.</summary>
    /// <param name="place">Where it stands.</param>
    public void Add(string place, ReadOnlyMemory<byte> resource) => Add(place, resource, fullUrl: null, nesting: 0);

    private void Add(string place, ReadOnlyMemory<byte> resource, string? fullUrl, int nesting)
    {
        if (!resource.IsObject() || JsonMembers.Find(resource, "resourceType", "id", "entry", "contained") is not [{ } typeName, var id, var entries, var contained]
            || typeName.AsText() is not { } type)
        {
            return;
        }

        if (type == "Bundle" && nesting < MaxNesting)
        {
            Each(entries, (at, entry) =>
            {
                if (JsonMembers.Find(entry, "fullUrl", "resource") is [var url, { } inner])
                    Add($"{place}.entry[{at}].resource", inner, url?.AsText(), nesting + 1);
            });
            return;
        }

        var found = new FoundResource(place, type, id?.AsText(), fullUrl, resource, owner: null);
        _all.Add(found);
        if (fullUrl is not null)
            _byFullUrl.TryAdd(fullUrl, found);
        Each(contained, (at, part) =>
        {
            if (JsonMembers.Find(part, "resourceType", "id") is not [{ } partType, var partId] || partType.AsText() is not { } itsType)
                return;
            var inner = new FoundResource($"{place}.contained[{at}]", itsType, partId?.AsText(), fullUrl, part, found);
            _all.Add(inner);
            found.TypesContained.TryAdd(inner.Id ?? "", itsType);
        });
    }

    private static void Each(ReadOnlyMemory<byte>? list, Action<int, ReadOnlyMemory<byte>> act)
    {
        if (list is not { } items || !items.IsArray())
            return;
        var index = 0;
        JsonMembers.ForEach(items, (_, item) =>
        {
            var at = index++;
            if (item.IsObject())
                act(at, item);
        });
    }
}
