using Lazaret.Cohort.Files;

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
        if (text.Length <= most)
            return PlainText.Line(text);
        // Not through the middle of a surrogate pair.
        var end = char.IsHighSurrogate(text[most - 1]) ? most - 1 : most;
        return $"{PlainText.Line(text[..end])}…";
    }
}
