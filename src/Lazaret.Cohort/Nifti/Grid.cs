namespace Lazaret.Cohort.Nifti;

/// <summary>Where voxels lie: three dimensions, the first varying fastest, and the affine that takes indices to millimetres.</summary>
public sealed record Grid(int X, int Y, int Z, Affine Affine)
{
    /// <summary>How far, in voxels, two grids may be apart at any corner and still be one: headers round to float32.</summary>
    internal const double Tolerance = 1e-3;

    public long Voxels => (long)X * Y * Z;

    /// <summary>The mean size of a voxel's sides, in millimetres.</summary>
    public double ResolutionMm => (Affine.Length(0) + Affine.Length(1) + Affine.Length(2)) / 3;

    /// <summary>True when voxel (i, j, k) of one is voxel (i, j, k) of the other, within a thousandth of a voxel.</summary>
    public bool IsSameAs(Grid other)
    {
        if ((X, Y, Z) != (other.X, other.Y, other.Z))
            return false;
        var between = Affine.Inverse() * other.Affine;
        return Corners().All(corner => Distance(between.Apply(corner.X, corner.Y, corner.Z), corner) <= Tolerance);
    }

    public override string ToString() => $"{X}×{Y}×{Z} with affine {Affine}";

    internal IEnumerable<(double X, double Y, double Z)> Corners() =>
        from x in new[] { 0.0, X - 1 }
        from y in new[] { 0.0, Y - 1 }
        from z in new[] { 0.0, Z - 1 }
        select (x, y, z);

    /// <summary>The largest difference along an axis.</summary>
    internal static double Distance((double X, double Y, double Z) a, (double X, double Y, double Z) b) =>
        Math.Max(Math.Abs(a.X - b.X), Math.Max(Math.Abs(a.Y - b.Y), Math.Abs(a.Z - b.Z)));
}
