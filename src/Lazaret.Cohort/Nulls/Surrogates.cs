using Lazaret.Cohort.Nifti;

namespace Lazaret.Cohort.Nulls;

/// <summary>
/// Maps with a map's values, as smooth as it is, and otherwise unlike it: values in any order, smoothed, brought to the map's variogram by a linear fit α + β·γ (a
/// share of the smooth field and one of noise), and replaced by the map's own by rank (Burt et al., NeuroImage 220, 2020: 117038). How wide to smooth is found once, for it is the same for all.
/// </summary>
internal sealed class Surrogates
{
    private const int Fewest = 30;
    private const int FurthestPair = 12;
    private const int Pilots = 3;

    private static readonly int[] Radii = [0, 1, 2, 3, 4, 6, 8, 12];

    private readonly float[] _map;
    private readonly int[] _voxels;
    private readonly byte[] _seed;
    private readonly double[] _values;
    private readonly float[] _sorted;
    private readonly VoxelBox _box;
    private readonly Variogram _variogram;
    private readonly double[] _target;
    private readonly int _radius;
    private readonly double[] _weights;

    /// <param name="map">On the grid.</param>
    /// <param name="voxels">Those whose values change, increasing.</param>
    private Surrogates(Grid grid, float[] map, int[] voxels, byte[] seed)
    {
        (_map, _voxels, _seed) = (map, voxels, seed);
        _values = Array.ConvertAll(voxels, voxel => (double)map[voxel]);
        _sorted = Array.ConvertAll(voxels, voxel => map[voxel]);
        Array.Sort(_sorted);
        _box = new VoxelBox(grid, voxels);
        _variogram = new Variogram(_box, Math.Clamp(_box.LongestSide / 4, 3, FurthestPair), new QuickNumbers(seed, 0));
        _target = _variogram.Of(_values);
        double[] ones = [.. Enumerable.Repeat(1.0, voxels.Length)];
        (_radius, _weights) = Radii.Where(radius => radius <= _box.LongestSide).Select(radius => (Radius: radius, Weights: _box.Smooth(ones, radius)))
            .MinBy(way => Enumerable.Range(1, Pilots).Sum(pilot => Fit(Draw(pilot, way.Radius, way.Weights, out _)).Error));
    }

    /// <summary>Why a map has no surrogates; null where it has some.</summary>
    public static string? WhyNone(ReadOnlySpan<float> map, ReadOnlySpan<int> voxels)
    {
        if (voxels.Length < Fewest)
            return $"surrogates need {Fewest} voxels, and the map has {voxels.Length} that count";
        foreach (var voxel in voxels)
        {
            if (map[voxel] != map[voxels[0]])
                return null;
        }

        return "the map is the same in all voxels that count, so that every surrogate would be the map itself";
    }

    /// <returns>Null where there are none.</returns>
    public static Surrogates? Of(Grid grid, float[] map, int[] voxels, byte[] seed) => WhyNone(map, voxels) is null ? new Surrogates(grid, map, voxels, seed) : null;

    /// <param name="number">From 0. Any may be asked for, in any order and by any thread.</param>
    public float[] Map(int number)
    {
        var field = Draw(Pilots + 1 + number, _radius, _weights, out var numbers);
        var (alpha, beta, _) = Fit(field);
        for (var i = 0; i < field.Length; i++)
            field[i] = Math.Sqrt(beta) * field[i] + Math.Sqrt(alpha) * numbers.Gaussian();
        var order = Enumerable.Range(0, field.Length).ToArray();
        Array.Sort(field, order);
        var map = _map.ToArray();
        for (var rank = 0; rank < order.Length; rank++)
            map[_voxels[order[rank]]] = _sorted[rank];
        return map;
    }

    private double[] Draw(int stream, int radius, double[] weights, out QuickNumbers numbers)
    {
        numbers = new QuickNumbers(_seed, stream);
        var values = _values.ToArray();
        for (var last = values.Length - 1; last > 0; last--)
        {
            var other = numbers.Below(last + 1);
            (values[last], values[other]) = (values[other], values[last]);
        }

        return [.. _box.Smooth(values, radius).Zip(weights, (sum, weight) => sum / weight)];
    }

    /// <summary>The target by α + β·γ, neither below 0, and what is left of it.</summary>
    private (double Alpha, double Beta, double Error) Fit(double[] field)
    {
        var gamma = _variogram.Of(field);
        if (gamma.Length == 0)
            return (0, 1, 0);
        var (meanX, meanY) = (gamma.Average(), _target.Average());
        var (xx, xy) = (gamma.Sum(x => (x - meanX) * (x - meanX)), gamma.Zip(_target, (x, y) => (x - meanX) * (y - meanY)).Sum());
        var beta = xx > 0 ? Math.Max(0, xy / xx) : 0;
        var alpha = meanY - beta * meanX;
        if (alpha < 0)
            (alpha, beta) = (0, gamma.Zip(_target, (x, y) => x * y).Sum() / gamma.Sum(x => x * x));
        return (alpha, beta, gamma.Zip(_target, (x, y) => Math.Pow(y - alpha - beta * x, 2)).Sum());
    }
}
