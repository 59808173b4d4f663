using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure.Outcomes;

namespace Lazaret.Disclosure.Noise;

/// <summary>
/// Noise on R for discrete outcomes. One part depends on the question, like <see cref="GaussianNoise"/>. The other part moves each subject's outcome by a secret number that never
/// changes; R, and what follows from it, is computed from the moved outcomes. Repeating a question in other forms averages out only the first part. The moved outcomes are no whole
/// numbers, so no remainder of R tells one subject's value.
/// </summary>
public static class DiscreteNoise
{
    /// <summary>The share of the variance that moves the subjects' outcomes; it is half of the standard deviation.</summary>
    private const double SubjectsShare = 0.25;

    /// <summary>
    /// c of the part that depends on the question. The ledgers count only this part: the other one is the same in all answers, and leaving it out is on the safe
    /// side.
    /// </summary>
    public static double QuestionPart(double c) => c * Math.Sqrt(1 - SubjectsShare);

    /// <summary>Moves each subject's outcome by a multiple of the subject's secret number.</summary>
    /// <param name="outcome">The outcome as values or ranks.</param>
    /// <param name="deviation">The outcome's standard deviation over the site, so that outcomes are moved equally far in all cohorts.</param>
    /// <param name="offsets">One standard normal number per subject, which only somebody with the key knows.</param>
    public static double[] Move(double[] outcome, double deviation, double c, double[] offsets)
    {
        var reach = Math.Sqrt(SubjectsShare) * c * deviation;
        return [.. outcome.Zip(offsets, (value, offset) => value + reach * offset)];
    }

    /// <summary>
    /// R of the moved outcome, times √(1 + δ²), δ the subjects' part of c. On average it is as large as R of the outcome itself; under independence its standard deviation is
    /// √(1 + δ²)/√(n − 1). The part of the noise that depends on the question is not in it.
    /// </summary>
    /// <param name="scores">The scores, winsorised if control C5 acts.</param>
    /// <param name="deviation">The outcome's standard deviation over the site.</param>
    /// <returns>Null where there is no correlation.</returns>
    public static double? Correlate(Statistic statistic, double[] scores, double[] outcome, IReadOnlyList<double[]> covariates, double deviation, double c, double[] offsets)
    {
        if (statistic == Statistic.Kendall)
            return CorrelateByPairs(scores, outcome, deviation / OutcomeTraits.Of(outcome).StandardDeviation, c, offsets);
        var ranked = statistic == Statistic.Spearman;
        var (x, y) = ranked ? (Ranks.Of(scores), Ranks.Of(outcome)) : (scores, outcome);
        // Ranks are moved as far as values are, relative to their spread: for an outcome of two values both have the same correlations.
        var moved = Move(y, ranked ? deviation * OutcomeTraits.Of(y).StandardDeviation / OutcomeTraits.Of(outcome).StandardDeviation : deviation, c, offsets);
        double[][] others = [.. covariates.Select(column => ranked ? Ranks.Of(column) : column)];
        return Correlation.Of(Statistic.Pearson, x, moved, others) is Correlation.Defined(var r, _) ? r * Math.Sqrt(1 + SubjectsShare * c * c) : null;
    }

    /// <summary>
    /// Kendall's τ_b with an outcome of two values is 2‖u‖/√(nT) times the correlation with ranks, u the centred ranks and T the pairs of different scores. The code
    /// adds the same multiple of the offsets' correlation with the ranks. For more than two values this is an approximation.
    /// </summary>
    private static double? CorrelateByPairs(double[] scores, double[] outcome, double share, double c, double[] offsets)
    {
        if (Correlation.Of(Statistic.Kendall, scores, outcome, []) is not Correlation.Defined(var tau, _))
            return null;
        var n = scores.Length;
        var ranks = Ranks.Of(scores);
        var middle = (n + 1) / 2.0;
        var sum = ranks.Zip(offsets, (rank, offset) => (rank - middle) * offset).Sum();
        var different = n * (n - 1) / 2.0 - scores.CountBy(score => score).Sum(tied => tied.Value * (tied.Value - 1) / 2.0);
        return tau + 2 / Math.Sqrt(n * different) * Math.Sqrt(SubjectsShare) * c * share * sum / Math.Sqrt(n - 1);
    }
}
