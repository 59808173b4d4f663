using System.Text;
using System.Text.Json;
using Lazaret.Fhir.Definitions;
using Lazaret.Fhir.Json;

namespace Lazaret.Fhir.Validation;

// One property of an object: which element it is, and what is passed over when it is none.
internal ref partial struct ResourceScan
{
    private const string HalfPair = "a string or a name holds half of a surrogate pair";

    private void ReadProperty(ref Frame frame)
    {
        _budget.Spend();
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
            _log.Fault("structure", _place, "only one type of a choice may be there");
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

    private void SkipValue()
    {
        _reader.Read();
        var start = _reader.BytesConsumed;
        Skip();
        _budget.SpendBytes((int)(_reader.BytesConsumed - start));
    }

    /// <summary>Passes over the value that the reader stands at. Its text must still be one that can be read: the fault around it may only warn.</summary>
    private void Skip()
    {
        var depth = _reader.CurrentDepth;
        var isBroken = Escapes.HasLoneSurrogate(_reader);
        if (_reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            while (_reader.Read() && _reader.CurrentDepth > depth)
                isBroken |= Escapes.HasLoneSurrogate(_reader);
        }

        if (isBroken)
            _log.Error("structure", _place.Path(), HalfPair);
    }

    /// <summary>The name may be made up from a patient's data: it is only repeated when it looks like an element's, in camelCase.</summary>
    private void ReportUnknown(ObjectType type)
    {
        if (Escapes.HasLoneSurrogate(_reader))
        {
            _log.Error("structure", _place.Path(), HalfPair);
            return;
        }

        var name = Encoding.UTF8.GetString(Unescape());
        if (name == "resourceType" && type.IsResource)
            _log.Error("structure", _place.Path(name), "the property is there twice");
        else if (name.Length <= 64 && char.IsAsciiLetterLower(name.TrimStart('_').FirstOrDefault())
            && name.All(character => char.IsAsciiLetterOrDigit(character) || character == '_'))
            _log.Fault("structure", _place, $"{type.Name} has no element {name}", name);
        else
            _log.Fault("structure", _place, $"{type.Name} has no element of that name", name, isTold: false);
    }
}
