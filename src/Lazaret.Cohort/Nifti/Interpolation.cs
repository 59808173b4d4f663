namespace Lazaret.Cohort.Nifti;

/// <summary>How values between voxels come about.</summary>
public enum Interpolation
{
    /// <summary>For maps: from the eight voxels around, in double.</summary>
    Trilinear,

    /// <summary>For masks and labels: the voxel whose centre is closest.</summary>
    Nearest,
}
