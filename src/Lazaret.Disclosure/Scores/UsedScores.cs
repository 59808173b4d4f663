using Lazaret.Cohort.Statistics;

namespace Lazaret.Disclosure.Scores;

/// <summary>The scores of one cohort as a statistic used them: what its answer tells is a multiple of their product with the outcomes.</summary>
/// <param name="Unit">Centred, of length 1, in the order of the cohort's subjects.</param>
/// <param name="VarianceFactor">What the variance of a plain correlation is multiplied with.</param>
public sealed record UsedScores(double[] Unit, double VarianceFactor)
{
    /// <summary>A partial correlation's noise weighs less on the product: by √(1 − R²), and R² of at most 0.75 is let through.</summary>
    internal const double PartialFactor = 0.25;

    /// <summary>Pearson: centred. <paramref name="scores"/> are winsorised already, where they are.</summary>
    /// <returns>Null when they are all equal but for rounding.</returns>
    public static UsedScores? OfValues(ReadOnlySpan<double> scores) => Pearson.Centre(scores) is { } unit ? new UsedScores(unit, 1) : null;

    /// <summary>Spearman, Kendall, AUC: centred mid-ranks.</summary>
    public static UsedScores? OfRanks(ReadOnlySpan<double> scores) => OfValues(Ranks.Of(scores));

    /// <summary>Partial correlation: the residuals on 1 and the covariates.</summary>
    /// <param name="scores">Winsorised values or ranks.</param>
    /// <param name="covariates">Columns as long as the scores, ranked where those are.</param>
    public static UsedScores? OfResiduals(ReadOnlySpan<double> scores, IReadOnlyList<double[]> covariates) =>
        PartialCorrelation.Residual(scores, PartialCorrelation.Basis(covariates)) is { } unit ? new UsedScores(unit, PartialFactor) : null;

    /// <summary>As the statistic uses them: Pearson values, the others ranks, residuals with covariates.</summary>
    /// <param name="scores">Winsorised for Pearson, where they are.</param>
    public static UsedScores? Of(Statistic statistic, ReadOnlySpan<double> scores, IReadOnlyList<double[]> covariates) => (statistic, covariates) switch
    {
        (Statistic.Pearson, []) => OfValues(scores),
        (_, []) => OfRanks(scores),
        (Statistic.Pearson, _) => OfResiduals(scores, covariates),
        _ => OfResiduals(Ranks.Of(scores), [.. covariates.Select(column => Ranks.Of(column))]),
    };

    /// <summary>The ledger's row of an answer rounded to <paramref name="step"/> with noise of standard deviation <paramref name="sigma"/>.</summary>
    public Ledgers.LedgerRow Row(double step, double sigma) =>
        Ledgers.LedgerRow.Of(Unit, VarianceFactor * Ledgers.LedgerRow.ScoreVariance(Unit.Length, step, sigma))
            ?? throw new InvalidOperationException("Scores of length 1 have a row.");
}
