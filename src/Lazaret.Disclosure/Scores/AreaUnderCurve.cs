using Lazaret.Cohort.Statistics;

namespace Lazaret.Disclosure.Scores;

/// <summary>
/// The area under the ROC curve of scores and an outcome of two values. It tells what the correlation with the scores' ranks tells: AUC − ½ =
/// R‖u‖/√(n·n₁·n₀). The area that leaves is computed from the released R, so it adds no row to a ledger.
/// </summary>
/// <param name="Value">The true area, in [0, 1]. It does not leave.</param>
/// <param name="Ones">n₁: subjects with the larger value.</param>
/// <param name="Zeros">n₀: subjects with the smaller value.</param>
public sealed record AreaUnderCurve(double Value, int Ones, int Zeros)
{
    /// <returns>Null when the outcome does not have two values.</returns>
    public static AreaUnderCurve? Of(ReadOnlySpan<double> scores, ReadOnlySpan<double> outcome) =>
        RankSum.Of(scores, outcome) is { } ranked ? new AreaUnderCurve(ranked.U / ((double)ranked.Ones * ranked.Zeros), ranked.Ones, ranked.Zeros) : null;

    /// <summary>The two-sided p of a released area, by the normal approximation; the variance includes that of the noise.</summary>
    public double P(double released, double c) => Normal.TwoSidedTail((released - 0.5) / Math.Sqrt(NullVariance * (1 + c * c)));

    /// <summary>The interval of a released area, by Hanley and McNeil's standard error (1982) and the noise.</summary>
    public (double Low, double High) Interval(double released, double c, double confidence = 0.95)
    {
        var a = Math.Clamp(released, 0, 1);
        var (q1, q2) = (a / (2 - a), 2 * a * a / (1 + a));
        var variance = (a * (1 - a) + (Ones - 1) * (q1 - a * a) + (Zeros - 1) * (q2 - a * a)) / ((double)Ones * Zeros);
        var reach = Normal.TwoSidedQuantile(confidence) * Math.Sqrt(variance + c * c * NullVariance);
        return (Math.Max(0, a - reach), Math.Min(1, a + reach));
    }

    private double NullVariance => (Ones + Zeros + 1) / (12.0 * Ones * Zeros);
}
