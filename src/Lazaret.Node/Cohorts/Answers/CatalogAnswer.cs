using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Prediction;
using Lazaret.Cohort.Tables;
using Lazaret.Node.Projects;
using Lazaret.Node.Releases;

namespace Lazaret.Node.Cohorts.Answers;

/// <summary>What may be asked of the cohort. What too few subjects have is not shown.</summary>
internal sealed record CatalogAnswer(
    [property: JsonPropertyName("site")] string Site,
    [property: JsonPropertyName("template")] string? Template,
    [property: JsonPropertyName("resolution_mm")] double? ResolutionMm,
    [property: JsonPropertyName("grid"), Description("null while the site has no volume")] CatalogGrid? Grid,
    [property: JsonPropertyName("variables"), Description("for filters and covariates")] IReadOnlyList<CatalogVariable> Variables,
    [property: JsonPropertyName("outcomes")] IReadOnlyList<CatalogOutcome> Outcomes,
    [property: JsonPropertyName("masks")] IReadOnlyList<string> Masks,
    [property: JsonPropertyName("parcellations"), Description("of an R-map a value a parcel leaves")] IReadOnlyList<CatalogParcellation> Parcellations,
    [property: JsonPropertyName("tasks")] IReadOnlyList<string> Tasks,
    [property: JsonPropertyName("stats"), Description("the default first")] IReadOnlyList<string> Stats,
    [property: JsonPropertyName("scores"), Description("the default first")] IReadOnlyList<string> Scores,
    [property: JsonPropertyName("nulls"), Description("without one p is by independence")] IReadOnlyList<string> Nulls,
    [property: JsonPropertyName("cv"), Description("how rows are left out of a cross-validation")] IReadOnlyList<string> Cv,
    [property: JsonPropertyName("permutations"), Description("B of a p by permutation")] int Permutations,
    [property: JsonPropertyName("surrogates"), Description("how many maps of a spatial null")] int Surrogates,
    [property: JsonPropertyName("minimum_cohort")] int MinimumCohort,
    [property: JsonPropertyName("map_limits")] CatalogMapLimits MapLimits,
    [property: JsonPropertyName("disclosure")] DisclosureNote Disclosure)
{
    /// <summary>The project within which this is so.</summary>
    [JsonPropertyName("project"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Project { get; init; }

    /// <param name="catalog">What the site shows, by the smallest cohort that holds.</param>
    /// <param name="tasks">The names of the analyses.</param>
    /// <param name="project">What of it may be asked within this project; all without one.</param>
    /// <param name="site">The site's name.</param>
    /// <param name="disclosure">What stands between a result and its requester.</param>
    /// <param name="limits">How large a map may be.</param>
    public static CatalogAnswer Of(Catalog catalog, IEnumerable<string> tasks, Project? project, string site, CatalogMapLimits limits, DisclosureOptions disclosure) => new(
        site,
        catalog.Template,
        catalog.ResolutionMm,
        catalog.Grid is { } grid ? CatalogGrid.Of(grid) : null,
        [.. catalog.Variables.Select(CatalogVariable.Of)],
        [.. catalog.Outcomes.Where(outcome => Allows(project?.Outcomes, outcome.Name)).Select(outcome => new CatalogOutcome(outcome.Name, outcome.N))],
        [.. catalog.Masks.Where(mask => Allows(project?.Masks, mask))],
        disclosure.Profile == "dp" ? [] : [.. catalog.Parcellations.Select(known => new CatalogParcellation(known.Name, [.. known.Parcels.Select(parcel => parcel.Name)]))],
        [.. tasks.Where(task => Allows(project?.Tasks, task))],
        catalog.Stats,
        [.. catalog.Scores.Where(score => Allows(project?.Scores, score))],
        disclosure.Profile == "dp" ? [] : catalog.Nulls,
        disclosure.Profile == "dp" ? [] : FoldSchemes.All,
        disclosure.Permutations,
        disclosure.Surrogates,
        catalog.MinimumCohort,
        limits,
        DisclosureNote.Of(disclosure))
    {
        Project = project?.Key,
    };

    private static bool Allows(List<string>? allowed, string name) => allowed is null || Projects.Project.Allows(allowed, name);
}

/// <summary>The voxels that maps are brought onto.</summary>
internal sealed record CatalogGrid(
    [property: JsonPropertyName("dims"), Length(3, 3)] IReadOnlyList<int> Dims,
    [property: JsonPropertyName("affine"), Length(4, 4), Description("by rows, from voxel to mm")] IReadOnlyList<IReadOnlyList<double>> Affine)
{
    public static CatalogGrid Of(Grid grid) => new(
        [grid.X, grid.Y, grid.Z],
        [.. Enumerable.Range(0, 4).Select(row => (double[])[.. Enumerable.Range(0, 4).Select(column => grid.Affine[row, column])])]);
}

/// <summary>A parcellation, and its parcels by increasing label.</summary>
internal sealed record CatalogParcellation([property: JsonPropertyName("name")] string Name, [property: JsonPropertyName("parcels")] IReadOnlyList<string> Parcels);

/// <summary>How large a map may be.</summary>
internal sealed record CatalogMapLimits(
    [property: JsonPropertyName("upload_mib")] int UploadMiB,
    [property: JsonPropertyName("voxels"), Description("of all volumes of the file together; a batch on the site's grid may have more")] long Voxels,
    [property: JsonPropertyName("maps")] int Maps);

/// <summary>A variable that may be a filter or a covariate.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Category), "category")]
[JsonDerivedType(typeof(Number), "number")]
internal abstract record CatalogVariable([property: JsonPropertyName("name"), JsonPropertyOrder(-1)] string Name)
{
    public static CatalogVariable Of(Variable variable) => variable switch
    {
        Variable.Category category => new Category(category.Name, category.Levels),
        Variable.Number number => new Number(number.Name, number.Bins),
        _ => throw new InvalidOperationException($"unknown variable {variable.GetType().Name}"),
    };

    public sealed record Category(string Name, [property: JsonPropertyName("levels")] IReadOnlyList<string> Levels) : CatalogVariable(Name);

    public sealed record Number(
        string Name,
        [property: JsonPropertyName("bins"), Description("the edges: each bin is without its upper edge, but the last has both")] IReadOnlyList<double> Bins) : CatalogVariable(Name);
}

/// <summary>An outcome, and how many subjects have it.</summary>
internal sealed record CatalogOutcome([property: JsonPropertyName("name")] string Name, [property: JsonPropertyName("N")] int N);
