namespace Lazaret.Fhir.Validation;

/// <summary>
/// What references in bundles need to know, and only a bundle's end tells: which fullUrls several entries have, and which type
/// an entry has. Bundles in which that makes a reference wrong are rare, so that references are not kept until then: where one is
/// wrong or may be, a second pass over the bytes finds its place.
/// </summary>
internal sealed class BundleTargets
{
    private readonly HashSet<string> _shared = new(StringComparer.Ordinal);
    private readonly Dictionary<int, EntryUrls> _entries = [];
    private int _bundles;

    /// <summary>Everything is known.</summary>
    public bool IsSecondPass { get; private set; }

    /// <summary>What the second pass found.</summary>
    public List<FhirIssue> Findings { get; } = [];

    /// <summary>The next bundle's number: the same in both passes.</summary>
    public int Enter() => _bundles++;

    /// <summary>FullUrls that several entries have, as versions of one resource: a reference to one matches more than one entry.</summary>
    public void Share(IEnumerable<string> urls) => _shared.UnionWith(urls);

    public bool IsShared(string url) => _shared.Contains(url);

    /// <summary>A reference of the bundle points at an entry of another type than it may.</summary>
    public void LookAgain(int bundle, EntryUrls entries) => _entries.Add(bundle, entries);

    /// <summary>All entries of the bundle; null in the first pass, and when no reference to one of them is wrong.</summary>
    public EntryUrls? EntriesOf(int bundle) => IsSecondPass ? _entries.GetValueOrDefault(bundle) : null;

    /// <summary>Ends the first pass. False when there is nothing to look for in a second one.</summary>
    public bool BeginSecondPass()
    {
        _bundles = 0;
        return IsSecondPass = _shared.Count > 0 || _entries.Count > 0;
    }
}
