using System.Text.Json;
using Lazaret.Fhir.Definitions;

namespace Lazaret.Fhir.Validation;

/// <summary>
/// The invariants of one Bundle (bdl-1 to bdl-12), and what its entries' fullUrls must be. Bundle.type may come after the
/// entries, so that what they say is kept in a few bits each until the end.
/// </summary>
/// <param name="shared">Told of URLs that several entries have; or, once complete, of references to them.</param>
internal sealed class BundleRules(ReadOnlyMemory<byte> json, SharedUrls shared)
{
    /// <summary>The issue's code for a reference that more than one entry answers to.</summary>
    public const string MultipleMatches = "multiple-matches";

    public const string SearchOutsideTransaction = "only a transaction may refer by a search";

    private readonly List<EntryParts> _entries = [];
    private readonly EntryUrls _urls = new(json);
    private readonly HashSet<string> _furtherVersions = new(StringComparer.Ordinal);
    private readonly List<string> _shared = [];
    private readonly List<string> _ambiguous = [];
    private readonly List<int> _repeated = [];
    private readonly List<(int Entry, string Words)> _badUrls = [];
    private string? _searchReference;
    private DocumentLinks? _links;
    private List<(string Text, string Path)>? _references;
    private EntryParts _parts;
    private string? _type;
    private bool _hasTotal;
    private bool _hasTimestamp;
    private bool _hasIdentifier;
    private string? _firstType;
    private JsonText? _fullUrl;
    private string? _resourceType;
    private JsonText? _resourceId;
    private JsonText? _versionId;

    [Flags]
    private enum EntryParts : byte
    {
        None = 0,
        Resource = 1,
        Request = 2,
        Response = 4,
        Search = 8,
    }

    /// <summary>A property of the Bundle or of one of its entries was read; the reader stands on its end.</summary>
    public void Note(ElementDefinition element, ref Utf8JsonReader reader)
    {
        var isText = reader.TokenType == JsonTokenType.String && !Escapes.HasLoneSurrogate(reader);
        switch (element.Name)
        {
            case "type":
                _type = isText ? reader.GetString() : null;
                break;
            case "total":
                _hasTotal = true;
                break;
            case "timestamp":
                _hasTimestamp = true;
                break;
            case "fullUrl":
                _fullUrl = isText ? JsonText.Of(reader) : null;
                break;
            case "resource":
                _parts |= EntryParts.Resource;
                break;
            case "request":
                _parts |= EntryParts.Request;
                break;
            case "response":
                _parts |= EntryParts.Response;
                break;
            case "search":
                _parts |= EntryParts.Search;
                break;
        }
    }

    /// <summary>An object below the Bundle or an entry is on the tape, from <paramref name="node"/> on.</summary>
    public void NoteChild(NodeTape tape, int node)
    {
        if (tape.NameOf(node) == "identifier")
            _hasIdentifier = tape.Text(tape.Child(node, "system")) is not null && tape.Text(tape.Child(node, "value")) is not null;
        if (tape.TypeOf(node) is not { IsResource: true } type)
            return;
        (_resourceType, _resourceId) = (type.Name, tape.Value(tape.Child(node, "id")));
        _versionId = tape.Child(node, "meta") is > 0 and var meta ? tape.Value(tape.Child(meta, "versionId")) : null;
        if (_entries.Count == 0 && type.Name == "Composition")
            _links = new DocumentLinks();
        if (_links is not null || shared.IsComplete)
            _references = ReferencesOn(tape, node);
    }

    /// <summary>The entry's resource is a Bundle, which is never on the tape.</summary>
    public void NoteBundle() => _resourceType = "Bundle";

    /// <summary>Keeps the place of a reference by a search until the type is known.</summary>
    public void NoteSearchReference(string path) => _searchReference ??= path;

    public void EndEntry()
    {
        if (_entries.Count == 0)
            _firstType = _resourceType;
        if (_fullUrl is { } url)
        {
            if (UrlFault(url.Bytes(json)) is { } words && _badUrls.Count < IssueLog.Bound)
                _badUrls.Add((_entries.Count, words));
            if (_type != "history")
                NoteVersion(url);
        }

        if (_references is { } references)
        {
            var name = new EntryName(_fullUrl?.Text(json), _resourceId is { } id ? $"{_resourceType}/{id.Text(json)}" : null);
            _links?.Add(name, references.ConvertAll(reference => reference.Text));
            _ambiguous.AddRange(references.Where(reference => shared.Contains(name.Resolve(reference.Text)))
                .Select(reference => $".entry[{_entries.Count}].resource{reference.Path}").Take(IssueLog.Bound - _ambiguous.Count));
        }

        _entries.Add(_parts);
        (_parts, _fullUrl, _resourceType, _resourceId, _versionId, _references) = (EntryParts.None, null, null, null, null, null);
    }

    public void Check(IssueLog log, string path)
    {
        if (_hasTotal && _type is not ("searchset" or "history"))
            Fail(path + ".total", "bdl-1", "total only when a search or history");
        if (_searchReference is not null && _type != "transaction")
            log.Error("value", _searchReference, SearchOutsideTransaction);
        if (_type == "document")
        {
            if (!_hasIdentifier)
                Fail(path + ".identifier", "bdl-9", "a document must have an identifier with a system and a value");
            if (!_hasTimestamp)
                Fail(path + ".timestamp", "bdl-10", "a document must have a date");
            if (_firstType != "Composition")
                Fail(path + ".entry[0]", "bdl-11", "a document must have a Composition as the first resource");
            foreach (var entry in _links?.Unreachable() ?? [])
                log.Error("invariant", $"{path}.entry[{entry}]", "an entry of a document must be reachable from its Composition");
        }

        if (_type == "message" && _firstType != "MessageHeader")
            Fail(path + ".entry[0]", "bdl-12", "a message must have a MessageHeader as the first resource");
        if (_type != "history")
        {
            foreach (var entry in _repeated)
                Fail($"{path}.entry[{entry}]", "bdl-7", "fullUrl must be unique in a bundle, or else meta.versionId must differ");
            foreach (var reference in _ambiguous)
                log.Error(MultipleMatches, path + reference, "several entries of the bundle have the URL that this refers to");
            shared.Add(_shared);
        }

        foreach (var (entry, words) in _badUrls)
            log.Error("invariant", $"{path}.entry[{entry}].fullUrl", words);
        for (var i = 0; i < _entries.Count && !log.IsFull; i++)
            CheckEntry(log, path, i);

        void Fail(string where, string key, string words) => log.Error("invariant", where, $"{words} ({key})");
    }

    private void CheckEntry(IssueLog log, string path, int index)
    {
        var parts = _entries[index];
        var wantsRequest = _type is "batch" or "transaction" or "history";
        var wantsResponse = _type is "batch-response" or "transaction-response" or "history";
        if ((parts & EntryParts.Search) != 0 && _type != "searchset")
            Fail(".search", "bdl-2", "entry.search only when a search");
        if (((parts & EntryParts.Request) != 0) != wantsRequest)
            Fail(".request", "bdl-3", "entry.request mandatory for batch, transaction and history, otherwise prohibited");
        if (((parts & EntryParts.Response) != 0) != wantsResponse)
            Fail(".response", "bdl-4", "entry.response mandatory for batch-response, transaction-response and history, otherwise prohibited");
        if ((parts & (EntryParts.Resource | EntryParts.Request | EntryParts.Response)) == EntryParts.None)
            Fail("", "bdl-5", "must be a resource unless there's a request or response");

        void Fail(string child, string key, string words) =>
            log.Error("invariant", $"{path}.entry[{index}]{child}", $"{words} ({key})");
    }

    /// <summary>Entries may share a fullUrl when they are versions of one resource.</summary>
    private void NoteVersion(JsonText url)
    {
        if (_urls.TryAdd(url, _versionId, out var first))
            return;
        var version = _versionId?.Text(json);
        var isNew = version != first && _furtherVersions.Add($"{url.Text(json)} {version}");
        if (isNew && _shared.Count < IssueLog.Bound)
            _shared.Add(url.Text(json));
        else if (!isNew && _repeated.Count < IssueLog.Bound)
            _repeated.Add(_entries.Count);
    }

    private List<(string Text, string Path)> ReferencesOn(NodeTape tape, int root)
    {
        var references = new List<(string, string)>();
        for (var node = root; node < tape[root].End; node++)
        {
            if (tape.TypeOf(node) == R4.Definitions.Reference && tape.Child(node, "reference") is > 0 and var literal && tape.Text(literal) is { } text)
                references.Add((text, tape.PathTo(literal)));
        }

        return references;
    }

    private string? UrlFault(ReadOnlySpan<byte> url)
    {
        if (url.IndexOf("/_history/"u8) >= 0)
            return "fullUrl cannot be a version specific reference (bdl-8)";
        if (url.StartsWith("urn:"u8))
            return null;
        if (!PrimitiveFormat.HasScheme(url))
            return "fullUrl must be absolute";
        if (_resourceId is not { } id || !url.StartsWith("http"u8) || !ReferenceFormat.TryReadTail(url, out var type, out var tail))
            return null;
        return type.Name == _resourceType && url[^(tail - type.Name.Length - 1)..].SequenceEqual(id.Bytes(json))
            ? null
            : "a RESTful fullUrl must end in the resource's own type and id";
    }
}
