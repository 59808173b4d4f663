using Lazaret.Cohort;
using Lazaret.Node.Analyses;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Configuration;
using Lazaret.Node.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.Cohorts;

/// <summary>What a requester may ask of this site.</summary>
internal static class CatalogEndpoint
{
    public static void MapCatalog(this IEndpointRouteBuilder node) => node
        .MapGet("/catalog/variables", ShowAsync)
        .WithTags("Cohort jobs")
        .WithSummary("The variables, outcomes, masks and statistics that may be asked for");

    private static async Task<Results<Ok<CatalogAnswer>, Problem.NotFound, Problem.Unavailable>> ShowAsync(
        CohortSite site, AnalysisRegistry analyses, SiteOptions institution, DisclosureOptions disclosure, CancellationToken cancellationToken)
    {
        if (site.IsUnused)
            return new Problem.NotFound(Problems.NotFound(CohortSite.NoCohort));
        if (site.ReadCatalog() is not { } catalog)
            return new Problem.Unavailable(CohortSite.NoData);
        var tasks = (await analyses.TasksAsync(cancellationToken)).Keys.Prepend(AnalysisContract.MapToOutcome);
        return TypedResults.Ok(CatalogAnswer.Of(catalog, tasks, institution.Name, disclosure));
    }
}
