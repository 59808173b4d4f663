namespace Lazaret.Cohort.Tables;

/// <summary>A volume's file beyond the view, or a folder of such that site.yaml names, which a sandbox must show.</summary>
/// <param name="Source">Where it really lies: no link is on the way.</param>
/// <param name="Target">Where it must be seen.</param>
public sealed record OutsidePath(string Source, string Target);
