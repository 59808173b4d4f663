namespace Lazaret.Cohort.Tables;

/// <summary>A volume's file outside the view, or a folder of such files that site.yaml names. Sandboxes mount it.</summary>
/// <param name="Source">The real path on the host, without links.</param>
/// <param name="Target">The mount point in the sandbox.</param>
public sealed record OutsidePath(string Source, string Target);
