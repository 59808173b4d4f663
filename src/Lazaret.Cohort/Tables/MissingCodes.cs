using System.Collections.Frozen;

namespace Lazaret.Cohort.Tables;

/// <summary>Texts by which people and programs say that a value is missing.</summary>
internal static class MissingCodes
{
    private static readonly FrozenSet<string> Texts = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "NA", "N/A", "#N/A", "NaN", "null", "nil", "missing", "unknown", ".", "-", "--", "?");

    public static bool Contains(string text) => Texts.Contains(text);
}
