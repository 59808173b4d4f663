using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Cohort;
using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Statistics;
using Lazaret.Node.Sandboxes;

namespace Lazaret.Node.Cohorts.Answers;

/// <summary>A cohort request as its job keeps it.</summary>
/// <param name="Task">The analysis.</param>
/// <param name="Outcome">The outcome's name.</param>
/// <param name="Stat">pearson, spearman or kendall.</param>
/// <param name="Mask">The mask's name; null for the whole grid.</param>
/// <param name="Filters">The filters as canonical JSON.</param>
/// <param name="Covariates">Names, in order.</param>
/// <param name="Maps">How many maps the volume holds, more than one for a 4-D map; one for a question without a map.</param>
internal sealed record CohortRequest(
    string Task, string Outcome, string Stat, string? Mask, string Filters, IReadOnlyList<string> Covariates, int Maps)
{
    /// <summary>The version of a registered analysis; null for built-in analyses.</summary>
    public string? Version { get; init; }

    /// <summary>How subjects are scored; null for an R-map, which scores nobody.</summary>
    public string? Score { get; init; } = ScoreNames.All[0];

    /// <summary>Which p is shown: two-sided, greater or less. By independence it is the same question, and follows from what was released.</summary>
    public string Alternative { get; init; } = AlternativeNames.All[0];

    /// <summary>The null model that the correlation is compared with, besides independence; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Null { get; init; }

    /// <summary>How rows are left out of a cross-validation; null where maps are asked about.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Cv { get; init; }

    /// <summary>The parcellation of the R-map that is asked for; null for other questions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Parcellation { get; init; }

    /// <summary>The category within whose levels outcomes are permuted, or whose levels are left out by turns.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Within { get; init; }

    /// <summary>One a map: the share of its non-zero voxels on the site's grid and inside the mask.</summary>
    public IReadOnlyList<decimal> Coverage { get; init; } = [];

    /// <summary>How the map came onto the site's grid; null of a request that an older version of the node admitted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Interpolation { get; init; }

    /// <summary>One per map: SHA-256 (hexadecimal) of the map as control C0 compares it: the part that counts, scaled and rounded.</summary>
    public IReadOnlyList<string> CanonicalMaps { get; init; } = [];

    /// <summary>SHA-256 of the map's file as it came.</summary>
    public string MapSha256 { get; init; } = "";

    /// <summary>What is asked, in the one form that any two requests which ask the same have in common.</summary>
    /// <param name="map">Which of the maps.</param>
    public CanonicalQuery Canonical(int map) =>
        new(Task, Outcome, Stat, Mask, JsonSerializer.Deserialize<JsonElement>(Filters), Covariates)
        {
            Score = Score,
            Map = HasMap ? CanonicalMaps[map] : null,
            Version = Version,
            Null = Null,
            Cv = Cv,
            Parcellation = Parcellation,
            Within = Within,
            Batch = HasDrawnNull && Maps > 1 ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(',', CanonicalMaps)))) : null,
            Alternative = HasDrawnNull ? Alternative : null,
        };

    /// <summary>Whether maps are asked about, and not the cohort by itself.</summary>
    [JsonIgnore]
    public bool HasMap => Cv is null && Parcellation is null;

    /// <summary>Whether p is by permutation or by surrogates. Then a p of one side does not follow from that of both.</summary>
    [JsonIgnore]
    public bool HasDrawnNull => Null == NullNames.Of(NullModel.Permutation) || Null == NullNames.Of(NullModel.Spatial);

    /// <summary>Its parts as they are compared with a catalog.</summary>
    [JsonIgnore]
    public QueryFields Fields => new()
    {
        Outcome = Outcome,
        Score = Score,
        Stat = Stat,
        Alternative = Alternative,
        Mask = Mask,
        Filters = Filters,
        Covariates = string.Join(',', Covariates),
        Null = Null,
        Cv = Cv,
        Parcellation = Parcellation,
        Within = Within,
    };

    /// <summary>The variables that every analysis gets, built-in or registered.</summary>
    internal (string Name, string Value)[] Variables(SandboxPaths paths) =>
    [
        (AnalysisContract.DataDirectory, paths.Data),
        (AnalysisContract.MapPath, Path.Combine(paths.Work, AnalysisContract.MapFile)),
        (AnalysisContract.OutJson, Path.Combine(paths.Work, AnalysisContract.ResultFile)),
        (AnalysisContract.Outcome, Outcome),
        (AnalysisContract.Score, Score ?? ""),
        (AnalysisContract.Stat, Stat),
        (AnalysisContract.MaskName, Mask ?? ""),
        (AnalysisContract.Filters, Filters),
        (AnalysisContract.Covariates, string.Join(',', Covariates)),
    ];

    public string Write() => JsonSerializer.Serialize(this);

    public static CohortRequest Read(string json) => JsonSerializer.Deserialize<CohortRequest>(json)!;
}
