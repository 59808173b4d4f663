using Lazaret.Node.Identity;

namespace Lazaret.Node.WebConsole.Frame;

/// <summary>A part of the console: an entry of its navigation, for whoever may open it.</summary>
/// <param name="Path">The path of its first page.</param>
/// <param name="Name">Its name in the navigation.</param>
public sealed record Chapter(string Path, string Name)
{
    public static readonly Chapter Home = new("/console", "Home");
    public static readonly Chapter Jobs = new("/console/jobs", "Jobs");
    public static readonly Chapter Ask = new("/console/ask", "Ask");
    public static readonly Chapter Reviews = new("/console/reviews", "Reviews");
    public static readonly Chapter Data = new("/console/data", "Data");
    public static readonly Chapter Registry = new("/console/models", "Models");
    public static readonly Chapter Ledger = new("/console/ledger", "Ledger and audit");
    public static readonly Chapter People = new("/console/people", "People and projects");

    /// <summary>All chapters, in the order of the navigation.</summary>
    private static readonly IReadOnlyList<Chapter> All = [Home, Jobs, Ask, Reviews, Data, Registry, Ledger, People];

    /// <summary>The chapters that somebody with these roles may open.</summary>
    public static IEnumerable<Chapter> Of(Roles roles) => All.Where(chapter => AccessTable.Endpoints[$"GET {chapter.Path}"].Admits(roles));
}
