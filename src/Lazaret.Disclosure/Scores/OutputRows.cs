using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Disclosure.Scores;

/// <summary>The ledger rows of outputs that tell more than one product of scores and outcomes.</summary>
public static class OutputRows
{
    /// <summary>
    /// The rows of an answer that has, beside R, the partial R given the degree. From the two, the degree's own R can be computed. So two
    /// directions are told: the scores, and their residual on the degree.
    /// </summary>
    /// <param name="scores">The scores as used: winsorised values or ranks.</param>
    /// <param name="degree">Each subject's score of the mean map (the degree), likewise.</param>
    /// <returns>Null when the scores are constant, or follow from the degree.</returns>
    public static IReadOnlyList<LedgerRow>? WithDegree(ReadOnlySpan<double> scores, double[] degree, double step, double sigma) =>
        UsedScores.OfValues(scores) is { } plain && UsedScores.OfResiduals(scores, [degree]) is { } partial ? [plain.Row(step, sigma), partial.Row(step, sigma)] : null;

    /// <summary>The rows of an answer that is quadratic in the outcomes: one for each leading direction.</summary>
    /// <param name="directions">As <see cref="LeadingDirections.Of"/> returns them.</param>
    public static IReadOnlyList<LedgerRow> OfDirections(IReadOnlyList<double[]> directions, double step, double sigma) =>
        [.. directions.Select(direction => LedgerRow.Of(direction, LedgerRow.ScoreVariance(direction.Length, step, sigma))!)];
}
