namespace Lazaret.Disclosure.Ledgers;

/// <summary>How much a ledger may come to tell. A limit of <see cref="double.PositiveInfinity"/> is switched off.</summary>
public sealed record LedgerLimits
{
    /// <summary>Of one subject, and of a group with the same membership history; an attacker's correlation stays below its root.</summary>
    public required double Leverage { get; init; }

    /// <summary>Of the sum or the difference of two subjects.</summary>
    public required double Pair { get; init; }

    /// <summary>Groups smaller than this are looked at.</summary>
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
