using System.Text.Json;
using Lazaret.Fhir.Definitions;
using Lazaret.Fhir.Json;

namespace Lazaret.Fhir.Validation;

/// <summary>
/// The invariants of one Bundle (bdl-1 to bdl-12), and what its entries' fullUrls must be. Bundle.type may come after the
/// entries, so that what they say is kept in a few bits each until the end.
/// </summary>
internal sealed class BundleRules
{
    public const string SearchOutsideTransaction = "only a transaction may refer by a search";

    /// <summary>The longest versionId as it may be written, with every character escaped.</summary>
    private const int MaxVersion = 64 * 6;

    private readonly ReadOnlyMemory<byte> _json;
    private readonly BundleTargets _targets;
    private readonly FhirBudget _budget;
    private readonly EntryUrls _urls;
    private readonly EntryReferences _references;
    private readonly List<EntryParts> _entries = [];
    private readonly HashSet<string> _furtherVersions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _shared = new(StringComparer.Ordinal);
    private readonly List<int> _repeated = [];
    private readonly List<(int Entry, string Words)> _badUrls = [];
    private SearchReference? _searchReference;
    private DocumentLinks? _links;
    private EntryParts _parts;
    private string? _type;
    private bool _hasTotal;
    private bool _hasTimestamp;
    private bool _hasIdentifier;
    private ObjectType? _firstType;
    private string? _stylesheet;
    private JsonText? _fullUrl;
    private ObjectType? _resource;
    private JsonText? _resourceId;
    private JsonText? _versionId;

    /// <param name="targets">Told of what only this bundle's end tells; or, in the second pass, of where it makes a reference wrong.</param>
    public BundleRules(ReadOnlyMemory<byte> json, BundleTargets targets, FhirBudget budget)
    {
        (_json, _targets, _budget, _urls) = (json, targets, budget, new EntryUrls(json));
        _references = new EntryReferences(json, _urls, targets);
    }

    [Flags]
    private enum EntryParts : byte
    {
        None = 0,
        Resource = 1,
        Request = 2,
        Response = 4,
        Search = 8,

        /// <summary>The response says that the request was done.</summary>
        Success = 16,
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
    /// <param name="opaque">See <see cref="EntryReferences.Add"/>.</param>
    public void NoteChild(NodeTape tape, int node, List<int> opaque)
    {
        if (tape.NameOf(node) == "identifier")
            _hasIdentifier = tape.Text(tape.Child(node, "system")) is not null && tape.Text(tape.Child(node, "value")) is not null;
        else if (tape[node].Element == R4.Definitions.BundleLink.Number && tape.Text(tape.Child(node, "relation")) == "stylesheet")
            _stylesheet = tape.Text(tape.Child(node, "url"));
        else if (tape.NameOf(node) == "response" && tape.Text(tape.Child(node, "status")) is ['2', ..])
            _parts |= EntryParts.Success;
        if (tape.TypeOf(node) is not { IsResource: true } type)
            return;
        (_resource, _resourceId) = (type, tape.Value(tape.Child(node, "id")));
        _versionId = tape.Child(node, "meta") is > 0 and var meta
            && tape.Value(tape.Child(meta, "versionId")) is { Length: <= MaxVersion } version ? version : null;
        _references.Add(tape, node, _entries.Count, opaque);
        if (_entries.Count == 0 && type.Name == "Composition" && _type is null or "document")
            _links = new DocumentLinks();
        _links?.Add(tape, node, _budget);
    }

    /// <summary>The entry's resource is a Bundle, which is never on the tape.</summary>
    public void NoteBundle() => _resource = R4.Definitions.Bundle;

    /// <summary>Keeps a reference by a search until the type is known; the gravest of them.</summary>
    public void NoteSearchReference(SearchReference reference)
    {
        if (_searchReference is null || reference.Relevance < _searchReference.Value.Relevance)
            _searchReference = reference;
    }

    public void EndEntry()
    {
        if (_entries.Count == 0)
            _firstType = _resource;
        var url = _fullUrl is { Length: <= EntryUrls.MaxLength } ? _fullUrl : null;
        var urlFault = url is { } text ? UrlFault(text.Bytes(_json)) : _fullUrl is null ? null : $"fullUrl is longer than {EntryUrls.MaxLength} bytes";
        if (urlFault is not null && _badUrls.Count < IssueLog.Bound)
            _badUrls.Add((_entries.Count, urlFault));
        if (url is not null && _type != "history")
            NoteVersion(url.Value);
        if (_targets.IsSecondPass || _links is not null)
        {
            var name = new EntryName(url?.Text(_json), _resourceId is { } id ? $"{_resource?.Name}/{id.Text(_json)}" : null);
            _references.EndEntry(name);
            _links?.EndEntry(name);
        }

        _entries.Add(_parts);
        (_parts, _fullUrl, _resource, _resourceId, _versionId) = (EntryParts.None, null, null, null, null);
    }

    public void Check(IssueLog log, string path)
    {
        if (_hasTotal && _type is not ("searchset" or "history"))
            Fail(path + ".total", "bdl-1", "total only when a search or history");
        if (_searchReference is { } search && _type != "transaction")
            log.Fault(search.Relevance == Relevance.Elsewhere ? Relevance.Elsewhere : Relevance.Refuses, "value", search.Path, SearchOutsideTransaction);
        if (_type == "document")
            CheckDocument(log, path);
        if (_type == "message" && _firstType is not { Name: "MessageHeader" })
            Fail(path + ".entry[0]", "bdl-12", "a message must have a MessageHeader as the first resource");
        if (_type != "history")
        {
            foreach (var entry in _repeated)
                Fail($"{path}.entry[{entry}]", "bdl-7", "fullUrl must be unique in a bundle, or else meta.versionId must differ");
            _targets.Share(_shared);
        }

        _references.End(path, isHistory: _type == "history");
        foreach (var (entry, words) in _badUrls)
            log.Error("invariant", $"{path}.entry[{entry}].fullUrl", words);
        for (var i = 0; i < _entries.Count && !log.IsFull; i++)
            CheckEntry(log, path, i);

        void Fail(string where, string key, string words) => log.Error("invariant", where, $"{words} ({key})");
    }

    private void CheckDocument(IssueLog log, string path)
    {
        if (!_hasIdentifier)
            Fail(".identifier", "a document must have an identifier with a system and a value (bdl-9)");
        if (!_hasTimestamp)
            Fail(".timestamp", "a document must have a date (bdl-10)");
        if (_firstType is not { Name: "Composition" })
            Fail(".entry[0]", "a document must have a Composition as the first resource (bdl-11)");
        foreach (var (place, words) in _links?.Faults(_stylesheet, _budget) ?? [])
        {
            if (log.IsFull)
                return;
            Fail(place, words);
        }

        void Fail(string place, string words) => log.Error("invariant", path + place, words);
    }

    private void CheckEntry(IssueLog log, string path, int index)
    {
        _budget.Spend();
        var parts = _entries[index];
        var wantsRequest = _type is "batch" or "transaction" or "history";
        var wantsResponse = _type is "batch-response" or "transaction-response" or "history";
        if ((parts & EntryParts.Search) != 0 && _type != "searchset")
            Fail(".search", "bdl-2", "entry.search only when a search");
        if (((parts & EntryParts.Request) != 0) != wantsRequest)
            Fail(".request", "bdl-3", "entry.request mandatory for batch, transaction and history, otherwise prohibited");
        if (((parts & EntryParts.Response) != 0) != wantsResponse)
            FailResponse();
        if ((parts & (EntryParts.Resource | EntryParts.Request | EntryParts.Response)) == EntryParts.None)
            Fail("", "bdl-5", "must be a resource unless there's a request or response");

        // Widespread servers send it with every entry of a search: beside a resource, a success says nothing about it.
        void FailResponse()
        {
            var says = (parts & (EntryParts.Resource | EntryParts.Success)) == (EntryParts.Resource | EntryParts.Success);
            var relevance = says && !wantsResponse && !log.Scope.IsWhole ? Relevance.Elsewhere : Relevance.Refuses;
            log.Fault(
                relevance,
                "invariant",
                log.Keeps(relevance) ? $"{path}.entry[{index}].response" : "",
                "entry.response mandatory for batch-response, transaction-response and history, otherwise prohibited (bdl-4)");
        }

        void Fail(string child, string key, string words) =>
            log.Error("invariant", $"{path}.entry[{index}]{child}", $"{words} ({key})");
    }

    /// <summary>Entries may share a fullUrl when they are versions of one resource.</summary>
    private void NoteVersion(JsonText url)
    {
        if (_urls.TryAdd(url, _resource, _versionId, out var first))
            return;
        var version = _versionId?.Text(_json);
        if (version != first && _furtherVersions.Add($"{url.Text(_json)} {version}"))
            _shared.Add(url.Text(_json));
        else if (_repeated.Count < IssueLog.Bound)
            _repeated.Add(_entries.Count);
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
        return type == _resource && url[^(tail - type.Name.Length - 1)..].SequenceEqual(id.Bytes(_json))
            ? null
            : "a RESTful fullUrl must end in the resource's own type and id";
    }
}
