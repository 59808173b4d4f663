namespace Lazaret.Cohort.Nifti;

/// <summary>A volume brought onto another grid.</summary>
/// <param name="Volume">Zero where the source does not reach, NaN where a value that it needs is not finite.</param>
/// <param name="Covered">How many voxels of the grid lie inside the source; 0 when the two do not meet.</param>
public sealed record Resampling(NiftiVolume Volume, long Covered)
{
    /// <summary>Whether voxels were copied, and none was interpolated.</summary>
    public bool IsExact { get; private init; }

    /// <summary>
    /// Copies voxel for voxel when the grids differ by flips, swapped axes and whole shifts within a thousandth of a voxel, so that
    /// nothing is smoothed that need not be; interpolates otherwise.
    /// </summary>
    /// <exception cref="NiftiException">So many maps on this grid are more than one array holds.</exception>
    public static Resampling Onto(NiftiVolume source, Grid grid, Interpolation interpolation)
    {
        if (grid.Voxels * source.Maps > Array.MaxLength)
            throw new NiftiException("dim[4]", $"{source.Maps} volumes on a grid of {grid.X}×{grid.Y}×{grid.Z}, more than one array holds");
        var (toSource, isExact) = Between(source.Grid, grid);
        var sampler = new Sampler(source.Values, source.Grid, source.Grid.Z, toSource, isExact || interpolation == Interpolation.Nearest);
        var values = new float[grid.Voxels * source.Maps];
        var covered = 0L;
        Parallel.For(0, grid.Z, k =>
        {
            var inside = 0L;
            for (var j = 0; j < grid.Y; j++)
            {
                for (var i = 0; i < grid.X; i++)
                {
                    if (!sampler.Find(i, j, k, out var x, out var y, out var z))
                        continue;
                    inside++;
                    var target = ((long)k * grid.Y + j) * grid.X + i;
                    for (var map = 0; map < source.Maps; map++)
                        values[map * grid.Voxels + target] = sampler.At(x, y, z, map * source.Grid.Voxels);
                }
            }

            Interlocked.Add(ref covered, inside);
        });
        return new Resampling(new NiftiVolume(grid, source.Maps, values), covered) { IsExact = isExact };
    }

    /// <summary>
    /// The same of a volume that is not read yet, or of each volume of a series, while it is read: of the source two planes are in memory, however large it is.
    /// </summary>
    /// <param name="seen">Is shown each plane.</param>
    /// <exception cref="NiftiException">The file is not sound; that shows at the last volume.</exception>
    public static IEnumerable<Resampling> Read(NiftiReader source, Grid grid, Interpolation interpolation, SeenPlane? seen = null)
    {
        var (from, maps) = (source.Header.Grid, source.CountMaps());
        var (toSource, isExact) = Between(from, grid);
        var planes = new float[2 * from.X * from.Y];
        var sampler = new Sampler(planes, from, 2, toSource, isExact || interpolation == Interpolation.Nearest);
        var (voxels, begins) = ByLastPlane(sampler, grid, from.Z);
        for (var map = 0; map < maps; map++)
        {
            var values = new float[grid.Voxels];
            for (var plane = 0; plane < from.Z; plane++)
            {
                var read = planes.AsSpan(plane % 2 * from.X * from.Y, from.X * from.Y);
                source.Fill(read);
                seen?.Invoke(from, map, plane, read);
                foreach (var voxel in voxels.AsSpan(begins[plane]..begins[plane + 1]))
                {
                    sampler.Find(voxel % grid.X, voxel / grid.X % grid.Y, voxel / grid.X / grid.Y, out var x, out var y, out var z);
                    values[voxel] = sampler.At(x, y, z, 0);
                }
            }

            if (map == maps - 1)
                source.End();
            yield return new Resampling(new NiftiVolume(grid, 1, values), voxels.Length) { IsExact = isExact };
        }
    }

    /// <summary>The voxels of the grid that lie inside, ordered by the last plane of the source that they need, and where each plane's begin.</summary>
    private static (int[] Voxels, int[] Begins) ByLastPlane(Sampler sampler, Grid grid, int planes)
    {
        var begins = new int[planes + 1];
        Each((_, plane) => begins[plane + 1]++);
        for (var plane = 0; plane < planes; plane++)
            begins[plane + 1] += begins[plane];
        var voxels = new int[begins[planes]];
        var next = begins[..planes];
        Each((voxel, plane) => voxels[next[plane]++] = voxel);
        return (voxels, begins);

        void Each(Action<int, int> each)
        {
            var voxel = 0;
            for (var k = 0; k < grid.Z; k++)
            {
                for (var j = 0; j < grid.Y; j++)
                {
                    for (var i = 0; i < grid.X; i++, voxel++)
                    {
                        if (sampler.Find(i, j, k, out _, out _, out var z))
                            each(voxel, sampler.LastPlane(z));
                    }
                }
            }
        }
    }

    /// <summary>From the grid's voxels to the source's: rounded where the two differ by whole steps, so that voxels are copied.</summary>
    private static (Affine ToSource, bool IsExact) Between(Grid source, Grid grid)
    {
        var toSource = source.Affine.Inverse() * grid.Affine;
        return WholeSteps(toSource) is { } exact && grid.AgreeAtCorners(toSource, exact) ? (exact, true) : (toSource, false);
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
}
