using System.Text.Json;

namespace Lazaret.Cohort.Scores;

/// <summary>
/// How a subject's volume c is compared with a map m, over the voxels that are finite in both and inside the mask; <c>docs/researchers.md</c> has
/// the formulas. A score that is not defined, such as the correlation with a constant volume, is none.
/// </summary>
public enum Score
{
    /// <summary>Σ m·c.</summary>
    Dot,

    /// <summary>Σ m·c / Σ |m|.</summary>
    WeightedMean,

    /// <summary>The mean of c where m is positive.</summary>
    MeanInside,

    /// <summary>Σ m·c / (‖m‖ ‖c‖).</summary>
    Cosine,

    /// <summary>Pearson's correlation of m and c over voxels; of three at least.</summary>
    SpatialPearson,

    /// <summary>Pearson's correlation of the ranks of m and c among the voxels that count, ties at their middle; of three at least.</summary>
    SpatialSpearman,
}

/// <summary>Scores by the names that requests use.</summary>
public static class ScoreNames
{
    /// <summary>The default first.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<Score>().Select(Of)];

    public static string Of(Score score) => JsonNamingPolicy.SnakeCaseLower.ConvertName(score.ToString());
}
