namespace Lazaret.Node.Releases;

/// <summary>An outcome of which answers tell: the one that is asked about, or one that is taken out as a covariate.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Relatives">The outcomes to which it is related in the data, itself among them: they share a ledger.</param>
/// <param name="Entropy">In bits.</param>
internal sealed record ToldOutcome(string Name, IReadOnlyList<string> Relatives, double Entropy);
