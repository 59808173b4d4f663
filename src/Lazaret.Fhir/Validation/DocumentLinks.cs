namespace Lazaret.Fhir.Validation;

/// <summary>
/// The references among the entries of a document (http://hl7.org/fhir/R4/documents.html#bundle): everything in it must be
/// reachable from the Composition, along references in either direction.
/// </summary>
internal sealed class DocumentLinks
{
    private readonly List<Entry> _entries = [];

    /// <param name="typeAndId">Null without an id.</param>
    public void Add(string? fullUrl, string? typeAndId, List<string> references) => _entries.Add(new Entry(fullUrl, typeAndId, references));

    /// <summary>The places of the entries that nothing links to the first.</summary>
    public IEnumerable<int> Unreachable()
    {
        var byName = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < _entries.Count; i++)
        {
            if ((_entries[i].FullUrl ?? _entries[i].TypeAndId) is { } name)
                byName.TryAdd(name, i);
        }

        var links = _entries.ConvertAll(_ => new List<int>());
        for (var from = 0; from < _entries.Count; from++)
        {
            foreach (var reference in _entries[from].References)
            {
                if (!byName.TryGetValue(_entries[from].Resolve(reference), out var to))
                    continue;
                links[from].Add(to);
                links[to].Add(from);
            }
        }

        var reached = new bool[_entries.Count];
        var open = new Stack<int>([0]);
        reached[0] = true;
        while (open.TryPop(out var entry))
        {
            foreach (var next in links[entry].Where(next => !reached[next]))
            {
                reached[next] = true;
                open.Push(next);
            }
        }

        return Enumerable.Range(0, reached.Length).Where(entry => !reached[entry]);
    }

    private sealed record Entry(string? FullUrl, string? TypeAndId, List<string> References)
    {
        /// <summary>A relative reference is read against the base of the entry's own fullUrl.</summary>
        public string Resolve(string reference)
        {
            if (reference.IndexOf("/_history/", StringComparison.Ordinal) is > 0 and var version)
                reference = reference[..version];
            var isRestful = FullUrl is not null && TypeAndId is not null && FullUrl.EndsWith("/" + TypeAndId, StringComparison.Ordinal);
            return isRestful && !reference.Contains(':', StringComparison.Ordinal) ? FullUrl![..^TypeAndId!.Length] + reference : reference;
        }
    }
}
