using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure.Scores;

namespace Lazaret.Disclosure.Answers;

/// <summary>
/// The area under the ROC curve as it follows from a released rank correlation with an outcome of two values: AUC = ½ + R‖u‖/√(n·n₁·n₀), u the
/// centred ranks of the scores. It tells only what R, n₁ and n₀ tell. The ledgers assume that n₁/n, the cohort's mean, is known. So the area
/// costs nothing beyond R.
/// </summary>
/// <param name="Value">The area, from the released R with its noise, rounded.</param>
/// <param name="P">The two-sided p, by Mann and Whitney's normal approximation, from the released area.</param>
/// <param name="Low">The lower end of the 95 % interval, by Hanley and McNeil, from the released area.</param>
/// <param name="Ones">n₁: subjects with the larger value.</param>
public sealed record ReleasedArea(decimal Value, decimal P, decimal Low, decimal High, int Ones, int Zeros)
{
    /// <param name="r">R as it is released.</param>
    /// <param name="c">The noise on R, in units of 1/√(n − 1).</param>
    /// <returns>Null where the outcome has not two values, or fewer than the smallest cohort have one of them.</returns>
    public static ReleasedArea? Of(double[] scores, double[] outcome, double r, double c, DisclosurePolicy policy)
    {
        if (AreaUnderCurve.Of(scores, outcome) is not { } counted || Math.Min(counted.Ones, counted.Zeros) < policy.MinimumCohort)
            return null;
        // From here on only the counts n₁ and n₀ are used, not the true area.
        var middle = (scores.Length + 1) / 2.0;
        var length = Math.Sqrt(Ranks.Of(scores).Sum(rank => (rank - middle) * (rank - middle)));
        var area = (double)Rounded.To(policy.Decimals, Math.Clamp(0.5 + r * length / Math.Sqrt((double)scores.Length * counted.Ones * counted.Zeros), 0, 1));
        var (low, high) = counted.Interval(area, c);
        return new ReleasedArea(
            Rounded.To(policy.Decimals, area), Rounded.To(policy.Decimals, counted.P(area, c)), Rounded.To(policy.Decimals, low), Rounded.To(policy.Decimals, high), counted.Ones, counted.Zeros);
    }
}
