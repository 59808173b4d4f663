using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Disclosure;

/// <summary>An R-map's values and what they cost, and whether anything but earlier answers keeps them.</summary>
/// <param name="Rule">The control that keeps all of them; null for none. For the steward alone.</param>
/// <param name="N">Subjects.</param>
/// <param name="Values">One a parcel; null for one that is not given. None where a control keeps them.</param>
/// <param name="Rows">The rows that they add to a ledger, one for each value, in the order of the cohort's subjects.</param>
public sealed record JudgedParcels(BlockRule? Rule, int N, IReadOnlyList<decimal?> Values, IReadOnlyList<LedgerRow> Rows);
