namespace Lazaret.Fhir.Validation;

/// <summary>
/// The references among the entries of a document (http://hl7.org/fhir/R4/documents.html#bundle): everything in it must be
/// reachable from the Composition, along references in either direction.
/// </summary>
internal sealed class DocumentLinks
{
    private readonly List<(EntryName Name, List<string> References)> _entries = [];

    public void Add(EntryName name, List<string> references) => _entries.Add((name, references));

    /// <summary>The places of the entries that nothing links to the first.</summary>
    public IEnumerable<int> Unreachable()
    {
        var byName = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < _entries.Count; i++)
        {
            if ((_entries[i].Name.FullUrl ?? _entries[i].Name.TypeAndId) is { } name)
                byName.TryAdd(name, i);
        }

        var links = _entries.ConvertAll(_ => new List<int>());
        for (var from = 0; from < _entries.Count; from++)
        {
            foreach (var reference in _entries[from].References)
            {
                if (!byName.TryGetValue(_entries[from].Name.Resolve(WithoutVersion(reference)), out var to))
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

    private static string WithoutVersion(string reference) =>
        reference.IndexOf("/_history/", StringComparison.Ordinal) is > 0 and var version ? reference[..version] : reference;
}
