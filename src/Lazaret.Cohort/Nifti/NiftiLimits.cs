namespace Lazaret.Cohort.Nifti;

/// <summary>The bounds within which an untrusted file is read. They are checked before anything of that size is allocated.</summary>
public sealed record NiftiLimits
{
    /// <summary>The largest product of all dimensions.</summary>
    public long Voxels { get; init; } = 1L << 28;

    /// <summary>The most volumes of a series that are brought into memory.</summary>
    public int Maps { get; init; } = 1 << 16;

    /// <summary>Header, extensions and padding together: the largest <c>vox_offset</c>, in bytes.</summary>
    public long HeaderBytes { get; init; } = 32L << 20;

    /// <summary>Padding that may follow the last voxel, in bytes after inflating.</summary>
    public int TrailingBytes { get; init; } = 4096;
}
