namespace Lazaret.Cohort.Statistics;

/// <summary>The mean of many columns' correlations with one outcome, by their mean alone.</summary>
public static class MeanCorrelation
{
    /// <summary>Null where the outcome does not vary.</summary>
    /// <param name="weights">One per row: the mean of the columns, each (or its ranks, for Spearman) centred and of length 1.</param>
    /// <param name="outcome">Of the same rows.</param>
    public static double? Of(Statistic statistic, double[] weights, double[] outcome) =>
        Pearson.Centre(statistic == Statistic.Spearman ? Ranks.Of(outcome) : outcome) is { } unit ? weights.Zip(unit, (weight, z) => weight * z).Sum() : null;
}
