namespace Lazaret.Disclosure;

/// <summary>What leaves: n, and R and p with three decimals.</summary>
public sealed record ReleasedResult(int N, decimal R, decimal P);
