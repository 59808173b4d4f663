using Lazaret.Cohort.Nifti;

namespace Lazaret.Cohort.Nulls;

/// <summary>The smallest box of a grid around some voxels, and smoothing of values at them by three running means along each axis, which is nearly a Gaussian.</summary>
internal sealed class VoxelBox
{
    private const int Rounds = 3;

    private readonly int _x;
    private readonly int _y;
    private readonly int _z;
    private readonly int[] _places;

    /// <param name="voxels">Increasing.</param>
    public VoxelBox(Grid grid, int[] voxels)
    {
        (int X, int Y, int Z)[] points = Array.ConvertAll(voxels, voxel => (voxel % grid.X, voxel / grid.X % grid.Y, voxel / (grid.X * grid.Y)));
        var (x, y, z) = (points.Min(point => point.X), points.Min(point => point.Y), points.Min(point => point.Z));
        (_x, _y, _z) = (points.Max(point => point.X) - x + 1, points.Max(point => point.Y) - y + 1, points.Max(point => point.Z) - z + 1);
        _places = Array.ConvertAll(points, point => point.X - x + _x * (point.Y - y + _y * (point.Z - z)));
        Points = points;
    }

    /// <summary>Where each voxel lies on the grid.</summary>
    public (int X, int Y, int Z)[] Points { get; }

    public int LongestSide => Math.Max(_x, Math.Max(_y, _z));

    /// <summary>For each voxel the sum of the values around it, nearer ones with more weight. Divided by the same sums of ones they are means.</summary>
    public double[] Smooth(double[] values, int radius)
    {
        if (radius == 0)
            return values;
        var (from, to) = (new double[_x * _y * _z], new double[_x * _y * _z]);
        for (var i = 0; i < values.Length; i++)
            from[_places[i]] = values[i];
        for (var round = 0; round < Rounds; round++)
        {
            // A line of single values, a slice of lines, a stack of slices.
            Slide(from, to, 1, _x, radius);
            Slide(to, from, _x, _y, radius);
            Slide(from, to, _x * _y, _z, radius);
            (from, to) = (to, from);
        }

        return Array.ConvertAll(_places, place => from[place]);
    }

    /// <summary>Each part becomes the sum of those up to <paramref name="radius"/> away in its series.</summary>
    /// <param name="length">Of a part.</param>
    /// <param name="count">Parts of a series.</param>
    private static void Slide(double[] from, double[] to, int length, int count, int radius)
    {
        var sum = new double[length];
        for (var series = 0; series < from.Length; series += length * count)
        {
            Array.Clear(sum);
            for (var ahead = 0; ahead < Math.Min(radius, count); ahead++)
                Add(from.AsSpan(series + ahead * length, length), 1);
            for (var part = 0; part < count; part++)
            {
                if (part + radius < count)
                    Add(from.AsSpan(series + (part + radius) * length, length), 1);
                if (part - radius - 1 >= 0)
                    Add(from.AsSpan(series + (part - radius - 1) * length, length), -1);
                sum.CopyTo(to.AsSpan(series + part * length, length));
            }
        }

        void Add(ReadOnlySpan<double> values, double sign)
        {
            for (var i = 0; i < values.Length; i++)
                sum[i] += sign * values[i];
        }
    }
}
