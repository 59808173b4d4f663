using System.Text.Json;

namespace Lazaret.Fhir.Bundles;

/// <summary>
/// The entries of a bundle by identity, and the resolution of references among them
/// (http://hl7.org/fhir/R4/bundle.html#references): a relative reference is read against the base of its own entry's fullUrl.
/// </summary>
internal sealed class EntryIndex
{
    private readonly FhirBudget _budget;

    /// <summary>The identities that are no entry's, each once: a bundle may name one patient a hundred thousand times.</summary>
    private readonly HashSet<string> _outside = new(StringComparer.Ordinal);

    // Null where several entries have the name: a reference to it points at none of them for certain.
    private readonly Dictionary<string, BundleEntry?> _byIdentity = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BundleEntry?> _byTypeAndId = new(StringComparer.Ordinal);

    /// <summary>The server that an entry without a fullUrl belongs to, as found from the entries that refer to it.</summary>
    private readonly Dictionary<BundleEntry, string> _servers = [];

    private readonly string? _server;

    public EntryIndex(IEnumerable<BundleEntry> entries, FhirBudget budget, string? server = null)
    {
        _budget = budget;
        _server = ResourceUrl.ServerOf(server);
        foreach (var entry in entries)
        {
            Add(_byIdentity, entry.Identity, entry);
            if (entry.TypeAndId is { } key)
                Add(_byTypeAndId, key, entry);
        }

        static void Add(Dictionary<string, BundleEntry?> entries, string key, BundleEntry entry)
        {
            if (!entries.TryAdd(key, entry))
                entries[key] = null;
        }
    }

    /// <summary>What a reference inside <paramref name="from"/> points at; null when that cannot be known.</summary>
    public Referenced? Resolve(JsonElement reference, BundleEntry from)
    {
        if (reference.Text("reference") is not { Length: > 0 } text)
            return null;
        _budget.SpendBytes(text.Length + from.Identity.Length);
        if (text[0] == '#')
            return new Referenced(from.Identity + text, from.Contained(text[1..])?.Type ?? reference.Text("type"));
        text = ResourceUrl.WithoutVersion(text);
        var found = IsAbsolute(text) ? ResolveAbsolute(text, from) : ResolveRelative(text, from);
        if (found is not null)
            return new Referenced(found.Identity, found.Type);
        if (!IsAbsolute(text))
        {
            if (from.FullUrl is not null && from.Base is null)
                return null;
            text = from.Base + text;
        }

        if (_outside.TryGetValue(text, out var known))
            text = known;
        else
            _outside.Add(text);
        return new Referenced(text, TypeOf(text) ?? reference.Text("type"));
    }

    /// <summary>The server that an entry without a fullUrl was found to belong to.</summary>
    public string? ServerOf(BundleEntry entry) => _servers.GetValueOrDefault(entry);

    /// <summary>The entry itself, when the bundle holds it.</summary>
    public BundleEntry? Find(Referenced target) => _byIdentity.GetValueOrDefault(target.Identity);

    /// <summary>
    /// Finds an entry by an absolute reference. An entry without a fullUrl matches when the reference names one of the referring entry's own server, and the entry
    /// may belong to that server.
    /// </summary>
    private BundleEntry? ResolveAbsolute(string text, BundleEntry from)
    {
        if (_byIdentity.TryGetValue(text, out var found))
            return found;
        return from.Base is { } root && text.StartsWith(root, StringComparison.Ordinal)
            && _byTypeAndId.GetValueOrDefault(text[root.Length..]) is { FullUrl: null } entry && IsOfServer(entry, root) ? entry : null;
    }

    private BundleEntry? ResolveRelative(string text, BundleEntry from)
    {
        if (from.Base is { } root && _byIdentity.TryGetValue(root + text, out var sibling))
            return sibling;
        if (from.FullUrl is not null && from.Base is null)
            return null;
        // Entries without a fullUrl have no base of their own: Type/id is all that is known about either side.
        return (from, _byTypeAndId.GetValueOrDefault(text)) switch
        {
            ({ FullUrl: null }, { } entry) => entry.Base is null || IsOfServer(from, entry.Base) ? entry : null,
            (_, { FullUrl: null } entry) => IsOfServer(entry, from.Base!) ? entry : null,
            _ => null,
        };
    }

    /// <summary>
    /// An entry without a fullUrl belongs to the server that the bundle came from. If that is unknown, it belongs to the first server whose
    /// entries refer to it: two servers may each have a Patient/1.
    /// </summary>
    private bool IsOfServer(BundleEntry entry, string root)
    {
        var server = ResourceUrl.ServerOf(root)!;
        if (_server is not null)
            return server == _server;
        if (!_servers.TryGetValue(entry, out var known))
            _servers.Add(entry, known = server);
        return server == known;
    }

    public static bool IsAbsolute(string reference) =>
        reference.Contains("://", StringComparison.Ordinal) || reference.StartsWith("urn:", StringComparison.Ordinal);

    private static string? TypeOf(string reference) => reference.Split('/') is [.., var type, _] && type.Length > 0 ? type : null;
}

/// <summary>The target of a reference. <paramref name="Type"/> is null for a URN that the bundle does not hold.</summary>
internal sealed record Referenced(string Identity, string? Type);
