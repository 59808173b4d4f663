namespace Lazaret.Cohort.Tables;

/// <summary>A region of a parcellation.</summary>
/// <param name="Label">Its value in the volume, from 1.</param>
public sealed record Parcel(int Label, string Name);
