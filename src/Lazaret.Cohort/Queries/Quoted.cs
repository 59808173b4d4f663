namespace Lazaret.Cohort.Queries;

/// <summary>A requester's own text inside a message: quoted, on one line, and not longer than a line.</summary>
internal static class Quoted
{
    private const int Most = 60;

    public static string Text(string text)
    {
        var shown = string.Concat(text.Take(Most).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c));
        return text.Length > Most ? $"'{shown}…'" : $"'{shown}'";
    }
}
