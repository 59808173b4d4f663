namespace Lazaret.Cohort.Nifti;

/// <summary>Where voxels lie: three dimensions, the first varying fastest, and the affine that takes indices to millimetres.</summary>
public sealed record Grid(int X, int Y, int Z, Affine Affine)
{
    /// <summary>How far, in voxels, two grids may be apart at any corner and still be one: headers round to float32.</summary>
    private const double Tolerance = 1e-3;

    public long Voxels => (long)X * Y * Z;

    /// <summary>The mean size of a voxel's sides, in millimetres.</summary>
    public double ResolutionMm => (Affine.Length(0) + Affine.Length(1) + Affine.Length(2)) / 3;

    /// <summary>True when voxel (i, j, k) of one is voxel (i, j, k) of the other, within a thousandth of a voxel.</summary>
    public bool IsSameAs(Grid other)
    {
        if ((X, Y, Z) != (other.X, other.Y, other.Z))
            return false;
        return AgreeAtCorners(Affine.Inverse() * other.Affine, Affine.Identity);
    }

    public override string ToString() => $"{X}×{Y}×{Z} with affine {Affine}";

    /// <summary>True when the two transforms give the same point, within the tolerance, at all eight corners of this grid.</summary>
    internal bool AgreeAtCorners(Affine one, Affine two)
    {
        for (var corner = 0; corner < 8; corner++)
        {
            var (i, j, k) = ((corner & 1) * (X - 1), (corner >> 1 & 1) * (Y - 1), (corner >> 2) * (Z - 1));
            var (a, b) = (one.Apply(i, j, k), two.Apply(i, j, k));
            if (!(Math.Abs(a.X - b.X) <= Tolerance && Math.Abs(a.Y - b.Y) <= Tolerance && Math.Abs(a.Z - b.Z) <= Tolerance))
                return false;
        }

        return true;
    }

    /// <summary>The largest distance, in millimetres, between where this grid's affine and another one put a corner.</summary>
    internal double Apart(Affine other)
    {
        var largest = 0.0;
        for (var corner = 0; corner < 8; corner++)
        {
            var (i, j, k) = ((corner & 1) * (X - 1), (corner >> 1 & 1) * (Y - 1), (corner >> 2) * (Z - 1));
            var (a, b) = (Affine.Apply(i, j, k), other.Apply(i, j, k));
            largest = Math.Max(largest, Math.Sqrt((a.X - b.X) * (a.X - b.X) + (a.Y - b.Y) * (a.Y - b.Y) + (a.Z - b.Z) * (a.Z - b.Z)));
        }

        return largest;
    }
}
