using System.Globalization;
using System.Text;

namespace Lazaret.Cohort.Tables;

/// <summary>In what two identifiers of one subject may differ that people write, or spreadsheets make of them. The join compares exact text all the same.</summary>
internal static class NearMiss
{
    // Cyrillic and Greek letters, each above the Latin one for which people take it.
    private const string Alike = "АВЕКМНОРСТУХЅІЈасеорухѕіјΑΒΕΖΗΙΚΜΝΟΡΤΥΧο";
    private const string Latin = "ABEKMHOPCTYXSIJaceopyxsijABEZHIKMNOPTYXo";

    private static readonly (string Difference, Func<string, string> Plain) Prefix = ("the prefix 'sub-' or 'ses-'", WithoutPrefix);
    private static readonly (string Difference, Func<string, string> Plain) Zeros = ("leading zeros", WithoutZeros);

    /// <summary>Straight and typographic ones, and what keyboards have in their place.</summary>
    private static readonly char[] Marks = ['\'', '"', '`', '\u00B4', '\u2018', '\u2019', '\u201A', '\u201C', '\u201D', '\u201E', '\u00AB', '\u00BB', '\u2039', '\u203A'];

    // Before the lists that hold it: static members are made in their order.
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

    /// <summary>What the difference is called, and the text without it.</summary>
    public static IReadOnlyList<(string Difference, Func<string, string> Plain)> Differences { get; } =
    [
        .. Characters,
        // Before points: 1.0 is 1, and not 10.
        ("'.0' at the end", WithoutPoint),
        ("hyphens, underscores or points", WithoutDashes),
        Prefix,
        Zeros,
        ("quotation marks", text => text.Trim(Marks)),
        ("letters before the number", WithoutLetters),
        ("several of these: spaces, Unicode form, case, prefix, leading zeros, hyphens", text => WithoutZeros(WithoutDashes(WithoutPrefix(WithoutPoint(WithoutForm(text)))))),
    ];

    /// <summary>The same within one table, where a hyphen or an ending may tell two people apart.</summary>
    public static IReadOnlyList<(string Difference, Func<string, string> Plain)> OfPeople { get; } =
    [
        .. Characters,
        Prefix,
        Zeros,
    ];

    /// <summary>The same of levels of a category: what a prefix or a hyphen tells apart may be meant.</summary>
    public static IReadOnlyList<(string Difference, Func<string, string> Plain)> OfLevels { get; } =
    [
        .. Characters,
        // A mark at the end alone may tell levels apart: A and A'.
        ("quotation marks", text => text.Length > 1 && Marks.Contains(text[0]) && text.Trim(Marks) is { Length: > 0 } bare ? bare : text),
        ("how a number is written", text => TableNumber.Parse(text) is var number && double.IsFinite(number) ? number.ToString(CultureInfo.InvariantCulture) : text),
        ("spaces, Unicode form and case", WithoutForm),
    ];

    /// <summary>The same of names of columns: <c>q1_1</c> and <c>q11</c> are two, and so are names that spaces tell apart.</summary>
    public static IReadOnlyList<(string Difference, Func<string, string> Plain)> OfColumns { get; } = [.. Characters.Skip(1)];

    private static string WithoutForm(string text) => WithoutCase(WithoutScript(WithoutWidth(MarkedLetters.Without(WithoutSpaces(text)))));

    /// <summary>In lower case, and with one writing for letters whose other case is two letters, or another letter's: <c>ß</c> is SS, <c>σ</c> and <c>ς</c> are Σ, <c>ı</c> is I, <c>i</c> is <c>İ</c> in Turkish, <c>ſ</c> is S.</summary>
    private static string WithoutCase(string text) => text.Replace('İ', 'i').ToLowerInvariant().Replace("ß", "ss", StringComparison.Ordinal).Replace('ς', 'σ').Replace('ı', 'i').Replace('ſ', 's');

    /// <summary>Nor what nobody sees: soft hyphens, joiners, marks of direction and of byte order.</summary>
    private static string WithoutSpaces(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c) && char.GetUnicodeCategory(c) != UnicodeCategory.Format));

    /// <summary>Full-width forms (U+FF01 to U+FF5E) are ASCII's characters, as East Asian keyboards write them.</summary>
    private static string WithoutWidth(string text) => string.Concat(text.Select(c => c is >= '\uFF01' and <= '\uFF5E' ? (char)(c - '\uFF01' + '!') : c));

    private static string WithoutScript(string text) => string.Concat(text.Select(c => Alike.IndexOf(c, StringComparison.Ordinal) is >= 0 and var at ? Latin[at] : c));

    /// <summary>Of <c>sub-01</c>, and of <c>sub01</c>, <c>sub_01</c> and <c>subject-01</c>, which are not BIDS' but are met.</summary>
    private static string WithoutPrefix(string text) => text.StartsWith("subject-", StringComparison.OrdinalIgnoreCase) && text.Length > "subject-".Length ? text["subject-".Length..] :
        (text.StartsWith("sub", StringComparison.OrdinalIgnoreCase) || text.StartsWith("ses", StringComparison.OrdinalIgnoreCase)) && text[3..].TrimStart('-', '_') is { Length: > 0 } rest
        && (rest.Length < text.Length - 3 || char.IsAsciiDigit(rest[0])) ? rest : text;

    /// <summary>Word processors and spreadsheets write longer dashes in place of a hyphen. A point between digits stays: it is part of a number, and 1.5 is not 15.</summary>
    private static string WithoutDashes(string text) => string.Concat(text.Where((c, at) => c == '.'
        ? at > 0 && at + 1 < text.Length && char.IsAsciiDigit(text[at - 1]) && char.IsAsciiDigit(text[at + 1])
        : c is not ('-' or '_' or (>= '\u2010' and <= '\u2015') or '\u2212')));

    /// <summary>Of <c>P01</c> and <c>patient-01</c>: 01.</summary>
    private static string WithoutLetters(string text) => string.Concat(text.SkipWhile(char.IsAsciiLetter)).TrimStart('-', '_') is [>= '0' and <= '9', ..] number ? number : text;

    private static string WithoutPoint(string text) => text.EndsWith(".0", StringComparison.Ordinal) ? text[..^2] : text;

    /// <summary>Of every run of digits: <c>P007</c> and <c>P7</c> are alike.</summary>
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
