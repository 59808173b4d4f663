using Lazaret.Cohort.Statistics;

namespace Lazaret.Cohort;

/// <summary>The answer for one map, at full precision.</summary>
/// <param name="N">Rows with a score, the outcome and every covariate.</param>
/// <param name="R">Null, like <paramref name="P"/>, where it is undefined: fewer than three rows, or scores or outcomes that do not vary.</param>
/// <param name="P">Two-sided, unless another alternative was asked for.</param>
public sealed record CohortResult(int N, double? R, double? P)
{
    /// <summary>n − 2 less the rank of the covariates; null where R is, and for Kendall's τ, which has none.</summary>
    public int? DegreesOfFreedom { get; init; }

    /// <summary>The 95 % interval of R; null where there is none.</summary>
    public (double Low, double High)? Interval { get; init; }

    /// <summary>The partial correlation beside the score of the cohort's mean map, and its p; null where it is not asked for, or not defined.</summary>
    public (double R, double P)? BesideDegree { get; init; }

    /// <summary>Where p is by permutation.</summary>
    public PermutedP? Permutation { get; init; }

    /// <summary>For an outcome of two values, and without covariates.</summary>
    public MannWhitney? Area { get; init; }
}
