namespace Lazaret.Node.WebConsole.Parts;

/// <summary>Where in a list a page is.</summary>
/// <param name="Find">What the reader looks for; null for nothing.</param>
/// <param name="From">How many of those found come before the first that is shown.</param>
/// <param name="Shown">How many are shown.</param>
/// <param name="Found">How many have what the reader looks for.</param>
/// <param name="All">How many there are.</param>
/// <param name="ToFirst">The end of the address of the list's beginning.</param>
/// <param name="ToNext">The end of the address of what comes after those shown.</param>
public sealed record ListPlace(string? Find, int From, int Shown, int Found, int All, string ToFirst, string ToNext)
{
    /// <summary>The parameter of an address with what the reader looks for.</summary>
    public const string FindName = "find";

    /// <summary>How many are shown at once.</summary>
    public const int Page = 100;

    /// <summary>So many are seen at a glance, and need no search.</summary>
    public const int Few = 20;

    /// <summary>How many come after those shown.</summary>
    public int Rest => Found - From - Shown;

    /// <summary>What is said in place of an empty list.</summary>
    public string Nothing(string ofAll) => All == 0 ? ofAll : Found == 0 ? $"None of {All} has “{Find}” in it." : "Nothing comes after these.";
}
