namespace Lazaret.Disclosure;

/// <summary>What an analysis computed, at full precision. It must not leave the node in this form.</summary>
/// <param name="N">The subjects behind it, after every drop.</param>
/// <param name="R">The correlation in [−1, 1]; null where it is undefined (constant scores or outcomes, fewer than three subjects).</param>
/// <param name="P">Two-sided p in [0, 1]; null with <paramref name="R"/>.</param>
public sealed record AnalysisResult(int N, double? R, double? P);
