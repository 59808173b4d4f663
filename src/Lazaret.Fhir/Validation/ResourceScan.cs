using System.Numerics;
using System.Text;
using System.Text.Json;
using Lazaret.Fhir.Definitions;

namespace Lazaret.Fhir.Validation;

/// <summary>
/// One pass over the bytes: syntax, structure, formats, codes. What needs more than one node at once is left to
/// <see cref="ResourceRules"/>, at the end of every resource, and to <see cref="BundleRules"/>, at the end of every bundle.
/// </summary>
internal ref struct ResourceScan
{
    private readonly NodeTape _tape;
    private readonly IssueLog _log;
    private readonly Place _place;
    private readonly ResourceRules _rules;

    private readonly PrimitivePartners _partners;

    /// <summary>By depth and element, which of a choice's types is there; valid where the element was seen.</summary>
    private readonly int[] _choices = new int[FhirValidator.MaxDepth * ObjectType.MaxElements];

    private Utf8JsonReader _reader;
    private byte[] _unescaped = [];
    private int _depth;

    public ResourceScan(ReadOnlyMemory<byte> json, IssueLog log)
    {
        _reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = FhirValidator.MaxDepth });
        _tape = new NodeTape(json);
        _log = log;
        _place = new Place();
        _rules = new ResourceRules(_tape, _place, log);
        _partners = new PrimitivePartners(_place, log);
    }

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
        if (ResourceTypeAhead.Find(_reader, out var fault) is not { } type)
        {
            _log.Error("structure", _place.Path("resourceType"), fault!);
            _reader.Skip();
            Placeholder(parent, element, R4.Definitions.Resource.Index);
            return;
        }

        if (_place.Root.Length == 0)
            _place.Root = type.Name;
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
            Node = isRoot || !_tape.IsEmpty ? _tape.Open(isRoot ? -1 : parent, elementNumber, type.Index) : -1,
            Bundle = isBundle ? new BundleRules() : isEntry ? bundle : null,
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
            bundle?.NoteChild(_tape, frame.Node);
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
                _log.Error("value", search, BundleRules.SearchOutsideTransaction);
            else
                bundle.NoteSearchReference(search);
        }

        _tape.Clear();
    }

    private void ReadProperty(ref Frame frame)
    {
        var element = frame.Type.Find(Unescape(), out var choice, out var isUnderscore);
        if (element is null)
        {
            if (frame.Type.IsResource && !frame.HasResourceType && Escapes.NameIs(_reader, "resourceType"u8))
            {
                frame.HasResourceType = true;
            }
            else
            {
                frame.HasUnknown = true;
                ReportUnknown(frame.Type);
            }

            SkipValue();
            return;
        }

        _place.Enter(element.Name);
        ref var seen = ref isUnderscore ? ref frame.Extensions : ref frame.Values;
        var slot = frame.Slots + element.Index;
        if (element.IsChoice && ((frame.Values | frame.Extensions) & element.Bit) != 0 && _choices[slot] != choice)
        {
            _log.Error("structure", _place.Path(), "only one type of a choice may be there");
            SkipValue();
        }
        else if ((seen & element.Bit) != 0)
        {
            _log.Error("structure", _place.Path(), "the property is there twice");
            SkipValue();
        }
        else
        {
            seen |= element.Bit;
            _choices[slot] = choice;
            _reader.Read();
            if (isUnderscore)
                ReadExtensions(ref frame, element, choice);
            else
                ReadElement(ref frame, element, choice);
        }

        _place.Leave();
    }

    private readonly void CheckPresence(in Frame frame, bool mayBeIdOnly)
    {
        var type = frame.Type;
        var present = frame.Values | frame.Extensions;
        if (present == 0 && !type.IsResource)
        {
            if (!frame.HasUnknown)
                _log.Error("structure", _place.Path(), "an object must not be empty");
            return;
        }

        for (var missing = type.RequiredMask & ~present; missing != 0; missing &= missing - 1)
        {
            var name = type.Elements[BitOperations.TrailingZeroCount(missing)].Name;
            _log.Error("required", _place.Path(name), $"{type.Name}.{name} must be there");
        }

        if (!type.IsResource && !mayBeIdOnly && present == type.Elements[0].Bit && type.Elements[0].Name == "id")
            _log.Error("invariant", _place.Path(), "an element must have a value or children beside its id (ele-1)");
        if (type == R4.Definitions.Extension
            && ((present & R4.Definitions.ExtensionExtension.Bit) != 0) == ((present & R4.Definitions.ExtensionValue.Bit) != 0))
        {
            _log.Error("invariant", _place.Path(), "an extension must have either extensions or a value, not both (ext-1)");
        }
    }

    private void ReadElement(ref Frame frame, ElementDefinition element, int choice)
    {
        var isArray = _reader.TokenType == JsonTokenType.StartArray;
        if (element.IsArray && isArray)
            ReadItems(ref frame, element, choice);
        else if (element.IsArray || isArray)
            Refuse($"{element.Name} {(element.IsArray ? "must be an array" : "is no array: it occurs at most once")}", frame.Node, element, choice);
        else
            ReadValue(element, choice, frame.Node, frame.Bundle);
        frame.Bundle?.Note(element, ref _reader);
        if (frame.Node >= 0 && (frame.Extensions & element.Bit) != 0)
            ShadowExtensions(frame.Node, element);
    }

    private void ReadItems(ref Frame frame, ElementDefinition element, int choice)
    {
        var (count, nulls) = (0, (List<int>?)null);
        for (; _reader.Read() && _reader.TokenType != JsonTokenType.EndArray && !_log.IsFull; count++)
        {
            _place.Index = count;
            if (_reader.TokenType == JsonTokenType.Null && element.Types[choice].IsPrimitive)
            {
                (nulls ??= []).Add(count);
                Placeholder(frame.Node, element.Number, element.Types[choice].TypeIndex);
            }
            else
            {
                ReadValue(element, choice, frame.Node, frame.Bundle);
            }
        }

        _place.Index = -1;
        if (count == 0)
            _log.Error("structure", _place.Path(), "an array must not be empty");
        _partners.AddValues(frame.Slots + element.Index, count, nulls);
    }

    private void ReadValue(ElementDefinition element, int choice, int node, BundleRules? bundle)
    {
        var type = element.Types[choice];
        if (type.IsPrimitive)
            ReadPrimitive(element, choice, node);
        else if (_reader.TokenType != JsonTokenType.StartObject)
            Refuse($"{element.Name} must be an object", node, element, choice);
        else if (type.TypeIndex == R4.Definitions.Resource.Index)
            ReadResource(node, element.Number, bundle);
        else
            ReadObject(R4.Definitions.Types[type.TypeIndex], node, element.Number, bundle);
    }

    private void ReadPrimitive(ElementDefinition element, int choice, int node)
    {
        var kind = element.Types[choice].Primitive;
        var isNumber = kind is PrimitiveKind.Decimal or PrimitiveKind.Integer or PrimitiveKind.PositiveInt or PrimitiveKind.UnsignedInt;
        var isBoolean = kind == PrimitiveKind.Boolean;
        switch (_reader.TokenType)
        {
            case JsonTokenType.True or JsonTokenType.False when isBoolean:
                break;
            case JsonTokenType.Number when isNumber:
                if (PrimitiveFormat.NumberFault(kind, _reader.ValueSpan) is { } numberFault)
                    _log.Error("value", _place.Path(), numberFault);
                break;
            case JsonTokenType.String when Escapes.HasLoneSurrogate(_reader):
                Refuse("a string holds half of a surrogate pair", node, element, choice);
                return;
            case JsonTokenType.String when !isNumber && !isBoolean:
                CheckString(element, kind);
                break;
            default:
                Refuse($"{(isBoolean ? "true or false" : isNumber ? "a number" : "a string")} is wanted here", node, element, choice);
                return;
        }

        if (node < 0)
            return;
        var index = _tape.Open(node, element.Number, element.Types[choice].TypeIndex);
        ref var entry = ref _tape[index];
        entry.Start = (int)_reader.TokenStartIndex + (_reader.TokenType == JsonTokenType.String ? 1 : 0);
        entry.Length = _reader.ValueSpan.Length;
        entry.HasValue = true;
        entry.IsEscaped = _reader.ValueIsEscaped;
        _tape.Close(index);
    }

    private void CheckString(ElementDefinition element, PrimitiveKind kind)
    {
        var text = Unescape();
        if (text.IsEmpty)
            _log.Error("value", _place.Path(), "a string must not be empty");
        else if (PrimitiveFormat.Fault(kind, text) is { } fault)
            _log.Error(kind == PrimitiveKind.Xhtml ? "invariant" : "value", _place.Path(), fault);
        else if (kind == PrimitiveKind.Code && element.Binding is { } binding && !binding.Contains(text))
            _log.Error("code-invalid", _place.Path(), $"the code must be one of {binding.Url}");
    }

    /// <summary>Reads what stands under <c>_name</c>.</summary>
    private void ReadExtensions(ref Frame frame, ElementDefinition element, int choice)
    {
        var isShadow = (frame.Values & element.Bit) != 0;
        if (!element.IsArray)
        {
            frame.IdOnly |= ReadExtension(element, choice, frame.Node, isShadow) == Partner.IdOnly ? element.Bit : 0;
            return;
        }

        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            Refuse($"_{element.Name} must be an array", frame.Node, element, choice);
            return;
        }

        var items = new List<Partner>();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray && !_log.IsFull)
        {
            _place.Index = items.Count;
            items.Add(_reader.TokenType == JsonTokenType.Null ? Partner.Null : ReadExtension(element, choice, frame.Node, isShadow));
        }

        _place.Index = -1;
        if (items.Count == 0)
            _log.Error("structure", _place.Path(), "an array must not be empty");
        _partners.AddExtensions(frame.Slots + element.Index, items);
    }

    private Partner ReadExtension(ElementDefinition element, int choice, int node, bool isShadow)
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            Refuse($"_{element.Types[choice].Property} must be an object with id and extension", node, element, choice);
            return Partner.Present;
        }

        var ahead = _reader;
        var isIdOnly = ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName && Escapes.NameIs(ahead, "id"u8)
            && ahead.Read() && ahead.TokenType == JsonTokenType.String && ahead.Read() && ahead.TokenType == JsonTokenType.EndObject;
        var before = _tape.Count;
        ReadObject(R4.Definitions.Element, node, element.Number, bundle: null, mayBeIdOnly: true);
        if (node >= 0)
        {
            _tape[before].Type = element.Types[choice].TypeIndex;
            _tape[before].IsShadow = isShadow;
        }

        return isIdOnly ? Partner.IdOnly : Partner.Present;
    }

    /// <summary>The extensions came before their value: now they are its shadow.</summary>
    private readonly void ShadowExtensions(int node, ElementDefinition element)
    {
        for (var child = node + 1; child < _tape.Count; child = _tape[child].End)
        {
            if (_tape[child].Element == element.Number && !_tape[child].HasValue)
                _tape[child].IsShadow = true;
        }
    }

    /// <summary>An empty node keeps the place, so that no invariant finds missing what was only wrong.</summary>
    private void Refuse(string words, int node, ElementDefinition element, int choice)
    {
        _log.Error("structure", _place.Path(), _reader.TokenType == JsonTokenType.Null ? "null is not allowed here" : words);
        _reader.Skip();
        Placeholder(node, element.Number, element.Types[choice].TypeIndex);
    }

    private readonly void Placeholder(int node, int element, int type)
    {
        if (node >= 0)
            _tape.Close(_tape.Open(node, element, type));
    }

    private void SkipValue()
    {
        _reader.Read();
        _reader.Skip();
    }

    /// <summary>The name may be made up from a patient's data: it is only repeated when it looks like an element's, in camelCase.</summary>
    private void ReportUnknown(ObjectType type)
    {
        var name = Escapes.HasLoneSurrogate(_reader) ? "" : Encoding.UTF8.GetString(Unescape());
        if (name == "resourceType" && type.IsResource)
            _log.Error("structure", _place.Path(name), "the property is there twice");
        else if (name.Length <= 64 && char.IsAsciiLetterLower(name.TrimStart('_').FirstOrDefault())
            && name.All(character => char.IsAsciiLetterOrDigit(character) || character == '_'))
            _log.Error("structure", _place.Path(name), $"{type.Name} has no element {name}");
        else
            _log.Error("structure", _place.Path(), $"{type.Name} has no element of that name");
    }

    /// <summary>The current string or name with its escapes resolved; valid until the next call.</summary>
    private ReadOnlySpan<byte> Unescape()
    {
        if (!_reader.ValueIsEscaped)
            return _reader.ValueSpan;
        if (Escapes.HasLoneSurrogate(_reader))
            return default;
        if (_unescaped.Length < _reader.ValueSpan.Length)
            _unescaped = new byte[_reader.ValueSpan.Length * 2];
        return _unescaped.AsSpan(0, _reader.CopyString(_unescaped));
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
