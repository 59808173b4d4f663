namespace Lazaret.Disclosure.Ledgers;

/// <summary>What a ledger would say after some charges. Nothing in it depends on any outcome, and all of it is for the steward alone.</summary>
public sealed record LedgerTrial
{
    /// <summary>The limit that the charges would break; null when they may be added.</summary>
    public BlockRule? Rule { get; internal init; }

    /// <summary>The largest ℓ = 1 − Sᵢᵢ of all subjects ever seen, in [0, 1].</summary>
    public required double MaxLeverage { get; init; }

    /// <summary>The subject who has the largest ℓ.</summary>
    public required int MostExposed { get; init; }

    /// <summary>The largest ℓ of groups below the minimum cohort with the same membership history; 0 without such a group.</summary>
    public double MaxGroupLeverage { get; internal init; }

    /// <summary>The subjects of that group; empty where there is none.</summary>
    public IReadOnlyList<int> MostExposedGroup { get; internal init; } = [];

    /// <summary>
    /// The largest ℓ of the sum or the difference of two subjects, among pairs whose two ℓ add up to more than the limit; 0 when there is no such pair, or another
    /// limit is broken already.
    /// </summary>
    public double MaxPairLeverage { get; internal init; }

    /// <summary>Bits that the charges add to what is known jointly.</summary>
    public required double Bits { get; init; }

    /// <summary>Bits told by the ledger with these charges.</summary>
    public required double BitsAfter { get; init; }

    /// <summary>How many subjects were in any cohort, with those of these charges. The limit of bits is <see cref="LedgerLimits.BitsPerSubject"/> for each of them.</summary>
    public int Reached => Update.Reached.Count;

    internal LedgerUpdate Update { get; init; } = null!;
}
