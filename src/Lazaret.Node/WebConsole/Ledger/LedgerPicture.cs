using System.Globalization;
using Lazaret.Node.WebConsole.Parts;

namespace Lazaret.Node.WebConsole.Ledger;

/// <summary>The positions in the picture of the ledgers.</summary>
internal sealed class LedgerPicture
{
    private const double Left = 220;
    private const double Width = 480;

    /// <summary>So many projects have a shade of their own; what the other projects spent is hatched.</summary>
    private const int Shades = 3;

    private static readonly string[] Fills = ["f1", "f2", "f3", "fhatch"];

    public LedgerPicture(IReadOnlyList<LedgerRow> rows)
    {
        Rows = rows;
        Projects = [.. rows.SelectMany(row => row.Parts).GroupBy(part => part.Project, StringComparer.Ordinal).OrderByDescending(parts => parts.Sum(part => part.Part)).Select(parts => parts.Key)];
    }

    public IReadOnlyList<LedgerRow> Rows { get; }

    /// <summary>The projects that spent anything, those that spent most first.</summary>
    public List<string> Projects { get; }

    public int Height => 30 + (44 * Rows.Count);

    public IEnumerable<(string Fill, string Name)> Key =>
    [
        .. Projects.Take(Shades).Select((project, index) => (Fills[index], NameOf(project))),
        .. Projects.Count > Shades ? [(Fills[^1], "others")] : Array.Empty<(string, string)>(),
    ];

    public static string NameOf(string project) => project.Length > 0 ? project : "no project";

    public static string At(double share) => (Left + (Width * Math.Clamp(share, 0, 1))).ToString("0.#", CultureInfo.InvariantCulture);

    public static string WidthOf(double from, double to) => (Width * (Math.Clamp(to, 0, 1) - Math.Clamp(from, 0, 1))).ToString("0.#", CultureInfo.InvariantCulture);

    public static string Cut(string name) => name.Length > 26 ? $"{name[..25]}…" : name;

    /// <summary>The parts of a ledger's bar, from the left.</summary>
    public IEnumerable<(string Fill, double From, double To)> Bar(LedgerRow row)
    {
        var from = 0.0;
        foreach (var (project, part) in row.Parts.OrderBy(part => Projects.IndexOf(part.Project)))
        {
            yield return (Fills[Math.Min(Projects.IndexOf(project), Shades)], from, from + part);
            from += part;
        }
    }

    /// <summary>Whether any of them has a limit: else there is nothing to draw.</summary>
    public bool IsLimited => Rows.Any(row => row.IsLimited);

    /// <summary>The picture in words.</summary>
    public string Told => string.Join("; ", Rows.Select(row => $"{row.Name}: {(row.IsLimited ? $"{Words.Percent(row.Spent, 1)} spent" : "no limit")}"));
}
