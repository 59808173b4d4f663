namespace Lazaret.Cohort;

/// <summary>The answer for one map, at full precision.</summary>
/// <param name="N">Rows with a score, the outcome and every covariate.</param>
/// <param name="R">Null, like <paramref name="P"/>, where it is undefined: fewer than three rows, or scores or outcomes that do not vary.</param>
public sealed record CohortResult(int N, double? R, double? P);
