using System.Text.Json.Nodes;
using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;
using Lazaret.Node.Analyses;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Configuration;
using Lazaret.Node.Http;

namespace Lazaret.Node.Cohorts;

/// <summary>What a requester may ask of this site.</summary>
internal static class CatalogEndpoint
{
    public static void MapCatalog(this IEndpointRouteBuilder node) => node
        .MapGet("/catalog/variables", async (CohortSite site, AnalysisRegistry analyses, SiteOptions institution, DisclosureOptions disclosure, CancellationToken cancellationToken) =>
            site.Read(out _) is { } data ? Results.Json(Describe(data.Catalog, (await analyses.TasksAsync(cancellationToken)).Keys, institution, disclosure)) : Problems.Unavailable(CohortSite.NoData))
        .WithTags("Cohort jobs")
        .WithSummary("The variables, outcomes, masks and statistics that may be asked for")
        .Produces<JsonObject>()
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static JsonObject Describe(Catalog catalog, IEnumerable<string> analyses, SiteOptions institution, DisclosureOptions disclosure) => new()
    {
        ["site"] = institution.Name,
        ["template"] = catalog.Template,
        ["resolution_mm"] = catalog.ResolutionMm,
        ["grid"] = Describe(catalog.Grid!),
        ["variables"] = List(catalog.Variables, Describe),
        ["outcomes"] = List(catalog.Outcomes, outcome => new JsonObject { ["name"] = outcome.Name, ["N"] = outcome.N }),
        ["masks"] = List(catalog.Masks, mask => mask),
        ["tasks"] = List(analyses.Prepend(AnalysisContract.MapToOutcome), task => task),
        ["stats"] = List(catalog.Stats, stat => stat),
        ["minimum_cohort"] = catalog.MinimumCohort,
        ["disclosure"] = new JsonObject { ["profile"] = disclosure.Profile, ["controls"] = List(["C1 minimum cohort"], control => control) },
    };

    private static JsonObject Describe(Grid grid) => new()
    {
        ["dims"] = new JsonArray(grid.X, grid.Y, grid.Z),
        ["affine"] = List(Enumerable.Range(0, 4), row => List(Enumerable.Range(0, 4), column => grid.Affine[row, column])),
    };

    private static JsonNode Describe(Variable variable) => variable switch
    {
        Variable.Category category => new JsonObject { ["name"] = category.Name, ["type"] = "category", ["levels"] = List(category.Levels, level => level) },
        Variable.Number number => new JsonObject { ["name"] = number.Name, ["type"] = "number", ["bins"] = List(number.Bins, edge => edge) },
        _ => throw new InvalidOperationException($"unknown variable {variable.GetType().Name}"),
    };

    private static JsonArray List<T>(IEnumerable<T> items, Func<T, JsonNode?> describe) => [.. items.Select(describe)];
}
