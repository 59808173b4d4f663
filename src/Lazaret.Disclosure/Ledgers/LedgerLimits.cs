namespace Lazaret.Disclosure.Ledgers;

/// <summary>How much the answers of a ledger may tell together. A limit of <see cref="double.PositiveInfinity"/> is switched off.</summary>
public sealed record LedgerLimits
{
    /// <summary>The largest ℓ of one subject, and of a small group with the same membership history. An attacker's correlation stays below its root.</summary>
    public required double Leverage { get; init; }

    /// <summary>The largest ℓ of the sum or the difference of two subjects.</summary>
    public required double Pair { get; init; }

    /// <summary>Only groups smaller than this are limited.</summary>
    public required int MinimumCohort { get; init; }

    /// <summary>Bits that may be told for each subject ever asked about: β·H(y).</summary>
    public required double BitsPerSubject { get; init; }

    public static LedgerLimits None { get; } = new()
    {
        Leverage = double.PositiveInfinity,
        Pair = double.PositiveInfinity,
        MinimumCohort = 0,
        BitsPerSubject = double.PositiveInfinity,
    };
}
