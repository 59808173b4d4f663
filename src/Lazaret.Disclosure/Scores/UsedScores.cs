using Lazaret.Cohort.Statistics;

namespace Lazaret.Disclosure.Scores;

/// <summary>The scores of one cohort as a statistic used them. An answer tells a multiple of their product with the outcomes.</summary>
/// <param name="Unit">Centred, of length 1, in the order of the cohort's subjects.</param>
/// <param name="VarianceFactor">The factor by which the variance of a plain correlation is multiplied.</param>
public sealed record UsedScores(double[] Unit, double VarianceFactor)
{
    /// <summary>A partial correlation's noise weighs less on the product, by √(1 − R²); answers with R² (of the outcome on the covariates) above 0.75 are refused.</summary>
    internal const double PartialFactor = 0.25;

    /// <summary>For Pearson: the centred scores. If control C5 acts, <paramref name="scores"/> are winsorised already.</summary>
    /// <returns>Null when all scores are equal up to rounding.</returns>
    public static UsedScores? OfValues(ReadOnlySpan<double> scores) => Pearson.Centre(scores) is { } unit ? new UsedScores(unit, 1) : null;

    /// <summary>For Spearman and Kendall: the centred mid-ranks.</summary>
    public static UsedScores? OfRanks(ReadOnlySpan<double> scores) => OfValues(Ranks.Of(scores));

    /// <summary>For a partial correlation: the residuals on 1 and the covariates.</summary>
    /// <param name="scores">The scores: winsorised values or ranks.</param>
    /// <param name="covariates">Columns as long as the scores, ranked if these are.</param>
    public static UsedScores? OfResiduals(ReadOnlySpan<double> scores, IReadOnlyList<double[]> covariates) =>
        PartialCorrelation.Residual(scores, PartialCorrelation.Basis(covariates)) is { } unit ? new UsedScores(unit, PartialFactor) : null;

    /// <summary>The scores as the statistic uses them: values for Pearson, ranks for the others, residuals if there are covariates.</summary>
    /// <param name="scores">The scores; for Pearson winsorised already if control C5 acts.</param>
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
