using Lazaret.Cohort.Statistics;

namespace Lazaret.Disclosure.Scores;

/// <summary>What follows from a released R alone (control C8): p and interval, which cost nothing more.</summary>
public static class ReleasedCorrelation
{
    /// <summary>
    /// The two-sided p. R/√(1 + c²) is distributed like R without noise, so that 5 % of false positives stay 5 %. Kendall's τ is compared with the normal
    /// distribution of variance 2(2n + 5)/(9n(n − 1)) + c²/(n − 1). If the outcome has few values, the first part is 2(n + 1)/(3n(n − 1)) instead: its value for two values, and
    /// larger than for more of them, where fewer pairs are tied. How many subjects have which value is not used, since p would tell it.
    /// </summary>
    /// <param name="r">R as it is released.</param>
    /// <param name="covariates">The rank of the covariates.</param>
    /// <param name="c">Noise on R in units of 1/√(n − 1); 0 for none.</param>
    /// <param name="isDiscrete">Whether the outcome has few values.</param>
    /// <returns>Null without degrees of freedom.</returns>
    public static double? P(Statistic statistic, double r, int n, int covariates, double c, bool isDiscrete = false)
    {
        if (n - 2 - covariates < 1)
            return null;
        return statistic == Statistic.Kendall
            ? Normal.TwoSidedTail(r / Math.Sqrt((isDiscrete ? 2 * (n + 1.0) / (3.0 * n * (n - 1)) : 2 * (2 * n + 5.0) / (9.0 * n * (n - 1))) + c * c / (n - 1)))
            : Pearson.P(Math.Clamp(r / Math.Sqrt(1 + c * c), -1, 1), n - 2 - covariates);
    }

    /// <summary>How many degrees of freedom the covariates take. A category counts as its columns; columns are ranked if the statistic ranks.</summary>
    public static int RankOf(Statistic statistic, IReadOnlyList<double[]> covariates) =>
        PartialCorrelation.Basis([.. covariates.Select(column => statistic == Statistic.Pearson ? column : Ranks.Of(column))]).Count;

    /// <summary>
    /// tanh(atanh R ± z·s), s² = 1/(n − 3 − k) + c²/((n − 1)(1 − R²)²), k the covariates' rank: Fisher's interval with the noise's variance carried over by
    /// the derivative of atanh. For Kendall's τ the first part is 0.437/(n − 4) (Fieller and others 1957), and half as much again if the outcome has few values.
    /// </summary>
    /// <returns>Null when n − 3 − k is not positive, or |R| is 1.</returns>
    public static (double Low, double High)? Interval(Statistic statistic, double r, int n, int covariates, double c, bool isDiscrete = false, double confidence = 0.95)
    {
        var variance = statistic == Statistic.Kendall ? (isDiscrete ? 1.5 : 1) * 0.437 / (n - 4) : 1.0 / (n - 3 - covariates);
        if (!(variance > 0 && double.IsFinite(variance) && Math.Abs(r) < 1))
            return null;
        var noise = c / (1 - r * r);
        var reach = Normal.TwoSidedQuantile(confidence) * Math.Sqrt(variance + noise * noise / (n - 1));
        return (Math.Tanh(Math.Atanh(r) - reach), Math.Tanh(Math.Atanh(r) + reach));
    }
}
