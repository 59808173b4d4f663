using Lazaret.Disclosure.Answers;

namespace Lazaret.Disclosure;

/// <summary>What leaves of one correlation.</summary>
/// <param name="N">Subjects.</param>
/// <param name="R">Rounded; with noise where the policy has some.</param>
/// <param name="P">Two-sided, rounded.</param>
/// <param name="Interval">The 95 % interval that follows from the released R and n; null where there is none.</param>
/// <param name="DegreesOfFreedom">n − 2, less the covariates' rank; null where it has none (Kendall's τ, differential privacy).</param>
public sealed record ReleasedResult(int N, decimal R, decimal P, (decimal Low, decimal High)? Interval, int? DegreesOfFreedom)
{
    /// <summary>The partial correlation beside the score of the cohort's mean map, and its two-sided p; null where it is not asked for.</summary>
    public (decimal R, decimal P)? BesideDegree { get; init; }

    /// <summary>Where p is by permutation or by surrogates: what it rests on.</summary>
    public ReleasedPermutation? Permutation { get; init; }

    /// <summary>Of a plain rank correlation with an outcome of two values.</summary>
    public ReleasedArea? Area { get; init; }
}

/// <summary>What leaves of such a test beside its p.</summary>
/// <param name="Orders">B: how many orders of the outcomes, or surrogates.</param>
/// <param name="SeedDigest">SHA-256 of the seed from which they were drawn; null where they are all there are.</param>
/// <param name="FamilyWise">p over the maps of a batch, rounded; null for one map, or where the maps are about different subjects.</param>
public sealed record ReleasedPermutation(int Orders, string? SeedDigest, decimal? FamilyWise);
