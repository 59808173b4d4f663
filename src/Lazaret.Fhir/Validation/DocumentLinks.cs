using Lazaret.Fhir.Definitions;

namespace Lazaret.Fhir.Validation;

/// <summary>
/// What belongs into a document (http://hl7.org/fhir/R4/documents.html#content): the resources that its Composition names in certain
/// places must be there, and nothing else may be than what is reached from the Composition along references, a stylesheet, and
/// Provenances of what is there.
/// </summary>
internal sealed class DocumentLinks
{
    private static readonly HashSet<int> Required = [.. Elements(
        ("Composition", ["subject", "encounter", "author", "custodian"]),
        ("Composition.attester", ["party"]),
        ("Composition.event", ["detail"]),
        ("Composition.section", ["author", "focus", "entry"]))];

    private static readonly int ProvenanceTarget = Elements(("Provenance", ["target"])).Single();

    private readonly List<(EntryName Name, List<Link> Links)> _entries = [];
    private List<Link> _links = [];

    /// <summary>Takes note of what an entry's resource points at, by references, URIs and its narratives.</summary>
    public void Add(NodeTape tape, int root, FhirBudget budget)
    {
        for (var node = root; node < tape[root].End; node++)
        {
            budget.Spend();
            if (!tape[node].HasValue)
                continue;
            if (tape[node].Element == R4.Definitions.ReferenceReference.Number)
                AddReference(tape, root, node);
            else if ((PrimitiveKind)(-1 - tape[node].Type) is PrimitiveKind.Uri or PrimitiveKind.Url or PrimitiveKind.Canonical
                && tape[node].Element != R4.Definitions.ExtensionUrl.Number)
                _links.Add(new Link(tape.Text(node)!));
            else if ((PrimitiveKind)(-1 - tape[node].Type) is PrimitiveKind.Xhtml)
                AddNarrative(tape.Bytes(node), budget);
        }
    }

    public void EndEntry(EntryName name)
    {
        _entries.Add((name, _links));
        _links = [];
    }

    /// <summary>The faults, with their places below the bundle.</summary>
    /// <param name="stylesheet">The URL of the Bundle's link to one.</param>
    public IEnumerable<(string Path, string Words)> Faults(string? stylesheet, FhirBudget budget)
    {
        var byName = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < _entries.Count; i++)
        {
            if ((_entries[i].Name.FullUrl ?? _entries[i].Name.TypeAndId) is { } name)
                byName.TryAdd(name, i);
        }

        foreach (var link in _entries[0].Links)
        {
            if (link.RequiredAt is { } place && Find(0, link) < 0)
                yield return ($".entry[0].resource{place}", "what the Composition refers to here must be in the document");
        }

        var isReached = Reach(stylesheet, Find);
        for (var i = 0; i < isReached.Length; i++)
        {
            if (!isReached[i])
                yield return ($".entry[{i}]", "an entry of a document must be referred to, directly or through others, by its Composition");
        }

        int Find(int from, Link link)
        {
            budget.Spend();
            return byName.GetValueOrDefault(_entries[from].Name.Resolve(link.Target), -1);
        }
    }

    private bool[] Reach(string? stylesheet, Func<int, Link, int> find)
    {
        var provenances = new Dictionary<int, List<int>>();
        for (var from = 0; from < _entries.Count; from++)
        {
            foreach (var link in _entries[from].Links)
            {
                if (!link.IsProvenanceTarget || find(from, link) is not (>= 0 and var target))
                    continue;
                if (!provenances.TryGetValue(target, out var of))
                    provenances.Add(target, of = []);
                of.Add(from);
            }
        }

        var reached = new bool[_entries.Count];
        var open = new Stack<int>();
        Enter(0);
        if (stylesheet is not null)
            Enter(find(0, new Link(stylesheet)));
        while (open.TryPop(out var entry))
        {
            foreach (var link in _entries[entry].Links)
                Enter(find(entry, link));
            provenances.GetValueOrDefault(entry)?.ForEach(Enter);
        }

        return reached;

        void Enter(int entry)
        {
            if (entry < 0 || reached[entry])
                return;
            reached[entry] = true;
            open.Push(entry);
        }
    }

    private void AddReference(NodeTape tape, int root, int literal)
    {
        var text = tape.Text(literal)!;
        var element = tape[tape[literal].Parent].Element;
        var isRequired = _entries.Count == 0 && Required.Contains(element) && !text.StartsWith('#') && tape.ResourceOf(literal) == root;
        _links.Add(new Link(text, isRequired ? tape.PathTo(literal, root) : null, element == ProvenanceTarget));
    }

    private void AddNarrative(ReadOnlySpan<byte> text, FhirBudget budget)
    {
        var links = new List<XhtmlLink>();
        Xhtml.Fault(text, budget, links);
        _links.AddRange(links.ConvertAll(link => new Link(link.Url)));
    }

    private static IEnumerable<int> Elements(params (string Type, string[] Names)[] elements) => elements.SelectMany(element =>
    {
        var type = R4.Definitions.Types.Single(type => type.Name == element.Type);
        return element.Names.Select(name => type[name]!.Number);
    });

    /// <param name="RequiredAt">Where it is written, when its target must be in the document.</param>
    private readonly record struct Link(string Url, string? RequiredAt = null, bool IsProvenanceTarget = false)
    {
        /// <summary>Without the version and the part of its target.</summary>
        public string Target
        {
            get
            {
                var end = Url.AsSpan().IndexOfAny('#', '|');
                var whole = end > 0 ? Url[..end] : Url;
                return whole.IndexOf("/_history/", StringComparison.Ordinal) is > 0 and var version ? whole[..version] : whole;
            }
        }
    }
}
