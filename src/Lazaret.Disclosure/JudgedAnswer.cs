namespace Lazaret.Disclosure;

/// <summary>The answer to one question, what it costs, and whether anything but earlier answers keeps it.</summary>
/// <param name="Rule">The control that keeps it; null for none. For the steward alone.</param>
/// <param name="Result">What would leave; null where a control keeps it.</param>
public sealed record JudgedAnswer(BlockRule? Rule, ReleasedResult? Result)
{
    /// <summary>The rows that it adds to a ledger, in the order of the cohort's; none where a control keeps it, and of what no ledger counts.</summary>
    public IReadOnlyList<Ledgers.LedgerRow> Rows { get; init; } = [];

    /// <inheritdoc cref="Ledgers.LedgerCharge.Bits"/>
    public double Bits { get; init; }

    /// <summary>The scores as the statistic used them, and c, the noise on R in units of 1/√(n − 1).</summary>
    internal (double[] Scores, double Noise) Used { get; init; } = ([], 0);

    /// <summary>Whether no ledger counts what it tells, so that a steward must see it.</summary>
    public bool IsUncounted { get; init; }

    /// <summary>What it costs of a privacy budget; 0 outside the profile dp.</summary>
    public decimal Rho { get; init; }

    /// <summary>How many scores were brought nearer to the median (control C5); for the steward.</summary>
    public int Clipped { get; init; }

    /// <summary>How far a single subject moves R (control C6); for the steward.</summary>
    public double? Influence { get; init; }
}
