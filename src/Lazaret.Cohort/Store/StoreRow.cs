namespace Lazaret.Cohort.Store;

/// <summary>What the store knows of one subject at one visit.</summary>
/// <param name="FiniteVoxels">Of the whole grid.</param>
/// <param name="Bitmap">Which bitmap says where those are; −1 when all are.</param>
/// <param name="Checksum">Of the row's values.</param>
/// <param name="Wrong">Why the volume could not be used; null when it could.</param>
internal sealed record StoreRow(string SubjectId, string Visit, Fingerprint Fingerprint, int FiniteVoxels, int Bitmap, uint Checksum, string? Wrong);
