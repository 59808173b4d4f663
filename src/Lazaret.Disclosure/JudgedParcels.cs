using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Disclosure;

/// <summary>An R-map's values, what they cost, and whether a control withholds them (earlier answers aside).</summary>
/// <param name="Rule">The control that withholds all of them; null for none. For the steward alone.</param>
/// <param name="N">How many rows the cohort has: as many as subjects, unless somebody is in it twice.</param>
/// <param name="Values">One per parcel; null for a parcel that is not given. Empty when a control withholds them.</param>
/// <param name="Rows">The rows that they add to a ledger, one for each value, in the order of the cohort's subjects.</param>
public sealed record JudgedParcels(BlockRule? Rule, int N, IReadOnlyList<decimal?> Values, IReadOnlyList<LedgerRow> Rows);
