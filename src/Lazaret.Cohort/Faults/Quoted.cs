using System.Globalization;

namespace Lazaret.Cohort.Faults;

/// <summary>A stranger's own text inside a message: on one line, without what a terminal would obey, and not longer than a line.</summary>
public static class Quoted
{
    private const int Most = 60;

    /// <summary>Between quotes.</summary>
    public static string Text(string text) => $"'{Bare(text)}'";

    /// <summary>Without quotes.</summary>
    /// <param name="most">How many characters are shown.</param>
    public static string Bare(string text, int most = Most)
    {
        var shown = string.Create(Math.Min(text.Length, most), text, static (span, text) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = IsShown(text[i]) ? text[i] : '\uFFFD';
        });
        return text.Length > most ? $"{shown}…" : shown;
    }

    // Format characters turn the direction of what follows, or are not seen at all; half a surrogate pair is no character.
    private static bool IsShown(char c) => char.GetUnicodeCategory(c) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
