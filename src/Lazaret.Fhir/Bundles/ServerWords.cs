using System.Globalization;
using System.Text;
using Lazaret.Fhir.Json;

namespace Lazaret.Fhir.Bundles;

/// <summary>What a server said in OperationOutcomes: severity, code and diagnostics of the first issues, no more than fits into an answer.</summary>
internal static class ServerWords
{
    private const int MaxTold = 3;
    private const int LongestTold = 200;

    public static string Of(params IReadOnlyList<ReadOnlyMemory<byte>> outcomes)
    {
        var told = new List<string>();
        foreach (var outcome in outcomes)
        {
            if (JsonMembers.Find(outcome, "issue") is [{ } issues] && issues.IsArray())
                JsonMembers.ForEach(issues, (_, issue) => told.Add(told.Count < MaxTold ? Of(issue) : ""));
        }

        return told.Count == 0 ? "it holds no issue" : string.Join("; ", told.Take(MaxTold)) + (told.Count > MaxTold ? $"; and {told.Count - MaxTold} more" : "");
    }

    private static string Of(ReadOnlyMemory<byte> issue)
    {
        if (!issue.IsObject() || JsonMembers.Find(issue, "severity", "code", "diagnostics", "details") is not [var severity, var code, var diagnostics, var details])
            return "an issue that cannot be read";
        var words = diagnostics?.AsText() ?? (details is { } concept && concept.IsObject() && JsonMembers.Find(concept, "text") is [{ } text] ? text.AsText() : null);
        var kind = string.Join(", ", new[] { severity?.AsText(), code?.AsText() }.OfType<string>());
        return Plain(Bounded(words is null ? kind : $"{kind}: {words}"));
    }

    private static string Bounded(string text) =>
        text.Length <= LongestTold ? text : $"{text[..(char.IsHighSurrogate(text[LongestTold - 1]) ? LongestTold - 1 : LongestTold)]}…";

    // One line, without what a terminal or a page would show as something else.
    private static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned)
                plain.Append(' ');
            else
                plain.Append(rune.ToString());
        }

        return plain.ToString();
    }
}
