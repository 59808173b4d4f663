using System.Buffers;
using System.Text;

namespace Lazaret.Fhir.Validation;

/// <summary>The characters of a narrative: those that XML 1.0 has, and references to them.</summary>
internal static class XhtmlText
{
    private const int LongestReference = 12;

    public static readonly SearchValues<byte> White = SearchValues.Create(" \t\r\n"u8);

    /// <summary>A character that XML does not have, not even by a reference.</summary>
    public static bool HasForeignCharacter(ReadOnlySpan<byte> text)
    {
        if (text.ContainsAny(PrimitiveFormat.Controls))
            return true;
        // U+FFFE and U+FFFF.
        ReadOnlySpan<byte> beginning = [0xEF, 0xBF];
        for (var rest = text; rest.IndexOf(beginning) is >= 0 and var at; rest = rest[(at + 2)..])
        {
            if (at + 2 < rest.Length && rest[at + 2] >= 0xBE)
                return true;
        }

        return false;
    }

    /// <summary>Only the five entities of XML, and references to characters that XML has.</summary>
    /// <param name="hasContent">Set when something else than white space is there, written or referred to.</param>
    public static string? Fault(ReadOnlySpan<byte> text, FhirBudget budget, ref bool hasContent)
    {
        budget.SpendBytes(text.Length);
        while (!text.IsEmpty)
        {
            var at = text.IndexOf((byte)'&');
            hasContent |= (at < 0 ? text : text[..at]).ContainsAnyExcept(White);
            if (at < 0)
                return null;
            budget.Spend();
            if (!TryReadReference(text[at..], out var character, out var length))
                return "only XML's own entities and character references are allowed";
            hasContent |= character.Value is not (' ' or '\t' or '\r' or '\n');
            text = text[(at + length)..];
        }

        return null;
    }

    /// <summary>An attribute's value with its references resolved. It has no <see cref="Fault"/>.</summary>
    public static string Decode(ReadOnlySpan<byte> value)
    {
        if (!value.Contains((byte)'&'))
            return Encoding.UTF8.GetString(value);
        var text = new StringBuilder();
        for (var at = value.IndexOf((byte)'&'); at >= 0; at = value.IndexOf((byte)'&'))
        {
            TryReadReference(value[at..], out var character, out var length);
            text.Append(Encoding.UTF8.GetString(value[..at])).Append(character);
            value = value[(at + length)..];
        }

        return text.Append(Encoding.UTF8.GetString(value)).ToString();
    }

    /// <summary>A URL that runs as a script: browsers drop tabs and line ends anywhere in it, and control characters and spaces before it.</summary>
    public static bool IsScript(string url)
    {
        var seen = url.Where(character => character is not ('\t' or '\r' or '\n')).SkipWhile(character => character <= ' ' || char.IsWhiteSpace(character));
        var scheme = string.Concat(seen.Take("javascript:".Length));
        return scheme.StartsWith("javascript:", StringComparison.OrdinalIgnoreCase)
            || scheme.StartsWith("vbscript:", StringComparison.OrdinalIgnoreCase);
    }

    private static bool TryReadReference(ReadOnlySpan<byte> text, out Rune character, out int length)
    {
        character = default;
        var end = text[..Math.Min(text.Length, LongestReference + 2)].IndexOf((byte)';');
        length = end + 1;
        if (end < 2)
            return false;
        var name = text[1..end];
        if (name[0] != '#')
        {
            character = new Rune(name switch
            {
                [(byte)'a', (byte)'m', (byte)'p'] => '&',
                [(byte)'l', (byte)'t'] => '<',
                [(byte)'g', (byte)'t'] => '>',
                [(byte)'q', (byte)'u', (byte)'o', (byte)'t'] => '"',
                [(byte)'a', (byte)'p', (byte)'o', (byte)'s'] => '\'',
                _ => '\0',
            });
            return character.Value != 0;
        }

        var isHex = name.Length > 1 && name[1] == 'x';
        var digits = name[(isHex ? 2 : 1)..];
        return System.Buffers.Text.Utf8Parser.TryParse(digits, out uint code, out var read, isHex ? 'x' : 'd') && read == digits.Length
            && (code is 9 or 10 or 13 or (>= 0x20 and not (0xFFFE or 0xFFFF))) && Rune.TryCreate(code, out character);
    }
}
