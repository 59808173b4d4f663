namespace Lazaret.Disclosure;

/// <summary>The answer to one question, what it costs, and whether a control withholds it (earlier answers aside).</summary>
/// <param name="Rule">The control that withholds it; null for none. For the steward alone.</param>
/// <param name="Result">What would leave; null when nothing was computed. A map's answer that control C1 withholds may have one all the same.</param>
public sealed record JudgedAnswer(BlockRule? Rule, ReleasedResult? Result)
{
    /// <summary>The rows that it adds to a ledger, their weights in the order of the cohort's rows; none when there is no result, and when no ledger counts it.</summary>
    public IReadOnlyList<Ledgers.LedgerRow> Rows { get; init; } = [];

    /// <inheritdoc cref="Ledgers.LedgerCharge.Bits"/>
    public double Bits { get; init; }

    /// <summary>The scores as the statistic used them, and c, the noise on R in units of 1/√(n − 1).</summary>
    internal (double[] Scores, double Noise) Used { get; init; } = ([], 0);

    /// <summary>Whether no ledger counts all that it tells, so that a steward must see it.</summary>
    public bool IsUncounted { get; init; }

    /// <summary>What it costs of a privacy budget; 0 outside the profile dp.</summary>
    public decimal Rho { get; init; }

    /// <summary>How many scores were brought nearer to the median (control C5); for the steward.</summary>
    public int Clipped { get; init; }

    /// <summary>How far a single subject moves R (control C6); for the steward.</summary>
    public double? Influence { get; init; }
}
