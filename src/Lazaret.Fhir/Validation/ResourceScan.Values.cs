using System.Text.Json;
using Lazaret.Fhir.Definitions;
using Lazaret.Fhir.Json;

namespace Lazaret.Fhir.Validation;

// What stands under an element's name: one value or an array of them.
internal ref partial struct ResourceScan
{
    private void ReadElement(ref Frame frame, ElementDefinition element, int choice)
    {
        _item = 0;
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
            _place.Index = _item = count;
            _budget.Spend();
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
            _log.Fault("structure", _place, "an array must not be empty");
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
                    _log.Fault("value", _place, numberFault);
                break;
            case JsonTokenType.String when Escapes.HasLoneSurrogate(_reader):
                _log.Error("structure", _place.Path(), HalfPair);
                Placeholder(node, element.Number, element.Types[choice].TypeIndex);
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
        var index = _tape.Open(node, element.Number, element.Types[choice].TypeIndex, _item);
        ref var entry = ref _tape[index];
        entry.Value = JsonText.Of(_reader);
        entry.HasValue = true;
        _tape.Close(index);
        if (element.Number == R4.Definitions.ReferenceReference.Number && ReferenceFormat.IsOpaque(_tape.Bytes(index)))
            _opaque.Add(index);
    }

    private void CheckString(ElementDefinition element, PrimitiveKind kind)
    {
        var text = Unescape();
        if (text.Length > 64)
            _budget.SpendBytes(text.Length);
        // In JSON a control character can only be written as an escape.
        if (kind == PrimitiveKind.String && !_reader.ValueIsEscaped && text.Length is > 0 and <= PrimitiveFormat.MaxString)
            return;
        if (text.IsEmpty)
            _log.Fault("value", _place, "a string must not be empty");
        else if (PrimitiveFormat.Fault(kind, text, _budget) is not { } fault)
            CheckBinding(element, kind, text);
        else if (kind != PrimitiveKind.Xhtml)
            _log.Fault("value", _place, fault);
        else if (fault == Xhtml.NoContent)
            _log.Fault("invariant", _place, fault);
        else
            _log.Error("invariant", _place.Path(), fault);
    }

    private readonly void CheckBinding(ElementDefinition element, PrimitiveKind kind, ReadOnlySpan<byte> text)
    {
        if (kind == PrimitiveKind.Code && element.Binding is { } binding && !binding.Contains(text))
            _log.Fault("code-invalid", _place, $"the code must be one of {binding.Url}");
    }

    /// <summary>An empty node keeps the place, so that no invariant finds missing what was only wrong.</summary>
    private void Refuse(string words, int node, ElementDefinition element, int choice)
    {
        _log.Fault("structure", _place, _reader.TokenType == JsonTokenType.Null ? "null is not allowed here" : words);
        Skip();
        Placeholder(node, element.Number, element.Types[choice].TypeIndex);
    }

    private readonly void Placeholder(int node, int element, int type)
    {
        if (node >= 0)
            _tape.Close(_tape.Open(node, element, type, _item));
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
}
