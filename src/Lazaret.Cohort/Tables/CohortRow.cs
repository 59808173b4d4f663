namespace Lazaret.Cohort.Tables;

/// <summary>One subject at one visit with a volume: what the three tables say of it, joined.</summary>
/// <param name="SubjectId">As text, exactly as the tables have it.</param>
/// <param name="VolumePath">Absolute, as this process sees it.</param>
/// <param name="VolumeName">The path within the view, or an absolute path if the volume is outside it. It is the same wherever the view is mounted.</param>
/// <param name="PathsLine">The line of paths.csv, to name the volume without naming the subject.</param>
public sealed record CohortRow(string SubjectId, string Visit, string VolumePath, string VolumeName, int PathsLine);
