using System.Globalization;
using System.Text;

namespace Lazaret.Cohort.Tables;

/// <summary>The differences that two written forms of one subject's identifier may have, as people or spreadsheets write them. The join compares exact text all the same.</summary>
internal static class NearMiss
{
    // Cyrillic and Greek letters, each above the Latin letter that looks the same.
    private const string Alike = "АВЕКМНОРСТУХЅІЈасеорухѕіјΑΒΕΖΗΙΚΜΝΟΡΤΥΧο";
    private const string Latin = "ABEKMHOPCTYXSIJaceopyxsijABEZHIKMNOPTYXo";

    private static readonly (string Difference, Func<string, string> Plain) Prefix = ("the prefix 'sub-' or 'ses-'", WithoutPrefix);
    private static readonly (string Difference, Func<string, string> Plain) Zeros = ("leading zeros", WithoutZeros);

    /// <summary>Straight and typographic quotation marks, and what keyboards have in their place.</summary>
    private static readonly char[] Marks = ['\'', '"', '`', '\u00B4', '\u2018', '\u2019', '\u201A', '\u201C', '\u201D', '\u201E', '\u00AB', '\u00BB', '\u2039', '\u203A'];

    // It stands before the lists that use it: static members are initialised in their order.
    private static readonly (string Difference, Func<string, string> Plain)[] Characters =
    [
        ("spaces", WithoutSpaces),
        ("the Unicode form of letters with marks", MarkedLetters.Without),
        ("the width of letters or digits", WithoutWidth),
        ("letters of another script that look alike", WithoutScript),
        ("letters that were read in another encoding", LostLetters.Reread),
        ("upper and lower case", text => text.ToLowerInvariant()),
        ("upper and lower case of ß, ς, ı or İ", WithoutCase),
    ];

    /// <summary>For each difference: its name, and a function that removes it from a text.</summary>
    public static IReadOnlyList<(string Difference, Func<string, string> Plain)> Differences { get; } =
    [
        .. Characters,
        // It stands before the removal of points: 1.0 is 1, and not 10.
        ("'.0' at the end", WithoutPoint),
        ("hyphens, underscores or points", WithoutDashes),
        Prefix,
        Zeros,
        ("quotation marks", text => text.Trim(Marks)),
        ("letters before the number", WithoutLetters),
        ("several of these: spaces, Unicode form, case, prefix, leading zeros, hyphens", text => WithoutZeros(WithoutDashes(WithoutPrefix(WithoutPoint(WithoutForm(text)))))),
    ];

    /// <summary>The differences of identifiers within one table, where a hyphen or an ending may tell two people apart.</summary>
    public static IReadOnlyList<(string Difference, Func<string, string> Plain)> OfPeople { get; } =
    [
        .. Characters,
        Prefix,
        Zeros,
    ];

    /// <summary>The differences of the levels of a category, where a prefix or a hyphen may tell two levels apart.</summary>
    public static IReadOnlyList<(string Difference, Func<string, string> Plain)> OfLevels { get; } =
    [
        .. Characters,
        // A mark only at the end may tell levels apart: A and A'.
        ("quotation marks", text => text.Length > 1 && Marks.Contains(text[0]) && text.Trim(Marks) is { Length: > 0 } bare ? bare : text),
        ("how a number is written", text => TableNumber.Parse(text) is var number && double.IsFinite(number) ? number.ToString(CultureInfo.InvariantCulture) : text),
        ("spaces, Unicode form and case", WithoutForm),
    ];

    /// <summary>The differences of names of columns: <c>q1_1</c> and <c>q11</c> are two columns, and so are names that differ in spaces.</summary>
    public static IReadOnlyList<(string Difference, Func<string, string> Plain)> OfColumns { get; } = [.. Characters.Skip(1)];

    private static string WithoutForm(string text) => WithoutCase(WithoutScript(WithoutWidth(MarkedLetters.Without(WithoutSpaces(text)))));

    /// <summary>
    /// The text in lower case, with one writing for letters whose other case is two letters, or another letter's: <c>ß</c> is SS, <c>σ</c> and <c>ς</c> are Σ,
    /// <c>ı</c> is I, <c>i</c> is <c>İ</c> in Turkish, <c>ſ</c> is S.
    /// </summary>
    private static string WithoutCase(string text) => text.Replace('İ', 'i').ToLowerInvariant().Replace("ß", "ss", StringComparison.Ordinal).Replace('ς', 'σ').Replace('ı', 'i').Replace('ſ', 's');

    /// <summary>The text without spaces and without invisible characters: soft hyphens, joiners, marks of direction and of byte order.</summary>
    private static string WithoutSpaces(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c) && char.GetUnicodeCategory(c) != UnicodeCategory.Format));

    /// <summary>The text with ASCII characters in place of full-width forms (U+FF01 to U+FF5E), which East Asian keyboards write.</summary>
    private static string WithoutWidth(string text) => string.Concat(text.Select(c => c is >= '\uFF01' and <= '\uFF5E' ? (char)(c - '\uFF01' + '!') : c));

    private static string WithoutScript(string text) => string.Concat(text.Select(c => Alike.IndexOf(c, StringComparison.Ordinal) is >= 0 and var at ? Latin[at] : c));

    /// <summary>The text without a prefix as in <c>sub-01</c>, and in <c>sub01</c>, <c>sub_01</c> and <c>subject-01</c>, which BIDS does not allow but people write.</summary>
    private static string WithoutPrefix(string text) => text.StartsWith("subject-", StringComparison.OrdinalIgnoreCase) && text.Length > "subject-".Length ? text["subject-".Length..] :
        (text.StartsWith("sub", StringComparison.OrdinalIgnoreCase) || text.StartsWith("ses", StringComparison.OrdinalIgnoreCase)) && text[3..].TrimStart('-', '_') is { Length: > 0 } rest
        && (rest.Length < text.Length - 3 || char.IsAsciiDigit(rest[0])) ? rest : text;

    /// <summary>
    /// The text without hyphens, underscores, points, and the longer dashes that word processors write for a hyphen. A point between digits stays: it is part of a
    /// number, and 1.5 is not 15.
    /// </summary>
    private static string WithoutDashes(string text) => string.Concat(text.Where((c, at) => c == '.'
        ? at > 0 && at + 1 < text.Length && char.IsAsciiDigit(text[at - 1]) && char.IsAsciiDigit(text[at + 1])
        : c is not ('-' or '_' or (>= '\u2010' and <= '\u2015') or '\u2212')));

    /// <summary>The number after leading letters: 01 of <c>P01</c> and <c>patient-01</c>. Any other text is returned as it is.</summary>
    private static string WithoutLetters(string text) => string.Concat(text.SkipWhile(char.IsAsciiLetter)).TrimStart('-', '_') is [>= '0' and <= '9', ..] number ? number : text;

    private static string WithoutPoint(string text) => text.EndsWith(".0", StringComparison.Ordinal) ? text[..^2] : text;

    /// <summary>The text without leading zeros in any run of digits: <c>P007</c> and <c>P7</c> are alike.</summary>
    private static string WithoutZeros(string text)
    {
        var plain = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var follows = i > 0 && char.IsAsciiDigit(text[i - 1]) && (plain.Length > 0 && char.IsAsciiDigit(plain[^1]));
            if (text[i] != '0' || follows || i + 1 == text.Length || !char.IsAsciiDigit(text[i + 1]))
                plain.Append(text[i]);
        }

        return plain.ToString();
    }
}
