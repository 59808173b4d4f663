using System.Collections.Frozen;

namespace Lazaret.Cohort.Tables;

/// <summary>Texts by which people and programs say that a value is missing.</summary>
internal static class MissingCodes
{
    private static readonly FrozenSet<string> Texts = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "NA", "N/A", "<NA>", "N.A.", "n. a.", "NaN", "null", "(null)", "<null>", "nil", "missing", "unknown", "unk", "unbekannt", "inconnu", "not available", "not applicable", "not known", "not done",
        "k.A.", "k. A.", "keine Angabe", "n.d.", ".", "..", "-", "--", "---", "\u2013", "\u2014", "?", "??", "#N/A", "#NV", "#N/V", "#N/D", "NaT", "NASK", "ND", "NSP",
        "fehlend", "nicht bekannt", "not tested", "not recorded", "not assessed", "sans objet", "(blank)", "(empty)", "(leer)", "(vide)");

    /// <summary>Whether a text is one of them; spaces around it do not matter. A text of spaces only is one, and so is whatever a spreadsheet writes for an error.</summary>
    public static bool Contains(string text) => text.Trim() is var bare && (bare.Length == 0 ? text.Length > 0 : Texts.Contains(bare) || bare is ['#', .., '!' or '?']);

    /// <param name="text">A cell.</param>
    /// <param name="own">Further texts that site.yaml names. A cell that is exactly one of them is empty by now; this finds one with spaces around it, or in other case.</param>
    public static bool Contains(string text, IReadOnlyList<string> own) => Contains(text) || own.Contains(text.Trim(), StringComparer.OrdinalIgnoreCase);
}
