using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Configuration;
using Lazaret.Node.Http;
using Lazaret.Node.Identity;
using Lazaret.Node.Projects;
using Lazaret.Node.Releases;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.Cohorts;

/// <summary>What a requester may ask of this site.</summary>
internal static class CatalogEndpoint
{
    public static void MapCatalog(this IEndpointRouteBuilder node) => node
        .MapGet("/catalog/variables", ShowAsync)
        .WithTags("Cohort jobs")
        .WithSummary("The variables, outcomes, masks and statistics that may be asked for")
        .WithDescription("Within a project, where the header names one or the requester is a member of one alone: what that project allows, by its smallest cohort.")
        .TakesProject();

    private static async Task<Results<Ok<CatalogAnswer>, Problem.Forbidden, Problem.NotFound, Problem.Unavailable>> ShowAsync(
        HttpRequest request,
        Requester requester,
        ProjectGate projects,
        CohortSite site,
        CatalogTasks tasks,
        SiteOptions institution,
        CohortOptions options,
        DisclosureOptions disclosure,
        CancellationToken cancellationToken)
    {
        var choice = await projects.ChooseAsync(request, requester, cancellationToken);
        // Whoever names no project, and has not one alone, sees what the site shows.
        if (choice is ProjectChoice.Refused { Refusal: var refusal } && ProjectHeader.Of(request) is not null)
            return new Problem.Forbidden(refusal.ToProblem());
        var project = (choice as ProjectChoice.Chosen)?.Project;
        if (site.IsUnused)
            return new Problem.NotFound(Problems.NotFound(CohortSite.NoCohort));
        if (site.ReadForCatalog() is not { } data)
            return new Problem.Unavailable(CohortSite.NoData);
        var shown = data.CatalogOf(disclosure.MinimumOf(project));
        return TypedResults.Ok(CatalogAnswer.Of(shown, await tasks.ListAsync(shown, cancellationToken), project, institution.Name, options.MapLimits, disclosure));
    }
}
