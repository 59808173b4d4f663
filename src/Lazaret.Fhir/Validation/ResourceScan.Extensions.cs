using System.Text.Json;
using Lazaret.Fhir.Definitions;
using Lazaret.Fhir.Json;

namespace Lazaret.Fhir.Validation;

// What stands under a primitive element's underscored name: its id and extensions.
internal ref partial struct ResourceScan
{
    /// <summary>Reads what stands under <c>_name</c>.</summary>
    private void ReadExtensions(ref Frame frame, ElementDefinition element, int choice)
    {
        var isShadow = (frame.Values & element.Bit) != 0;
        _item = 0;
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
            _place.Index = _item = items.Count;
            _budget.Spend();
            items.Add(_reader.TokenType == JsonTokenType.Null ? Partner.Null : ReadExtension(element, choice, frame.Node, isShadow));
        }

        _place.Index = -1;
        if (items.Count == 0)
            _log.Fault("structure", _place, "an array must not be empty");
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
            _tape[before].Type = (short)element.Types[choice].TypeIndex;
            _tape[before].IsShadow = isShadow;
        }

        if (element.Types[choice].Primitive == PrimitiveKind.Xhtml && !isIdOnly)
            _log.Fault("structure", _place, "a narrative's div has no extensions");
        return isIdOnly ? Partner.IdOnly : Partner.Present;
    }

    /// <summary>The extensions came before their value: now they are its shadow.</summary>
    private readonly void ShadowExtensions(int node, ElementDefinition element)
    {
        for (var child = node + 1; child < _tape.Count; child = _tape[child].End)
        {
            _budget.Spend();
            if (_tape[child].Element == element.Number && !_tape[child].HasValue)
                _tape[child].IsShadow = true;
        }
    }
}
