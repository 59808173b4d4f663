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
    /// <summary>Of a plain rank correlation with an outcome of two values.</summary>
    public ReleasedArea? Area { get; init; }
}
