using System.Buffers;
using System.Text;
using Lazaret.Fhir.Definitions;

namespace Lazaret.Fhir.Validation;

/// <summary>
/// The formats of http://hl7.org/fhir/R4/datatypes.html#primitive over unescaped UTF-8, by hand: .NET's \s, \S and \d mean
/// other characters than the specification's. White space is ASCII's.
/// </summary>
internal static class PrimitiveFormat
{
    /// <summary>The longest string, in characters (UTF-16 units), that R4 allows.</summary>
    public const int MaxString = 1024 * 1024;

    /// <summary>The longest number that is read, in digits and signs.</summary>
    public const int MaxNumber = 1000;

    private static readonly SearchValues<byte> White = SearchValues.Create(" \t\r\n\f\v"u8);
    private static readonly SearchValues<byte> IdBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-."u8);
    private static readonly SearchValues<byte> Base64Bytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8);
    private static readonly SearchValues<byte> LowerHex = SearchValues.Create("0123456789abcdef"u8);

    /// <summary>Those that XML does not have either.</summary>
    public static readonly SearchValues<byte> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 32).Where(code => code is not (9 or 10 or 13)).Select(code => (byte)code)]);

    /// <summary>What is wrong with a value that JSON writes as a string; null when nothing is.</summary>
    public static string? Fault(PrimitiveKind kind, ReadOnlySpan<byte> text, FhirBudget budget) => kind switch
    {
        PrimitiveKind.String or PrimitiveKind.Markdown => StringFault(text),
        PrimitiveKind.Code => IsCode(text) ? null : "a code has no white space but single spaces inside",
        PrimitiveKind.Id => IsId(text) ? null : "an id is 1 to 64 of A-Z, a-z, 0-9, hyphen and dot",
        PrimitiveKind.Uri or PrimitiveKind.Url => UriFault(text),
        PrimitiveKind.Canonical => UriFault(text, mayHaveVersion: true)
            ?? (text[0] == '#' || HasScheme(text) ? null : "a canonical is an absolute URL, or a fragment: a relative one is not resolved"),
        PrimitiveKind.Oid => IsOid(text) ? null : "an oid is urn:oid: and numbers with dots",
        PrimitiveKind.Uuid => IsUuid(text) ? null : "a uuid is urn:uuid: and 36 lower-case characters",
        PrimitiveKind.Date => TimeFormat.IsDate(text) ? null : "a date is YYYY, YYYY-MM or YYYY-MM-DD, on a day of the calendar",
        PrimitiveKind.DateTime => TimeFormat.IsDateTime(text) ? null : "a dateTime is a date, or a date with time, seconds and offset",
        PrimitiveKind.Instant => TimeFormat.IsInstant(text) ? null : "an instant is a date with time, seconds and offset",
        PrimitiveKind.Time => TimeFormat.IsTime(text) ? null : "a time is hh:mm:ss",
        PrimitiveKind.Base64Binary => IsBase64(text) ? null : "base64Binary has the wrong alphabet, length or padding",
        PrimitiveKind.Xhtml => Xhtml.Fault(text, budget),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not written as a string"),
    };

    /// <summary>What is wrong with a number's token; null when nothing is.</summary>
    public static string? NumberFault(PrimitiveKind kind, ReadOnlySpan<byte> token)
    {
        if (token.Length > MaxNumber)
            return $"a number has at most {MaxNumber} characters";
        if (kind == PrimitiveKind.Decimal)
            return null;
        if (token.IndexOfAny(".eE"u8) >= 0)
            return "an integer has no fraction and no exponent";
        if (!System.Buffers.Text.Utf8Parser.TryParse(token, out int value, out var read) || read != token.Length)
            return "an integer has 32 bits";
        return kind switch
        {
            PrimitiveKind.PositiveInt when value < 1 => "a positiveInt is at least 1",
            PrimitiveKind.UnsignedInt when value < 0 => "an unsignedInt is at least 0",
            _ => null,
        };
    }

    public static bool IsId(ReadOnlySpan<byte> text) => text.Length is > 0 and <= 64 && !text.ContainsAnyExcept(IdBytes);

    public static bool HasWhite(ReadOnlySpan<byte> text) => text.ContainsAny(White);

    /// <summary>An absolute URI: a scheme and a colon.</summary>
    public static bool HasScheme(ReadOnlySpan<byte> text)
    {
        var colon = text.IndexOf((byte)':');
        if (colon < 1 || !char.IsAsciiLetter((char)text[0]))
            return false;
        foreach (var value in text[1..colon])
        {
            if (!char.IsAsciiLetterOrDigit((char)value) && value is not ((byte)'+' or (byte)'-' or (byte)'.'))
                return false;
        }

        return true;
    }

    private static string? StringFault(ReadOnlySpan<byte> text)
    {
        if (text.Length > MaxString && Encoding.UTF8.GetCharCount(text) > MaxString)
            return $"a string has at most {MaxString} characters";
        return text.ContainsAny(Controls) ? "a string has no control characters but tab, line feed and carriage return" : null;
    }

    private static bool IsCode(ReadOnlySpan<byte> text)
    {
        if (White.Contains(text[0]) || White.Contains(text[^1]))
            return false;
        for (var rest = text; rest.IndexOfAny(White) is >= 0 and var at; rest = rest[(at + 1)..])
        {
            if (rest[at] != ' ' || White.Contains(rest[at + 1]))
                return false;
        }

        return true;
    }

    /// <summary>A URN may be followed by a fragment; that of a canonical by a version too.</summary>
    private static string? UriFault(ReadOnlySpan<byte> text, bool mayHaveVersion = false)
    {
        if (HasWhite(text))
            return "a URI has no white space";
        if (!text.StartsWith("urn:"u8))
            return null;
        var urn = text.IndexOf((byte)'#') is >= 0 and var fragment ? text[..fragment] : text;
        if (mayHaveVersion && urn.IndexOf((byte)'|') is >= 0 and var version)
            urn = urn[..version];
        if (urn.StartsWith("urn:uuid:"u8) && !IsUuid(urn))
            return "urn:uuid: is followed by 36 lower-case characters";
        return urn.StartsWith("urn:oid:"u8) && !IsOid(urn) ? "urn:oid: is followed by numbers with dots" : null;
    }

    private static bool IsUuid(ReadOnlySpan<byte> text)
    {
        if (text.Length != 45 || !text.StartsWith("urn:uuid:"u8))
            return false;
        var uuid = text[9..];
        for (var i = 0; i < uuid.Length; i++)
        {
            if (i is 8 or 13 or 18 or 23 ? uuid[i] != '-' : !LowerHex.Contains(uuid[i]))
                return false;
        }

        return true;
    }

    /// <summary><c>urn:oid:[0-2](\.(0|[1-9][0-9]*))+</c>.</summary>
    private static bool IsOid(ReadOnlySpan<byte> text)
    {
        if (text.Length < 11 || !text.StartsWith("urn:oid:"u8) || text[8] is < (byte)'0' or > (byte)'2' || text[9] != '.')
            return false;
        foreach (var range in text[10..].Split((byte)'.'))
        {
            var arc = text[10..][range];
            if (arc.IsEmpty || arc.ContainsAnyExceptInRange((byte)'0', (byte)'9') || (arc[0] == '0' && arc.Length > 1))
                return false;
        }

        return true;
    }

    private static bool IsBase64(ReadOnlySpan<byte> text)
    {
        int symbols = 0, padding = 0;
        while (!text.IsEmpty)
        {
            var run = text.IndexOfAnyExcept(Base64Bytes);
            run = run < 0 ? text.Length : run;
            if (run > 0 && padding > 0)
                return false;
            symbols += run;
            if (run == text.Length)
                break;
            if (text[run] == '=')
                padding++;
            else if (!White.Contains(text[run]))
                return false;
            text = text[(run + 1)..];
        }

        return symbols > 0 && padding <= 2 && (symbols + padding) % 4 == 0;
    }
}
