namespace Lazaret.Cohort;

/// <summary>What a p by permutation rests on.</summary>
/// <param name="Orders">B: how many orders of the outcomes.</param>
/// <param name="AreAll">Whether those are all there are, and none was drawn.</param>
/// <param name="FamilyWise">p over all maps that were asked about together, by the furthest of them; null for one map.</param>
public sealed record PermutedP(int Orders, bool AreAll, double? FamilyWise);
