using System.Buffers;
using System.Globalization;
using System.Numerics;

namespace Lazaret.Fhir.Units;

/// <summary>
/// UCUM's case-sensitive grammar (§2 to §12). <c>.</c> and <c>/</c> bind alike, from left to right; a leading <c>/</c> inverts what
/// follows it, up to the next operator. Annotations mean nothing to UCUM. Length, nesting, exponents and factors are bounded.
/// </summary>
internal ref struct UnitParser
{
    public const int MaxLength = 256;

    private const int MaxDepth = 32;
    private const int MaxExponent = 999;

    private static readonly SearchValues<char> EndOfSymbol = SearchValues.Create("()+-./={}\"0123456789");

    private readonly string _text;
    private int _at;
    private int _depth;
    private string? _fault;

    private UnitParser(string text) => _text = text;

    /// <param name="text">The unit.</param>
    /// <param name="fault">What is wrong where the answer is null, in words.</param>
    public static Meaning? Parse(string text, out string? fault)
    {
        if (text.Length > MaxLength)
        {
            fault = $"a unit of more than {MaxLength} characters is not read";
            return null;
        }

        var parser = new UnitParser(text);
        var isInverse = parser.Skip('/');
        var meaning = parser.Term(isInverse);
        if (meaning is not null && parser._at < text.Length)
            meaning = parser.Fault(text[parser._at] == ')' ? "a parenthesis closes that was not opened" : "an operator is missing before");
        fault = meaning is null ? parser._fault : null;
        return meaning;
    }

    private Meaning? Term(bool isInverse)
    {
        Meaning? product = null;
        while (true)
        {
            var component = Component();
            if (component is not null && isInverse)
                component = component.Power(-1) ?? Fault("a special unit takes no part in a quotient, before");
            if (component is null)
                return null;
            product = product is null ? component : product.Times(component) ?? Fault("too large, or a special unit in a product, before");
            if (product is null)
                return null;
            if (Skip('/'))
                isInverse = true;
            else if (Skip('.'))
                isInverse = false;
            else
                return product;
        }
    }

    private Meaning? Component()
    {
        if (_at == _text.Length)
            return Fault("a unit is missing at the end");
        switch (_text[_at])
        {
            case '{':
                return Annotated(Meaning.One);
            case '(':
                return Parenthesis();
            case >= '0' and <= '9' when _text.AsSpan(_at) is not ['1', '0', '*' or '^', ..]:
                return Number();
            default:
                return Unit();
        }
    }

    private Meaning? Parenthesis()
    {
        if (++_depth > MaxDepth)
            return Fault($"more than {MaxDepth} parentheses in each other");
        _at++;
        var inner = Term(isInverse: false);
        _depth--;
        if (inner is null)
            return null;
        return Skip(')') ? Annotated(inner) : Fault("a parenthesis is not closed before");
    }

    private Meaning? Number()
    {
        var start = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
            _at++;
        var number = BigInteger.Parse(_text.AsSpan(start, _at - start), CultureInfo.InvariantCulture);
        return number.IsZero ? Fault("the number 0 measures nothing, before") : Annotated(Meaning.Number(number));
    }

    private Meaning? Unit()
    {
        var symbol = Symbol();
        if (symbol.Length == 0)
            return _fault is not null ? null : Letters() is { Length: > 0 } letters ? Unknown(letters) : Fault("a unit is missing before");
        if (UnitTable.Find(symbol) is not var (prefix, atom))
            return Unknown(symbol);
        var meaning = prefix is { } scale ? atom.Meaning.Prefixed(scale) : atom.Meaning;
        if (Exponent() is { } exponent)
            meaning = exponent == int.MaxValue ? Fault("the exponent is too large before") : meaning?.Power(exponent) ?? Fault($"{symbol} takes no such exponent, before");
        else if (_fault is not null)
            return null;
        return meaning is null ? null : Annotated(meaning with { Traits = meaning.Traits.Measured(meaning.Dimension) });
    }

    // Up to an operator, a digit or a brace; brackets belong to it with all that they hold.
    private string Symbol()
    {
        var start = _at;
        if (_text.AsSpan(_at) is ['1', '0', ..])
            _at += 3;
        while (_at < _text.Length && _text[_at] is > ' ' and <= '~' && !EndOfSymbol.Contains(_text[_at]))
        {
            if (_text[_at] == '[')
            {
                var end = _text.IndexOf(']', _at);
                if (end < 0)
                {
                    Fault("a bracket is not closed after");
                    return "";
                }

                _at = end;
            }

            _at++;
        }

        return _text[start.._at];
    }

    // No unit of UCUM, but what people write for one: °C, µg. Nothing else beyond ASCII is repeated.
    private readonly string Letters()
    {
        var end = _at;
        while (end < _text.Length && (char.IsLetter(_text[end]) || _text[end] == '°'))
            end++;
        return _text[_at..end];
    }

    // int.MaxValue stands for one that is too large; null for none, or a sign without digits, which is a fault.
    private int? Exponent()
    {
        var start = _at;
        if (_at < _text.Length && _text[_at] is '+' or '-')
            _at++;
        var digits = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
            _at++;
        if (_at == digits)
        {
            if (digits > start)
                Fault("an exponent is missing before");
            return null;
        }

        return int.TryParse(_text.AsSpan(start, _at - start), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)
            && Math.Abs((long)exponent) <= MaxExponent ? exponent : int.MaxValue;
    }

    private Meaning? Annotated(Meaning meaning)
    {
        if (_at == _text.Length || _text[_at] != '{')
            return meaning;
        var end = _text.AsSpan(_at + 1).IndexOfAny('{', '}');
        if (end < 0 || _text[_at + 1 + end] != '}')
            return Fault("a brace is not closed after");
        var annotation = _text.AsSpan(_at + 1, end);
        if (annotation.ContainsAnyExceptInRange(' ', '~'))
            return Fault("an annotation holds characters other than ASCII's, after");
        _at += end + 2;
        var isNumber = meaning.IsNumber || (meaning.Dimension == Dimension.None && meaning.Arbitrary.IsEmpty && meaning.Special is null
            && meaning.Traits.Above.IsEmpty && meaning.Traits.Below.IsEmpty);
        return meaning with { Traits = meaning.Traits.Noted(annotation.ToString(), isNumber) };
    }

    private Meaning? Unknown(string symbol)
    {
        _fault ??= UnitLookalikes.Of(symbol) is { } ucum ? $"'{symbol}' is no unit; UCUM writes {ucum}" : $"'{symbol}' is no unit";
        return null;
    }

    // Names the place without repeating a stranger's text at length.
    private Meaning? Fault(string words)
    {
        _fault ??= $"{words} position {_at + 1}";
        return null;
    }

    private bool Skip(char character)
    {
        if (_at == _text.Length || _text[_at] != character)
            return false;
        _at++;
        return true;
    }
}
