namespace Lazaret.Node.Releases;

/// <summary>Outcomes that share a ledger, of one or more of which answers tell.</summary>
/// <param name="Outcomes">All of them, sorted.</param>
/// <param name="IsDiscrete">Whether any is: the ledger then keeps to the strictest limits.</param>
/// <param name="Entropy">Of the outcome that answers tell of; the smallest, where they tell of several.</param>
internal sealed record ToldFamily(IReadOnlyList<string> Outcomes, bool IsDiscrete, double Entropy);
