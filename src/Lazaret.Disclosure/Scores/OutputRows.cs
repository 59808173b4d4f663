using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Disclosure.Scores;

/// <summary>The ledger's rows of outputs that tell more than one product with the outcomes.</summary>
public static class OutputRows
{
    /// <summary>
    /// An answer with a partial R beside R, without the degree's part: from the two, the degree's own R can be computed. So two directions are
    /// told: the scores, and what is left of them without the degree.
    /// </summary>
    /// <param name="scores">As used: winsorised values or ranks.</param>
    /// <param name="degree">The score of each subject's degree, likewise.</param>
    /// <returns>Null when the scores are constant, or the degree's own.</returns>
    public static IReadOnlyList<LedgerRow>? WithDegree(ReadOnlySpan<double> scores, double[] degree, double step, double sigma) =>
        UsedScores.OfValues(scores) is { } plain && UsedScores.OfResiduals(scores, [degree]) is { } partial ? [plain.Row(step, sigma), partial.Row(step, sigma)] : null;

    /// <summary>An answer that is quadratic in the outcomes: its leading directions.</summary>
    /// <param name="directions">Of <see cref="LeadingDirections"/>.</param>
    public static IReadOnlyList<LedgerRow> OfDirections(IReadOnlyList<double[]> directions, double step, double sigma) =>
        [.. directions.Select(direction => LedgerRow.Of(direction, LedgerRow.ScoreVariance(direction.Length, step, sigma))!)];
}
