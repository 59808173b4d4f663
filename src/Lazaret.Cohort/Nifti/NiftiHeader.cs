namespace Lazaret.Cohort.Nifti;

/// <summary>What a sound header says. Every value was checked: dimensions are positive, the affine is finite and invertible.</summary>
public sealed record NiftiHeader
{
    /// <summary>1 or 2.</summary>
    public required int Version { get; init; }

    /// <summary>One to seven dimensions; ones behind the third are squeezed away.</summary>
    public required IReadOnlyList<int> Dims { get; init; }

    public required NiftiType Type { get; init; }

    /// <summary>Scaled value = raw · slope + intercept; 1 and 0 when the header has no scaling.</summary>
    public required double Slope { get; init; }

    public required double Intercept { get; init; }

    public required Affine Affine { get; init; }

    public int SformCode { get; init; }

    public int QformCode { get; init; }

    /// <summary>How far apart, in millimetres, sform and qform put a corner; 0 where only one is there, or the qform is not sound.</summary>
    public double Disagreement { get; init; }

    /// <summary>The unit of the affine as xyzt_units has it: what it says in other units has been brought to millimetres.</summary>
    public SpaceUnit Unit { get; init; }

    /// <summary>Where the voxels begin, in bytes: in the same file, or in the .img of a pair.</summary>
    public required long DataOffset { get; init; }

    /// <summary>The voxels lie in a second file.</summary>
    public required bool IsPair { get; init; }

    /// <summary>The file's byte order is not this machine's.</summary>
    public required bool IsSwapped { get; init; }

    public long Voxels => Dims.Aggregate(1L, (product, dim) => product * dim);

    /// <summary>The first three dimensions and the affine; a plane is a volume of one slice.</summary>
    public Grid Grid => new(Dims[0], Dims.Count > 1 ? Dims[1] : 1, Dims.Count > 2 ? Dims[2] : 1, Affine);

    internal bool IsScaled => Slope != 1 || Intercept != 0;

    internal long DataBytes => Voxels * Type.Bytes();
}
