namespace Lazaret.Node.WebConsole.Parts;

/// <summary>Which part of a list a page shows.</summary>
/// <param name="Find">The text that the reader looks for; null for none.</param>
/// <param name="From">How many of the entries found come before the first that is shown.</param>
/// <param name="Shown">How many entries are shown.</param>
/// <param name="Found">How many entries have the text that the reader looks for.</param>
/// <param name="All">How many entries there are.</param>
/// <param name="ToFirst">The end of the address that shows the list from its beginning.</param>
/// <param name="ToNext">The end of the address that shows the next entries.</param>
public sealed record ListPlace(string? Find, int From, int Shown, int Found, int All, string ToFirst, string ToNext)
{
    /// <summary>The parameter of an address that has the text the reader looks for.</summary>
    public const string FindName = "find";

    /// <summary>How many entries are shown at once.</summary>
    public const int Page = 100;

    /// <summary>Up to so many entries are seen at a glance, and need no search.</summary>
    public const int Few = 20;

    /// <summary>How many entries come after those shown.</summary>
    public int Rest => Found - From - Shown;

    /// <summary>The sentence that is shown in place of an empty list.</summary>
    public string Nothing(string ofAll) => All == 0 ? ofAll : Found == 0 ? $"None of {All} has “{Find}” in it." : "Nothing comes after these.";
}
