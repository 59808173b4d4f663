using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Disclosure.Scores;

/// <summary>The ledger rows of outputs that tell more than one product of scores and outcomes.</summary>
public static class OutputRows
{
    /// <summary>The rows of an answer that is quadratic in the outcomes: one for each leading direction.</summary>
    /// <param name="directions">As <see cref="LeadingDirections.Of"/> returns them.</param>
    public static IReadOnlyList<LedgerRow> OfDirections(IReadOnlyList<double[]> directions, double step, double sigma) =>
        [.. directions.Select(direction => LedgerRow.Of(direction, LedgerRow.ScoreVariance(direction.Length, step, sigma))!)];
}
