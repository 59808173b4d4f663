using Lazaret.Cohort.Tables;
using Lazaret.Node.Cohorts;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Configuration;
using Lazaret.Node.Projects;
using Lazaret.Node.Releases;

namespace Lazaret.Node.WebConsole.Data;

/// <summary>What may be asked, for the pages. It is the same as the answer of <c>GET /catalog/variables</c>.</summary>
internal sealed class CatalogDesk(CohortSite site, ProjectDirectory projects, CatalogTasks tasks, SiteOptions institution, CohortOptions options, DisclosureOptions disclosure, TimeProvider time)
{
    /// <summary>The open projects of a requester, by their keys.</summary>
    public async Task<IReadOnlyList<Project>> ListAsync(string requester, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return [.. (await projects.AllAsync(cancellationToken)).Values.Where(project => project.IsOpen(now) && project.HasMember(requester)).OrderBy(project => project.Key, StringComparer.Ordinal)];
    }

    /// <summary>What may be asked within a project, or without one of the whole site; null while the data cannot be read.</summary>
    public async Task<ShownCatalog?> FindAsync(Project? project, CancellationToken cancellationToken)
    {
        if (site.ReadForCatalog() is not { } data)
            return null;
        var shown = data.CatalogOf(disclosure.MinimumOf(project));
        return new ShownCatalog(data.View, shown.Variables, shown.MustPinVisit, CatalogAnswer.Of(shown, await tasks.ListAsync(shown, cancellationToken), project, institution.Name, options.MapLimits, disclosure));
    }
}

/// <summary>What may be asked, with the data from which the numbers of people are counted.</summary>
/// <param name="MustPinVisit">Whether a question must name one visit.</param>
internal sealed record ShownCatalog(DataView View, IReadOnlyList<Variable> Variables, bool MustPinVisit, CatalogAnswer Answer);
