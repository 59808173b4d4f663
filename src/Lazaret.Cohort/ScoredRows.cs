namespace Lazaret.Cohort;

/// <summary>What a sandbox scored.</summary>
/// <param name="Usable">One flag per row: whether its volume can be read at all.</param>
/// <param name="Scores">One array per map, one score per row; NaN for a row that map and volume share no finite voxel with.</param>
public sealed record ScoredRows(IReadOnlyList<bool> Usable, IReadOnlyList<double[]> Scores);
