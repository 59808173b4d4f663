namespace Lazaret.Cohort.Tables;

/// <summary>One subject at one visit with a volume: what the three tables say of it, joined.</summary>
/// <param name="SubjectId">The subject, as exactly the text that the tables have.</param>
/// <param name="VolumePath">The absolute path of the volume, as this process sees it.</param>
/// <param name="VolumeName">The path within the view, or an absolute path if the volume is outside it. It is the same wherever the view is mounted.</param>
/// <param name="PathsLine">The line of paths.csv, to name the volume without naming the subject.</param>
public sealed record CohortRow(string SubjectId, string Visit, string VolumePath, string VolumeName, int PathsLine);
