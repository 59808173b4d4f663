namespace Lazaret.Cohort.Statistics.Permutations;

/// <summary>A correlation of scores with outcomes in any order. What does not depend on the order is computed once.</summary>
public abstract class PermutedCorrelation
{
    /// <summary>
    /// With covariates, what they leave of the outcome is given away (Freedman and Lane, J. Bus. Econ. Stat. 1, 1983: 292–298); what they explain
    /// stays, and falls out of the partial correlation. Ranks are taken first.
    /// </summary>
    /// <returns>Null where the correlation is not defined.</returns>
    public static PermutedCorrelation? Of(Statistic statistic, ReadOnlySpan<double> scores, ReadOnlySpan<double> outcome, IReadOnlyList<double[]> covariates)
    {
        if (Correlation.Of(statistic, scores, outcome, covariates) is not Correlation.Defined)
            return null;
        if (statistic == Statistic.Kendall)
            return new PermutedTau(scores, outcome);
        var isRanked = statistic == Statistic.Spearman;
        var basis = PartialCorrelation.Basis([.. covariates.Select(column => isRanked ? Ranks.Of(column) : column)]);
        return new Linear(
            PartialCorrelation.Residual(isRanked ? Ranks.Of(scores) : scores, basis)!,
            PartialCorrelation.Residual(isRanked ? Ranks.Of(outcome) : outcome, basis)!,
            [.. basis]);
    }

    /// <param name="order">For each row, whose outcome it is given.</param>
    public abstract double At(ReadOnlySpan<int> order);

    /// <summary>Pearson's, of values or ranks: a product of two columns of length 1.</summary>
    private sealed class Linear(double[] scores, double[] outcome, double[][] basis) : PermutedCorrelation
    {
        private const double Negligible = 1e-20;

        private readonly double[] _given = new double[outcome.Length];

        public override double At(ReadOnlySpan<int> order)
        {
            for (var row = 0; row < _given.Length; row++)
                _given[row] = outcome[order[row]];
            // What was free of the covariates in its own order is so no longer: it is taken out again.
            var left = 1.0;
            foreach (var direction in basis)
            {
                var share = Product(direction, _given);
                left -= share * share;
            }

            return left > Negligible ? Math.Clamp(Product(scores, _given) / Math.Sqrt(left), -1, 1) : 0;
        }

        private static double Product(double[] a, double[] b)
        {
            var sum = 0.0;
            for (var row = 0; row < a.Length; row++)
                sum += a[row] * b[row];
            return sum;
        }
    }
}
