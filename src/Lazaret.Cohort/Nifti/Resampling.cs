namespace Lazaret.Cohort.Nifti;

/// <summary>A volume brought onto another grid.</summary>
/// <param name="Volume">Zero where the source does not reach, NaN where a value that it needs is not finite.</param>
/// <param name="Covered">How many voxels of the grid lie inside the source; 0 when the two do not meet.</param>
public sealed record Resampling(NiftiVolume Volume, long Covered)
{
    /// <summary>A coordinate this close to a voxel's centre is that centre: affines are stored in single precision.</summary>
    private const double Snap = 1e-6;

    /// <summary>
    /// Copies voxel for voxel when the grids differ by flips, swapped axes and whole shifts within a thousandth of a voxel, so that
    /// nothing is smoothed that need not be; interpolates otherwise.
    /// </summary>
    /// <exception cref="NiftiException">So many maps on this grid are more than one array holds.</exception>
    public static Resampling Onto(NiftiVolume source, Grid grid, Interpolation interpolation)
    {
        if (grid.Voxels * source.Maps > Array.MaxLength)
            throw new NiftiException("dim[4]", $"{source.Maps} volumes on a grid of {grid.X}×{grid.Y}×{grid.Z}, more than one array holds");
        var toSource = source.Grid.Affine.Inverse() * grid.Affine;
        var exact = WholeSteps(toSource);
        if (exact is not null && !grid.AgreeAtCorners(toSource, exact))
            exact = null;

        var values = new float[grid.Voxels * source.Maps];
        var covered = 0L;
        Parallel.For(0, grid.Z, k =>
        {
            var slice = new Slice(source, grid, exact ?? toSource, values, k);
            var inside = exact is not null || interpolation == Interpolation.Nearest ? slice.CopyNearest() : slice.Interpolate();
            Interlocked.Add(ref covered, inside);
        });
        return new Resampling(new NiftiVolume(grid, source.Maps, values), covered);
    }

    /// <summary>Whether both grids have the same voxels, in another order: axes flipped or swapped.</summary>
    internal static bool IsRearrangement(Grid source, Grid grid)
    {
        var toSource = source.Affine.Inverse() * grid.Affine;
        if (source.Voxels != grid.Voxels || WholeSteps(toSource) is not { } exact || !grid.AgreeAtCorners(toSource, exact))
            return false;
        // A permutation puts corners on corners.
        var (first, last) = (exact.Apply(0, 0, 0), exact.Apply(grid.X - 1, grid.Y - 1, grid.Z - 1));
        return Spans(first.X, last.X, source.X) && Spans(first.Y, last.Y, source.Y) && Spans(first.Z, last.Z, source.Z);

        static bool Spans(double a, double b, int length) => Math.Min(a, b) == 0 && Math.Max(a, b) == length - 1;
    }

    /// <summary>The affine with all entries rounded, when that is a signed permutation and a shift; null otherwise.</summary>
    private static Affine? WholeSteps(Affine affine)
    {
        var rows = new double[12];
        for (var i = 0; i < 12; i++)
            rows[i] = Math.Round(affine[i / 4, i % 4]);
        var whole = new Affine(rows);
        for (var row = 0; row < 3; row++)
        {
            if (Math.Abs(whole[row, 0]) + Math.Abs(whole[row, 1]) + Math.Abs(whole[row, 2]) != 1)
                return null;
        }

        return whole.IsSingular ? null : whole;
    }

    /// <summary>One slice of the target grid, all maps of it.</summary>
    private readonly struct Slice(NiftiVolume source, Grid grid, Affine toSource, float[] values, int k)
    {
        private readonly (int X, int Y, int Z) _size = (source.Grid.X, source.Grid.Y, source.Grid.Z);

        public long CopyNearest()
        {
            var covered = 0L;
            for (var j = 0; j < grid.Y; j++)
            {
                for (var i = 0; i < grid.X; i++)
                {
                    if (!Find(i, j, out var x, out var y, out var z))
                        continue;
                    covered++;
                    var from = Index((int)Math.Floor(x + 0.5), (int)Math.Floor(y + 0.5), (int)Math.Floor(z + 0.5));
                    for (var map = 0; map < source.Maps; map++)
                        values[map * grid.Voxels + Target(i, j)] = source.Values[map * source.Grid.Voxels + from];
                }
            }

            return covered;
        }

        public long Interpolate()
        {
            var covered = 0L;
            Span<long> neighbours = stackalloc long[8];
            Span<double> weights = stackalloc double[8];
            for (var j = 0; j < grid.Y; j++)
            {
                for (var i = 0; i < grid.X; i++)
                {
                    if (!Find(i, j, out var x, out var y, out var z))
                        continue;
                    covered++;
                    var count = Neighbours(x, y, z, neighbours, weights);
                    for (var map = 0; map < source.Maps; map++)
                        values[map * grid.Voxels + Target(i, j)] = Mix(map * source.Grid.Voxels, neighbours[..count], weights);
                }
            }

            return covered;
        }

        private long Target(int i, int j) => ((long)k * grid.Y + j) * grid.X + i;

        private long Index(int x, int y, int z) => ((long)z * _size.Y + y) * _size.X + x;

        private bool Find(int i, int j, out double x, out double y, out double z)
        {
            x = Coordinate(0, i, j);
            y = Coordinate(1, i, j);
            z = Coordinate(2, i, j);
            return x >= 0 && x <= _size.X - 1 && y >= 0 && y <= _size.Y - 1 && z >= 0 && z <= _size.Z - 1;
        }

        private double Coordinate(int axis, int i, int j)
        {
            var c = toSource[axis, 3] + i * toSource[axis, 0] + j * toSource[axis, 1] + k * toSource[axis, 2];
            var whole = Math.Round(c);
            return Math.Abs(c - whole) <= Snap ? whole : c;
        }

        /// <summary>The neighbours with a weight above zero. For a point on a voxel's plane the next plane is not read, even if it is NaN or outside the grid.</summary>
        private int Neighbours(double x, double y, double z, Span<long> indices, Span<double> weights)
        {
            var (x0, y0, z0) = ((int)Math.Floor(x), (int)Math.Floor(y), (int)Math.Floor(z));
            var (fx, fy, fz) = (x - x0, y - y0, z - z0);
            var count = 0;
            for (var corner = 0; corner < 8; corner++)
            {
                var (dx, dy, dz) = (corner >> 2, corner >> 1 & 1, corner & 1);
                var weight = (dx == 1 ? fx : 1 - fx) * (dy == 1 ? fy : 1 - fy) * (dz == 1 ? fz : 1 - fz);
                if (weight == 0)
                    continue;
                indices[count] = Index(x0 + dx, y0 + dy, z0 + dz);
                weights[count++] = weight;
            }

            return count;
        }

        private float Mix(long map, ReadOnlySpan<long> neighbours, ReadOnlySpan<double> weights)
        {
            var sum = 0.0;
            for (var i = 0; i < neighbours.Length; i++)
            {
                var value = source.Values[map + neighbours[i]];
                if (!float.IsFinite(value))
                    return float.NaN;
                sum += weights[i] * value;
            }

            return (float)sum;
        }
    }
}
