using System.Runtime.InteropServices;
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
    private const int MaxElements = 64;

    private readonly NodeTape _tape;
    private readonly IssueLog _log;
    private readonly Place _place;
    private readonly ResourceRules _rules;

    /// <summary>By depth and element: which of a choice's types, and how many items an array had. Valid where the seen bit is set.</summary>
    private readonly int[] _choices = new int[FhirValidator.MaxDepth * MaxElements];
    private readonly int[] _lengths = new int[FhirValidator.MaxDepth * MaxElements];
    private readonly List<ItemMarks> _marks = [];

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
        if (FindResourceType() is not { } type)
        {
            _reader.Skip();
            Placeholder(parent, element, R4.Definitions.Resource.Index);
            return;
        }

        if (_place.Root.Length == 0)
            _place.Root = type.Name;
        ReadObject(type, parent, element, bundle);
    }

    /// <summary>Looks ahead, for resourceType may come last. The reader is a value: the copy leaves it where it stands.</summary>
    private ObjectType? FindResourceType()
    {
        var ahead = _reader;
        while (ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = Escapes.NameIs(ahead, "resourceType"u8);
            ahead.Read();
            if (!isIt)
            {
                ahead.Skip();
                continue;
            }

            if (ahead.TokenType != JsonTokenType.String)
            {
                _log.Error("structure", _place.Path("resourceType"), "resourceType must be a string");
                return null;
            }

            Span<byte> name = stackalloc byte[64];
            if (ahead.ValueSpan.Length <= name.Length && !Escapes.HasLoneSurrogate(ahead)
                && R4.Definitions.FindResource(name[..ahead.CopyString(name)]) is { } type)
            {
                return type;
            }

            _log.Error("structure", _place.Path("resourceType"), "resourceType must be one of the 146 resource types of R4");
            return null;
        }

        _log.Error("structure", _place.Path("resourceType"), "a resource must have a resourceType");
        return null;
    }

    private void ReadObject(ObjectType type, int parent, int elementNumber, BundleRules? bundle, bool mayBeIdOnly = false)
    {
        var definitions = R4.Definitions;
        var isBundle = type == definitions.Bundle;
        var isEntry = type == definitions.BundleEntry;
        var isRoot = _tape.IsEmpty && !isBundle && !isEntry;
        var node = isRoot || !_tape.IsEmpty ? _tape.Open(isRoot ? -1 : parent, elementNumber, type.Index) : -1;
        var own = isBundle ? new BundleRules() : isEntry ? bundle : null;
        var slots = _depth++ * MaxElements;
        var marks = _marks.Count;
        ulong values = 0, extensions = 0, idOnly = 0;
        var (hasResourceType, hasUnknown) = (false, false);

        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (_log.IsFull)
                break;
            var element = type.Find(Unescape(), out var choice, out var isUnderscore);
            if (element is null)
            {
                if (type.IsResource && !hasResourceType && Escapes.NameIs(_reader, "resourceType"u8))
                    hasResourceType = true;
                else
                    hasUnknown = ReportUnknown(type);
                _reader.Read();
                _reader.Skip();
                continue;
            }

            _place.Enter(element.Name);
            var slot = slots + element.Index;
            if (element.IsChoice && ((values | extensions) & element.Bit) != 0 && _choices[slot] != choice)
            {
                _log.Error("structure", _place.Path(), "only one type of a choice may be there");
                SkipValue();
            }
            else if (((isUnderscore ? extensions : values) & element.Bit) != 0)
            {
                _log.Error("structure", _place.Path(), "the property is there twice");
                SkipValue();
            }
            else
            {
                _choices[slot] = choice;
                (isUnderscore ? ref extensions : ref values) |= element.Bit;
                _reader.Read();
                if (isUnderscore)
                    idOnly |= ReadExtensionsOf(element, choice, node, slot, isShadow: (values & element.Bit) != 0) ? element.Bit : 0;
                else
                    ReadElement(element, choice, node, slot, own);
                if (!isUnderscore)
                    own?.Note(element, ref _reader);
                if (node >= 0 && !isUnderscore && (extensions & element.Bit) != 0)
                    ShadowExtensions(node, element);
            }

            _place.Leave();
        }

        if (!_log.IsFull)
            EndObject(type, new Seen(values, extensions, idOnly, hasUnknown), slots, marks, mayBeIdOnly);
        _marks.RemoveRange(marks, _marks.Count - marks);
        _depth--;
        if (node >= 0)
            _tape.Close(node);
        if (isEntry)
            bundle!.EndEntry();
        else if (node >= 0)
            bundle?.NoteChild(_tape, node);
        else
            bundle?.NoteBundle();
        if (isBundle && !_log.IsFull)
            own!.Check(_log, _place.Path());
        if (!isRoot)
            return;
        if (!_log.IsFull)
            _rules.Check();
        _tape.Clear();
    }

    private readonly void EndObject(ObjectType type, Seen seen, int slots, int marks, bool mayBeIdOnly)
    {
        var present = seen.Values | seen.Extensions;
        if (present == 0 && !type.IsResource)
        {
            if (!seen.HasUnknown)
                _log.Error("structure", _place.Path(), "an object must not be empty");
            return;
        }

        for (var missing = type.RequiredMask & ~present; missing != 0; missing &= missing - 1)
        {
            var name = type.Elements[System.Numerics.BitOperations.TrailingZeroCount(missing)].Name;
            _log.Error("required", _place.Path(name), $"{type.Name}.{name} must be there");
        }

        if (!type.IsResource && !mayBeIdOnly && present == type.Elements[0].Bit && type.Elements[0].Name == "id")
            _log.Error("invariant", _place.Path(), "an element must have a value or children beside its id (ele-1)");
        if (type == R4.Definitions.Extension)
        {
            var (hasExtension, hasValue) = ((present & R4.Definitions.ExtensionExtension.Bit) != 0, (present & R4.Definitions.ExtensionValue.Bit) != 0);
            if (hasExtension == hasValue)
                _log.Error("invariant", _place.Path(), "an extension must have either extensions or a value, not both (ext-1)");
        }

        CheckPrimitives(type, seen, slots, marks);
    }

    /// <summary>What a value and its underscored partner must be to each other, in whichever order they came.</summary>
    private readonly void CheckPrimitives(ObjectType type, Seen seen, int slots, int marks)
    {
        var lonely = seen.IdOnly & ~seen.Values;
        if (seen.Extensions == 0 && _marks.Count == marks)
            return;
        foreach (var element in type.Elements)
        {
            if ((lonely & element.Bit) != 0 && !element.IsArray)
                _log.Error("invariant", _place.Path(element.Name), "an element must have a value or children beside its id (ele-1)");
            if (element.IsArray)
                CheckItems(element, slots + element.Index, (seen.Values & element.Bit) != 0, (seen.Extensions & element.Bit) != 0, marks);
        }
    }

    private readonly void CheckItems(ElementDefinition element, int slot, bool hasValues, bool hasExtensions, int marks)
    {
        var values = Marks(slot, isUnderscore: false, marks);
        var extensions = hasExtensions ? Marks(slot, isUnderscore: true, marks) : null;
        if (values is null && extensions is null)
            return;
        var count = hasValues ? _lengths[slot] : 0;
        for (var i = 0; i < Math.Max(count, extensions?.Length ?? 0); i++)
        {
            var hasValue = i < count && (values is null || values[i] != ItemMark.Null);
            var extension = i < extensions?.Length ? extensions[i] : ItemMark.Null;
            if (!hasValue && extension == ItemMark.Null)
                _log.Error("structure", $"{_place.Path(element.Name)}[{i}]", "null stands only where the partner array has an object or a value");
            else if (!hasValue && extension == ItemMark.IdOnly)
                _log.Error("invariant", $"{_place.Path(element.Name)}[{i}]", "an element must have a value or children beside its id (ele-1)");
        }
    }

    private readonly ItemMark[]? Marks(int slot, bool isUnderscore, int from)
    {
        for (var i = from; i < _marks.Count; i++)
        {
            if (_marks[i].Slot == slot && _marks[i].IsUnderscore == isUnderscore)
                return _marks[i].Items;
        }

        return null;
    }

    private void ReadElement(ElementDefinition element, int choice, int node, int slot, BundleRules? bundle)
    {
        if (!element.IsArray)
        {
            if (_reader.TokenType == JsonTokenType.StartArray)
                Refuse($"{element.Name} is no array: it occurs at most once", node, element, element.Types[choice].TypeIndex);
            else
                ReadValue(element, choice, node, bundle);
            return;
        }

        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            Refuse($"{element.Name} must be an array", node, element, element.Types[choice].TypeIndex);
            return;
        }

        var (count, nulls) = (0, (List<int>?)null);
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray && !_log.IsFull)
        {
            _place.Index = count;
            if (_reader.TokenType == JsonTokenType.Null && element.Types[choice].IsPrimitive)
            {
                (nulls ??= []).Add(count);
                Placeholder(node, element.Number, element.Types[choice].TypeIndex);
            }
            else
            {
                ReadValue(element, choice, node, bundle);
            }

            count++;
        }

        _place.Index = -1;
        _lengths[slot] = count;
        if (count == 0)
            _log.Error("structure", _place.Path(), "an array must not be empty");
        if (nulls is not null)
        {
            var items = new ItemMark[count];
            Array.Fill(items, ItemMark.Present);
            nulls.ForEach(index => items[index] = ItemMark.Null);
            _marks.Add(new ItemMarks(slot, IsUnderscore: false, items));
        }
    }

    private void ReadValue(ElementDefinition element, int choice, int node, BundleRules? bundle)
    {
        var type = element.Types[choice];
        if (type.IsPrimitive)
            ReadPrimitive(element, type.Primitive, node);
        else if (_reader.TokenType != JsonTokenType.StartObject)
            Refuse($"{element.Name} must be an object", node, element, type.TypeIndex);
        else if (type.TypeIndex == R4.Definitions.Resource.Index)
            ReadResource(node, element.Number, bundle);
        else
            ReadObject(R4.Definitions.Types[type.TypeIndex], node, element.Number, bundle);
    }

    private void ReadPrimitive(ElementDefinition element, PrimitiveKind kind, int node)
    {
        var (isNumber, isBoolean) = (kind is PrimitiveKind.Decimal or PrimitiveKind.Integer or PrimitiveKind.PositiveInt or PrimitiveKind.UnsignedInt,
            kind == PrimitiveKind.Boolean);
        switch (_reader.TokenType)
        {
            case JsonTokenType.True or JsonTokenType.False when isBoolean:
                break;
            case JsonTokenType.Number when isNumber:
                if (PrimitiveFormat.NumberFault(kind, _reader.ValueSpan) is { } numberFault)
                    _log.Error("value", _place.Path(), numberFault);
                break;
            case JsonTokenType.String when Escapes.HasLoneSurrogate(_reader):
                Refuse("a string holds half of a surrogate pair", node, element, -1 - (int)kind);
                return;
            case JsonTokenType.String when !isNumber && !isBoolean:
                CheckString(element, kind);
                break;
            default:
                Refuse(isBoolean ? "true or false is wanted here" : isNumber ? "a number is wanted here" : "a string is wanted here",
                    node, element, -1 - (int)kind);
                return;
        }

        if (node < 0)
            return;
        var index = _tape.Open(node, element.Number, -1 - (int)kind);
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

    /// <summary>Reads <c>_name</c>. True when a single one has an id and nothing else, which is enough beside a value only.</summary>
    private bool ReadExtensionsOf(ElementDefinition element, int choice, int node, int slot, bool isShadow)
    {
        if (!element.IsArray)
            return ReadExtensionObject(element, choice, node, isShadow) == ItemMark.IdOnly;
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            Refuse($"_{element.Name} must be an array", node, element, element.Types[choice].TypeIndex);
            return false;
        }

        var items = new List<ItemMark>();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray && !_log.IsFull)
        {
            _place.Index = items.Count;
            items.Add(_reader.TokenType == JsonTokenType.Null ? ItemMark.Null : ReadExtensionObject(element, choice, node, isShadow));
        }

        _place.Index = -1;
        if (items.Count == 0)
            _log.Error("structure", _place.Path(), "an array must not be empty");
        _marks.Add(new ItemMarks(slot, IsUnderscore: true, [.. items]));
        return false;
    }

    private ItemMark ReadExtensionObject(ElementDefinition element, int choice, int node, bool isShadow)
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            Refuse($"_{element.Types[choice].Property} must be an object with id and extension", node, element, element.Types[choice].TypeIndex);
            return ItemMark.Present;
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

        return isIdOnly ? ItemMark.IdOnly : ItemMark.Present;
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
    private void Refuse(string words, int node, ElementDefinition element, int type)
    {
        _log.Error("structure", _place.Path(), _reader.TokenType == JsonTokenType.Null ? "null is not allowed here" : words);
        _reader.Skip();
        Placeholder(node, element.Number, type);
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

    /// <summary>The name may have been made up from a patient's data, so that it is only repeated when it looks like an element.</summary>
    private bool ReportUnknown(ObjectType type)
    {
        var name = Escapes.HasLoneSurrogate(_reader) ? "" : Encoding.UTF8.GetString(Unescape());
        if (name == "resourceType" && type.IsResource)
            _log.Error("structure", _place.Path(name), "the property is there twice");
        else if (name.Length is > 0 and <= 64 && char.IsAsciiLetter(name.TrimStart('_').FirstOrDefault()) && name.All(character => char.IsAsciiLetterOrDigit(character) || character == '_'))
            _log.Error("structure", _place.Path(name), $"{type.Name} has no element {name}");
        else
            _log.Error("structure", _place.Path(), $"{type.Name} has no element of that name");
        return true;
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

    private enum ItemMark : byte
    {
        Null,
        Present,
        IdOnly,
    }

    private sealed record ItemMarks(int Slot, bool IsUnderscore, ItemMark[] Items);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Seen(ulong Values, ulong Extensions, ulong IdOnly, bool HasUnknown);
}
