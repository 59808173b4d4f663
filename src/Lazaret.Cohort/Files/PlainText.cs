using System.Buffers;
using System.Globalization;
using System.Text;

namespace Lazaret.Cohort.Files;

/// <summary>
/// Text that shows on a terminal as what it is. Control characters steer a terminal, and marks of direction and other invisible
/// characters make one text look like another: they are shown as <c>\u{202E}</c>, and so is half of a surrogate pair.
/// </summary>
public static class PlainText
{
    /// <summary>What need not be looked at more closely.</summary>
    private static readonly SearchValues<char> Ascii = SearchValues.Create([.. Enumerable.Range(' ', 0x7F - ' ').Select(code => (char)code)]);

    /// <summary>False for control characters, line breaks among them, and for invisible ones.</summary>
    public static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    /// <summary>The first that is not plain, as it is shown; null when all are.</summary>
    /// <param name="allowed">Those that do no harm here.</param>
    public static string? FindUnplain(string text, string allowed = "")
    {
        for (var at = 0; at < text.Length;)
        {
            var sound = Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out var length) == OperationStatus.Done;
            if (!sound || (!IsPlain(rune) && !allowed.Contains(text[at], StringComparison.Ordinal)))
                return Shown(sound ? rune.Value : text[at]);
            at += length;
        }

        return null;
    }

    /// <summary>For a message of one line.</summary>
    public static string Line(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Ascii))
            return text;
        using var shown = new StringWriter(CultureInfo.InvariantCulture);
        Write(text, shown, lines: false);
        return shown.ToString();
    }

    /// <param name="lines">Whether line breaks and tabs stay what they are.</param>
    public static void Write(ReadOnlySpan<char> text, TextWriter output, bool lines)
    {
        while (!text.IsEmpty)
        {
            var ascii = text.IndexOfAnyExcept(Ascii);
            if (ascii < 0)
                ascii = text.Length;
            output.Write(text[..ascii]);
            text = text[ascii..];
            if (text.IsEmpty)
                return;

            var sound = Rune.DecodeFromUtf16(text, out var rune, out var length) == OperationStatus.Done;
            if (sound && (IsPlain(rune) || (lines && rune.Value is ('\n' or '\t'))))
                output.Write(text[..length]);
            else if (!lines || text is not ['\r', '\n', ..])
                output.Write(Shown(sound ? rune.Value : text[0]));
            text = text[length..];
        }
    }

    private static string Shown(int code) => string.Create(CultureInfo.InvariantCulture, $"\\u{{{code:X4}}}");
}
