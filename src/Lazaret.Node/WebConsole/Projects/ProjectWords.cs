using System.Globalization;
using Lazaret.Node.Projects;
using Lazaret.Node.WebConsole.Parts;

namespace Lazaret.Node.WebConsole.Projects;

/// <summary>What a project allows, in a few words.</summary>
internal static class ProjectWords
{
    public static string Allowed(Project project) => string.Join("; ", Lists(project).Where(list => list.Names.Count > 0).Select(list => $"{list.What}: {string.Join(", ", list.Names)}").DefaultIfEmpty("everything"));

    public static IEnumerable<(string What, IReadOnlyList<string> Names)> Lists(Project project) =>
    [
        ("analyses", project.Tasks), ("scores", project.Scores), ("outcomes", project.Outcomes), ("masks", project.Masks), ("models", project.Models),
    ];

    /// <param name="site">The site's own, which holds where the project has none.</param>
    public static string Smallest(Project project, int site) => project.MinimumCohort > 0 ? $"{Words.Count(project.MinimumCohort)} people" : $"the site’s, {Words.Count(site)} people";

    public static string End(Project project) => project.Until?.ToString("d MMMM yyyy", CultureInfo.InvariantCulture) ?? "no end";
}
