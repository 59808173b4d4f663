using System.Numerics;
using System.Text.Json;
using Lazaret.Fhir.Definitions;

namespace Lazaret.Fhir.Validation;

/// <summary>
/// One pass over the bytes: syntax, structure, formats, codes. What needs more than one node at once is left to
/// <see cref="ResourceRules"/>, at the end of every resource, and to <see cref="BundleRules"/>, at the end of every bundle.
/// </summary>
internal ref partial struct ResourceScan
{
    private readonly ReadOnlyMemory<byte> _json;
    private readonly BundleTargets _targets;
    private readonly FhirBudget _budget;
    private readonly NodeTape _tape;
    private readonly IssueLog _log;
    private readonly Place _place;
    private readonly ResourceRules _rules;
    private readonly PrimitivePartners _partners;
    private readonly AskedCodes _asked;
    private readonly HashSet<int> _unread = [];

    /// <summary>By depth and element, which of a choice's types is there; valid where the element was seen.</summary>
    private readonly int[] _choices = new int[FhirValidator.MaxDepth * ObjectType.MaxElements];

    /// <summary>The literals on the tape whose target's type only a bundle's entries can tell.</summary>
    private readonly List<int> _opaque = [];

    private Utf8JsonReader _reader;
    private byte[] _unescaped = [];
    private int _depth;

    /// <summary>Which item of an array comes next; 0 outside of arrays.</summary>
    private int _item;

    public ResourceScan(ReadOnlyMemory<byte> json, IssueLog log, BundleTargets targets, FhirBudget budget)
    {
        (_json, _targets, _budget) = (json, targets, budget);
        _reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = FhirValidator.MaxDepth });
        _tape = new NodeTape(json, budget);
        _log = log;
        _place = new Place();
        _rules = new ResourceRules(_tape, new NodeIssues(_tape, _place, log), budget);
        _partners = new PrimitivePartners(_place, log);
        _asked = new AskedCodes(_tape, log.Scope, budget);
    }

    /// <summary>See <see cref="FhirValidation.UnreadEntries"/>.</summary>
    public readonly IReadOnlySet<int> UnreadEntries => _unread;

    public void Run()
    {
        try
        {
            _reader.Read();
            if (_reader.TokenType != JsonTokenType.StartObject)
            {
                _log.Error("structure", "", "the root must be an object", IssueSeverity.Fatal);
                return;
            }

            ReadResource(parent: -1, element: -1, bundle: null);
            _reader.Read();
        }
        catch (JsonException failure)
        {
            var where = $"line {failure.LineNumber + 1}, byte {failure.BytePositionInLine + 1}";
            var words = _reader.CurrentDepth >= FhirValidator.MaxDepth ? $"nested deeper than {FhirValidator.MaxDepth}" : "not JSON";
            _log.Error("structure", _place.Path(), $"{words} at {where}", IssueSeverity.Fatal);
        }
    }

    private void ReadResource(int parent, int element, BundleRules? bundle)
    {
        if (ResourceTypeAhead.Find(_reader, _budget, out var fault) is not { } type)
        {
            _log.Error("structure", _place.Path("resourceType"), fault!);
            _reader.Skip();
            Placeholder(parent, element, R4.Definitions.Resource.Index);
            return;
        }

        _place.Resource = type;
        if (parent >= 0 && R4.Definitions.ElementsByNumber[element].Name == NodeTape.Contained)
            _tape.Contain();
        ReadObject(type, parent, element, bundle);
    }

    /// <summary>
    /// 1. Give it a node on the tape, unless it is a Bundle or an entry outside of any other resource: those are never held whole.
    /// 2. Read its properties. 3. Check what can only be said at its end. 4. Tell the bundle around it.
    /// 5. When it is the tape's root, check its resource across all nodes, and empty the tape.
    /// </summary>
    private void ReadObject(ObjectType type, int parent, int elementNumber, BundleRules? bundle, bool mayBeIdOnly = false)
    {
        // 1.
        var isBundle = type == R4.Definitions.Bundle;
        var isEntry = type == R4.Definitions.BundleEntry;
        var isRoot = _tape.IsEmpty && !isBundle && !isEntry;
        var frame = new Frame
        {
            Type = type,
            Node = isRoot || !_tape.IsEmpty ? _tape.Open(isRoot ? -1 : parent, elementNumber, type.Index, _item) : -1,
            Bundle = isBundle ? new BundleRules(_json, _targets, _budget) : isEntry ? bundle : null,
            Slots = _depth++ * ObjectType.MaxElements,
        };

        // 2.
        var mark = _partners.Mark;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName && !_log.IsFull)
            ReadProperty(ref frame);

        // 3.
        if (!_log.IsFull)
        {
            CheckPresence(frame, mayBeIdOnly);
            _partners.Check(type, frame.Values, frame.Extensions, frame.IdOnly, frame.Slots, mark);
        }

        _depth--;
        if (frame.Node >= 0)
            _tape.Close(frame.Node);

        // 4.
        if (isEntry)
            bundle!.EndEntry();
        else if (frame.Node >= 0)
            bundle?.NoteChild(_tape, frame.Node, _opaque);
        else
            bundle?.NoteBundle();
        if (isBundle && !_log.IsFull)
            frame.Bundle!.Check(_log, _place.Path());

        // 5.
        if (!isRoot)
            return;
        if (!_log.IsFull)
            _rules.Check();
        if (_rules.SearchReference is { } search)
        {
            if (bundle is null)
                _log.Fault(search.Relevance, "value", search.Path, BundleRules.SearchOutsideTransaction);
            else
                bundle.NoteSearchReference(search);
        }

        if (_log.HasOpen)
            CloseIssues();
        _tape.Clear();
        _opaque.Clear();
    }

    private readonly void CheckPresence(in Frame frame, bool mayBeIdOnly)
    {
        var type = frame.Type;
        var present = frame.Values | frame.Extensions;
        if (present == 0 && !type.IsResource)
        {
            if (!frame.HasUnknown)
                _log.Fault("structure", _place, "an object must not be empty");
            return;
        }

        for (var missing = type.RequiredMask & ~present; missing != 0; missing &= missing - 1)
        {
            var name = type.Elements[BitOperations.TrailingZeroCount(missing)].Name;
            _log.Fault("required", _place, $"{type.Name}.{name} must be there", name);
        }

        if (!type.IsResource && !mayBeIdOnly && present == type.Elements[0].Bit && type.Elements[0].Name == "id")
            _log.Fault("invariant", _place, "an element must have a value or children beside its id (ele-1)");
        if (type == R4.Definitions.Extension
            && ((present & R4.Definitions.ExtensionExtension.Bit) != 0) == ((present & R4.Definitions.ExtensionValue.Bit) != 0))
        {
            _log.Fault("invariant", _place, "an extension must have either extensions or a value, not both (ext-1)");
        }
    }

    private void CloseIssues()
    {
        var isAsked = _asked.MayBeAsked();
        if (!isAsked)
            _unread.Add(_place.Entry);
        _log.Close(isAsked);
    }

    /// <summary>One object on its way.</summary>
    private struct Frame
    {
        public ObjectType Type;

        /// <summary>On the tape; -1 for a Bundle and its entries.</summary>
        public int Node;

        /// <summary>The first of its places in arrays by depth and element.</summary>
        public int Slots;

        /// <summary>The bundle that it is, or is an entry of.</summary>
        public BundleRules? Bundle;

        /// <summary>The elements that were seen: as themselves, under their underscored name, and there with an id only.</summary>
        public ulong Values;
        public ulong Extensions;
        public ulong IdOnly;

        public bool HasResourceType;
        public bool HasUnknown;
    }
}
