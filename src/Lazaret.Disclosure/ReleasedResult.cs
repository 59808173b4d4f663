using Lazaret.Disclosure.Answers;

namespace Lazaret.Disclosure;

/// <summary>What leaves of the answer about one correlation.</summary>
/// <param name="N">How many subjects.</param>
/// <param name="R">R, with noise if the policy has any, rounded.</param>
/// <param name="P">p, rounded. It is two-sided; by permutation or surrogates it is that of the alternative that was asked for.</param>
/// <param name="Interval">The 95 % interval that follows from the released R and n; null where there is none.</param>
/// <param name="DegreesOfFreedom">n − 2, less the covariates' rank; null where it has none (Kendall's τ, differential privacy).</param>
public sealed record ReleasedResult(int N, decimal R, decimal P, (decimal Low, decimal High)? Interval, int? DegreesOfFreedom)
{
    /// <summary>The partial correlation beside the score of the cohort's mean map, and its two-sided p; null where it is not asked for.</summary>
    public (decimal R, decimal P)? BesideDegree { get; init; }

    /// <summary>What p rests on when it is by permutation or by surrogates; null otherwise.</summary>
    public ReleasedPermutation? Permutation { get; init; }

    /// <summary>The area under the ROC curve, for a plain rank correlation (Spearman) with an outcome of two values; null for any other.</summary>
    public ReleasedArea? Area { get; init; }
}

/// <summary>What leaves of a test by permutation or surrogates beside its p.</summary>
/// <param name="Orders">B: how many orders of the outcomes, or surrogates.</param>
/// <param name="SeedDigest">SHA-256 of the seed from which they were drawn; null when all possible orders were taken.</param>
/// <param name="FamilyWise">p over the maps of a batch, rounded; null for one map, or where the maps are about different subjects.</param>
public sealed record ReleasedPermutation(int Orders, string? SeedDigest, decimal? FamilyWise);
