namespace Lazaret.Fhir.Validation;

/// <summary>
/// FullUrls that several entries have, as versions of one resource: a reference to one of them matches more than one entry.
/// Such bundles are rare, so that their references are looked at in a second pass, when the URLs are known.
/// </summary>
internal sealed class SharedUrls
{
    private readonly HashSet<string> _urls = new(StringComparer.Ordinal);

    /// <summary>The URLs are known: this is the second pass.</summary>
    public bool IsComplete { get; private set; }

    public void Add(IEnumerable<string> urls)
    {
        if (!IsComplete)
            _urls.UnionWith(urls);
    }

    public bool Contains(string url) => IsComplete && _urls.Contains(url);

    /// <summary>Ends the first pass. False when there is nothing to look for in a second one.</summary>
    public bool Complete() => IsComplete = _urls.Count > 0;
}
