using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Lazaret.Cohort;

namespace Lazaret.Node.Cohorts.Forms;

/// <summary>A map, and what to ask of the cohort with it.</summary>
/// <remarks>For the interface's description alone: <see cref="CohortForm"/> reads the form, part by part.</remarks>
internal sealed record CohortFormBody
{
    [JsonPropertyName("map_file"), Description("NIfTI-1, .nii or .nii.gz: 3-D, or 4-D for a batch of maps; none for cross_validate_v1 and outcome_map_v1")]
    public IFormFile MapFile { get; init; } = null!;

    [JsonPropertyName("task"), Description("an analysis of the catalog's tasks; without it map_to_outcome_v1")]
    public string Task { get; init; } = AnalysisContract.MapToOutcome;

    [JsonPropertyName("outcome"), Description("one of the catalog's outcomes")]
    public required string Outcome { get; init; }

    [JsonPropertyName("score"), AllowedValues("dot", "weighted_mean", "mean_inside", "cosine", "spatial_pearson", "spatial_spearman"), Description("how a subject's volume is compared with the map; without it dot")]
    public string Score { get; init; } = "dot";

    [JsonPropertyName("stat"), AllowedValues("pearson", "spearman", "kendall"), Description("how scores and outcomes are correlated; without it pearson")]
    public string Stat { get; init; } = "pearson";

    [JsonPropertyName("alternative"), AllowedValues("two-sided", "greater", "less"), Description("which p is shown; without it two-sided")]
    public string Alternative { get; init; } = "two-sided";

    [JsonPropertyName("mask"), Description("one of the catalog's masks; without it the whole grid")]
    public string Mask { get; init; } = "";

    [JsonPropertyName("filters"), Description("a JSON object: a value or a list of values for a category, {\"min\",\"max\"} on declared bins for a number")]
    public string Filters { get; init; } = "{}";

    [JsonPropertyName("covariates"), Description("names of variables, separated by commas: partial correlation")]
    public string Covariates { get; init; } = "";

    [JsonPropertyName("null"), AllowedValues("permutation", "degree", "spatial"), Description("what R is held against beside independence: outcomes in any order or maps as smooth as this one, both drawn from a seed of the node's, or the cohort's mean map as a competing predictor")]
    public string Null { get; init; } = "";

    [JsonPropertyName("cv"), AllowedValues("loo", "kfold", "group"), Description("for cross_validate_v1: each subject by the others, five parts by turns, or the levels of a category by turns")]
    public string Cv { get; init; } = "";

    [JsonPropertyName("parcellation"), Description("for outcome_map_v1: one of the catalog's parcellations; the cohort's R-map is given as a mean over each parcel")]
    public string Parcellation { get; init; } = "";

    [JsonPropertyName("within"), Description("a category: outcomes are permuted among those of one level alone, or the levels are left out by turns")]
    public string Within { get; init; } = "";

    [JsonPropertyName("space"), Description("the template that the map lies in, by TemplateFlow's name: one that is not the catalog's template is refused")]
    public string Space { get; init; } = "";

    [JsonPropertyName("project"), Description("the key of the project, in place of the header Lazaret-Project")]
    public string Project { get; init; } = "";
}
