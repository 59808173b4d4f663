using Lazaret.Cohort.Nifti;

namespace Lazaret.Cohort.Store;

/// <summary>What the store knows of one subject at one visit.</summary>
/// <param name="FiniteVoxels">Of the whole grid.</param>
/// <param name="Bitmap">Which bitmap says where those are; −1 when all are.</param>
/// <param name="Checksum">Of the row's values and their order.</param>
/// <param name="Wrong">Why the volume could not be used; null when it could.</param>
internal sealed record StoreRow(string SubjectId, string Visit, Fingerprint Fingerprint, int FiniteVoxels, int Bitmap, uint Checksum, string? Wrong)
{
    public static uint ChecksumOf(ReadOnlySpan<byte> values, ReadOnlySpan<byte> order)
    {
        var checksum = new Crc32();
        checksum.Append(values);
        checksum.Append(order);
        return checksum.Value;
    }
}
