using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure.Outcomes;

namespace Lazaret.Disclosure.Noise;

/// <summary>
/// The noise on R where an outcome is discrete. A part of it is the question's, like that of <see cref="GaussianNoise"/>. The other part is the subjects': each one's outcome
/// is moved by a secret number that stays the same for ever, and everything that leaves is computed from the moved outcomes. Asking about the same scores in other words averages out
/// the first part alone; and what moved outcomes add up to is no whole multiple of anything, so that no remainder tells a single subject's.
/// </summary>
public static class DiscreteNoise
{
    /// <summary>The subjects' part of the variance: half of the standard deviation.</summary>
    private const double SubjectsShare = 0.25;

    /// <summary>c of the question's part: what the ledgers count. The other part is the same in all answers, and to leave it out is on the safe side.</summary>
    public static double QuestionPart(double c) => c * Math.Sqrt(1 - SubjectsShare);

    /// <summary>The outcome, moved.</summary>
    /// <param name="outcome">Values or ranks.</param>
    /// <param name="deviation">A standard deviation of it. The site's, so that no two cohorts differ in how far outcomes are moved.</param>
    /// <param name="offsets">One standard normal number per subject, which only the key's holder knows.</param>
    public static double[] Move(double[] outcome, double deviation, double c, double[] offsets)
    {
        var reach = Math.Sqrt(SubjectsShare) * c * deviation;
        return [.. outcome.Zip(offsets, (value, offset) => value + reach * offset)];
    }

    /// <summary>
    /// R of the moved outcome, times √(1 + δ²), δ the subjects' part of c: as large as that of the outcome itself on average, and under independence with a standard deviation of
    /// √(1 + δ²)/√(n − 1). The question's part is not in it.
    /// </summary>
    /// <param name="scores">Winsorised, where they are.</param>
    /// <param name="deviation">The outcome's standard deviation over the site.</param>
    /// <returns>Null where there is no correlation.</returns>
    public static double? Correlate(Statistic statistic, double[] scores, double[] outcome, IReadOnlyList<double[]> covariates, double deviation, double c, double[] offsets)
    {
        if (statistic == Statistic.Kendall)
            return CorrelateByPairs(scores, outcome, deviation / OutcomeTraits.Of(outcome).StandardDeviation, c, offsets);
        var ranked = statistic == Statistic.Spearman;
        var (x, y) = ranked ? (Ranks.Of(scores), Ranks.Of(outcome)) : (scores, outcome);
        // Ranks are moved as far as values are: of an outcome of two values both have the same correlations.
        var moved = Move(y, ranked ? deviation * OutcomeTraits.Of(y).StandardDeviation / OutcomeTraits.Of(outcome).StandardDeviation : deviation, c, offsets);
        double[][] others = [.. covariates.Select(column => ranked ? Ranks.Of(column) : column)];
        return Correlation.Of(Statistic.Pearson, x, moved, others) is Correlation.Defined(var r, _) ? r * Math.Sqrt(1 + SubjectsShare * c * c) : null;
    }

    /// <summary>
    /// Kendall's τ_b with an outcome of two values is 2‖u‖/√(nT) times the correlation with ranks, u the centred ranks and T the pairs of different scores; so much of the offsets' own
    /// correlation is added. Of an outcome of more values it is about that.
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
