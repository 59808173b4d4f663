namespace Lazaret.Cohort.Statistics;

/// <summary>
/// A correlation and its two-sided p. The set is closed: either both are known, or the data are degenerate (constant, or too few) and neither is.
/// </summary>
public abstract record Correlation
{
    private Correlation() { }

    public static Correlation None { get; } = new Undefined();

    /// <param name="R">In [−1, 1].</param>
    /// <param name="P">Two-sided.</param>
    public sealed record Defined(double R, double P) : Correlation;

    public sealed record Undefined : Correlation;

    /// <summary>The statistic of <paramref name="x"/> and <paramref name="y"/>, with the covariates' part taken out of both.</summary>
    /// <param name="covariates">Columns as long as <paramref name="x"/>; none for a plain correlation. Kendall's τ takes none.</param>
    public static Correlation Of(Statistic statistic, ReadOnlySpan<double> x, ReadOnlySpan<double> y, IReadOnlyList<double[]> covariates) => statistic switch
    {
        Statistic.Pearson when covariates.Count == 0 => Pearson.Correlate(x, y),
        Statistic.Pearson => PartialCorrelation.Correlate(x, y, covariates),
        Statistic.Spearman when covariates.Count == 0 => Pearson.Correlate(Ranks.Of(x), Ranks.Of(y)),
        Statistic.Spearman => PartialCorrelation.Correlate(Ranks.Of(x), Ranks.Of(y), [.. covariates.Select(column => Ranks.Of(column))]),
        _ when covariates.Count == 0 => Kendall.Correlate(x, y),
        _ => throw new ArgumentException("Kendall's tau takes no covariates.", nameof(covariates)),
    };
}
