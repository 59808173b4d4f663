namespace Lazaret.Cohort.Nifti;

/// <summary>The values of a volume between its voxels, at the places where another grid's voxels lie.</summary>
/// <param name="values">The volume's, or of each plane the last that was read: plane z lies at z modulo <paramref name="planes"/>.</param>
/// <param name="grid">The volume's.</param>
/// <param name="toSource">From the other grid's voxels to the volume's.</param>
/// <param name="isNearest">Whether the closest voxel's value is taken; otherwise it is trilinear.</param>
internal readonly struct Sampler(float[] values, Grid grid, int planes, Affine toSource, bool isNearest)
{
    /// <summary>A coordinate this close to a voxel's centre is that centre: affines are stored in single precision.</summary>
    private const double Snap = 1e-6;

    /// <summary>Where a voxel of the other grid lies; false when that is outside.</summary>
    public bool Find(int i, int j, int k, out double x, out double y, out double z)
    {
        x = Coordinate(0, i, j, k);
        y = Coordinate(1, i, j, k);
        z = Coordinate(2, i, j, k);
        return x >= 0 && x <= grid.X - 1 && y >= 0 && y <= grid.Y - 1 && z >= 0 && z <= grid.Z - 1;
    }

    /// <summary>The last plane that a value at this height needs.</summary>
    public int LastPlane(double z) => isNearest ? Closest(z) : (int)Math.Ceiling(z);

    /// <summary>The value at a place inside; NaN where a neighbour that it needs is not finite.</summary>
    /// <param name="map">Where the map begins in the values.</param>
    public float At(double x, double y, double z, long map) => isNearest ? values[map + Index(Closest(x), Closest(y), Closest(z))] : Mix(x, y, z, map);

    private static int Closest(double coordinate) => (int)Math.Floor(coordinate + 0.5);

    private long Index(int x, int y, int z) => ((long)(z % planes) * grid.Y + y) * grid.X + x;

    private double Coordinate(int axis, int i, int j, int k)
    {
        var c = toSource[axis, 3] + i * toSource[axis, 0] + j * toSource[axis, 1] + k * toSource[axis, 2];
        var whole = Math.Round(c);
        return Math.Abs(c - whole) <= Snap ? whole : c;
    }

    // Neighbours without weight are not read: the plane behind a point on a voxel's own may be NaN, or outside.
    private float Mix(double x, double y, double z, long map)
    {
        var (x0, y0, z0) = ((int)Math.Floor(x), (int)Math.Floor(y), (int)Math.Floor(z));
        var (fx, fy, fz) = (x - x0, y - y0, z - z0);
        var sum = 0.0;
        for (var corner = 0; corner < 8; corner++)
        {
            var (dx, dy, dz) = (corner >> 2, corner >> 1 & 1, corner & 1);
            var weight = (dx == 1 ? fx : 1 - fx) * (dy == 1 ? fy : 1 - fy) * (dz == 1 ? fz : 1 - fz);
            if (weight == 0)
                continue;
            var value = values[map + Index(x0 + dx, y0 + dy, z0 + dz)];
            if (!float.IsFinite(value))
                return float.NaN;
            sum += weight * value;
        }

        return (float)sum;
    }
}
