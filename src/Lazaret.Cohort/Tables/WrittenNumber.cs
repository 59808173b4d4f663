using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Lazaret.Cohort.Tables;

/// <summary>The ways, other than that of the tables, in which a text may write a number.</summary>
internal enum Writing
{
    /// <summary>The text is a number written as it should be, or no number.</summary>
    None,

    /// <summary>With spaces or quotation marks around it: <c> 45</c>, <c>'45</c>.</summary>
    Framed,

    /// <summary>With a comma before the decimals: <c>45,5</c>.</summary>
    Comma,

    /// <summary>With a comma that stands before decimals or between thousands: <c>1,450</c>.</summary>
    CommaOrThousands,

    /// <summary>With marks between thousands: <c>1 450</c>, <c>1'450</c>, <c>1,450,000</c>.</summary>
    Thousands,

    /// <summary>With U+2212 or another dash in place of the minus, or with the sign after the number.</summary>
    Sign,

    /// <summary>With digits of another script.</summary>
    Digits,

    /// <summary>A bound: <c>&lt;45</c>.</summary>
    Bound,

    /// <summary>A lower bound: <c>89+</c>.</summary>
    OrMore,

    /// <summary>With a semicolon in place of a decimal comma: <c>45;5</c>. It may also mean two choices.</summary>
    Semicolon,

    /// <summary>With a unit: <c>45 mg/dL</c>, <c>45%</c>.</summary>
    Unit,

    /// <summary>With something that may be a unit: <c>45J</c>, but also <c>2a</c>.</summary>
    Suffix,
}

/// <summary>Recognises numbers that people and other programs write in other ways. Tables must not have them: they count neither as numbers nor as levels of a category.</summary>
internal static partial class WrittenNumber
{
    /// <summary>A longer text is no number.</summary>
    private const int Longest = 48;

    /// <summary>Quotation marks, and what spreadsheets put before a text that looks like a number.</summary>
    private const string Frame = "'\"=\u2018\u2019\u201C\u201D\u00B4`\u200B\u2060\uFEFF";

    /// <summary>Texts after a number that are units and not codes. No single letter is among them, except y for years: <c>2a</c> and <c>3T</c> are codes.</summary>
    private static readonly FrozenSet<string> Units = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "%", "‰", "°", "°c", "°f", "€", "$", "£", "y", "y.", "yr", "yr.", "yrs", "yrs.", "yo", "y.o.", "y/o", "year", "years", "year old", "years old", "jahre", "ans", "anni", "años", "mo", "mos", "month", "months", "wk", "wks", "week", "weeks",
        "day", "days", "hr", "hrs", "hour", "hours", "min", "mins", "minutes", "sec", "secs", "seconds", "ms", "mm", "cm", "km", "mm2", "mm3", "mm²", "mm³", "cm2", "cm3", "cm²", "cm³", "kg", "mg", "µg", "μg", "ug", "mcg", "ng", "pg",
        "ml", "dl", "µl", "ul", "mmol", "µmol", "umol", "nmol", "pmol", "mmhg", "bpm", "hz", "khz", "mhz", "mv", "µv", "ma", "iu", "u/l", "iu/l", "pt", "pts", "points", "kg/m2", "kg/m²", "mg/d", "mg/day");

    /// <summary>In which of these ways a text writes a number.</summary>
    /// <param name="text">A cell.</param>
    /// <param name="suffix">The text after the number, for <see cref="Writing.Unit"/> and <see cref="Writing.Suffix"/>.</param>
    public static Writing Of(string text, out string suffix)
    {
        suffix = "";
        if (text.Length is 0 or > Longest || IsPlain(text))
            return Writing.None;
        var inner = text.AsSpan().Trim().Trim(Frame).Trim().ToString();
        if (inner.Length < text.Length && (IsPlain(inner) || IsComma(inner)))
            return Writing.Framed;
        if (inner.Split(';') is [[.., >= '0' and <= '9'], [>= '0' and <= '9', ..]] && IsPlain(inner.Replace(';', '.')))
            return Writing.Semicolon;
        if (Form().Match(inner) is not { Success: true } match)
            return Writing.None;
        suffix = match.Groups["after"].Value.Trim();
        var isBehind = suffix is "-" or "\u2212" or "\u2013";
        if (suffix.Length > 0 && suffix != "+" && !isBehind)
            return Units.Contains(suffix) || Rate().IsMatch(suffix) ? Writing.Unit : Writing.Suffix;
        if (match.Groups["bound"].Length > 0)
            return Writing.Bound;
        if (suffix == "+")
            return Writing.OrMore;
        if (match.Groups["currency"].Length > 0)
            return Writing.Unit;
        // Signs are tested before marks between thousands: with '-' in front, the point may stand before decimals.
        var hasOtherSign = match.Groups["sign"].Value is { Length: > 0 } and not ("-" or "+");
        var signed = isBehind ? $"-{inner[..match.Groups["after"].Index].Trim()}" : match.Groups["sign"].Value is { Length: > 0 } and not "+" ? $"-{inner[(match.Groups["sign"].Index + 1)..].Trim()}" : inner;
        if (IsPlain(signed))
            return Writing.Sign;
        if (match.Groups["mark"] is { Success: true } mark)
            return IsComma(signed) && mark.Value == "," ? Writing.CommaOrThousands : Writing.Thousands;
        if (inner.Contains(',', StringComparison.Ordinal))
            return Writing.Comma;
        return isBehind || hasOtherSign ? Writing.Sign
            : inner.Any(c => char.IsDigit(c) && !char.IsAsciiDigit(c)) ? Writing.Digits
            : inner.Any(char.IsWhiteSpace) ? Writing.Framed
            : Writing.None;
    }

    /// <summary>What to do about a cell that should hold a number; a message says it after "is no number". Null when the text means no number.</summary>
    public static string? CureOf(string text) => UnusableColumns.IsDate(text) ? "it is a date, as spreadsheets make them of numbers: write the number" : Of(text, out _) switch
    {
        Writing.Framed => "there are spaces or quotation marks around it: remove them",
        Writing.Comma => $"it has a decimal comma: write a point, or 'decimal: \",\"' into {SiteDeclaration.File} where all numbers of the tables have one",
        Writing.CommaOrThousands => $"its comma is before decimals or between thousands: write 'decimal: \",\"' into {SiteDeclaration.File} if all numbers of the tables have decimal commas, and thousands without a mark",
        Writing.Thousands => "it has marks between thousands: write it without them",
        Writing.Sign => "its sign is another character than '-', behind it or apart from it: write '-' before it",
        Writing.Digits => "its digits are of another script: write 0 to 9",
        Writing.Bound or Writing.OrMore => $"it is a bound and no value: write a number, or leave the field empty, or declare the column's levels in {SiteDeclaration.File}",
        Writing.Semicolon => $"a semicolon parts it: write a point if decimals follow it, or declare the column's levels in {SiteDeclaration.File}",
        Writing.Suffix when text.Contains('/') || text.Contains('\u00B1') || text.EndsWith('?') => "several numbers or a remark stand in it: write one number alone, or leave the field empty",
        Writing.Unit or Writing.Suffix => $"a unit follows it: write the number alone, or declare the column's levels in {SiteDeclaration.File}",
        _ => IsRange(text) ? $"it is a range: write a number, or leave the field empty, or declare the column's levels in {SiteDeclaration.File}"
            : text.Any(char.IsAsciiDigit) && text.Trim('(', ')', '[', ']') is var bare && bare != text && IsPlain(bare) ? "there are brackets around it: remove them, and write '-' before it if they mean that it is below zero"
            : null,
    };

    /// <summary>Whether the text would be a plain number if its only comma were a point.</summary>
    public static bool IsComma(string text) => text.Contains(',') && text.IndexOf(',') == text.LastIndexOf(',') && IsPlain(text.Replace(',', '.'));

    /// <summary>Whether a plain number may be a whole number with a point between its thousands: <c>1.234</c>.</summary>
    public static bool IsThousands(string text) => text.TrimStart('-', '+').Split('.') is [{ Length: >= 1 and <= 3 } before, { Length: 3 }] && before[0] != '0';

    public static bool IsPlain(string text) => double.IsFinite(TableNumber.Parse(text));

    /// <summary>Whether the text is a range: two numbers with a dash between them, as bands of ages are written.</summary>
    public static bool IsRange(string text) => text.Length <= Longest && Range().IsMatch(text);

    // Matches digits of any script, with or without marks between thousands. A number with a leading zero has no such marks.
    [GeneratedRegex("""
        ^(?<bound>(?:[<>≤≥~≈]=?|ca\.?|approx\.?|about|circa)\s*)?(?<currency>[$€£]\s*)?(?<sign>[-+\u2010-\u2015\u2212\uFE63\uFF0D])?\s*
        (?:[\d-[0]]\d{0,2}(?<mark>[\s'’.,_\u00B4])\d{3}(?:\k<mark>\d{3})*(?:[.,]\d+)?(?![\d.,])|(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?(?![\d.,]))
        (?<after>\s*(?:[-+\u2212\u2013]|[^\d\s<>+.,:;\u2010-\u2015\u2212-][^\d:;]{0,20}[23]?|/\s*\d{1,3})?)$
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Form();

    // Matches a mass, an amount or units per volume, mass or time.
    [GeneratedRegex(@"^[mµμunpk]?(?:g|mol|l|iu|u|eq)/(?:[mµμdk]?l|kg|g|min|h|d|day|24h)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Rate();

    [GeneratedRegex(@"^\s*\d+(?:[.,]\d+)?\s*(?:[-\u2010-\u2015\u2212]|to|bis)\s*\d+(?:[.,]\d+)?\D{0,8}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Range();
}
