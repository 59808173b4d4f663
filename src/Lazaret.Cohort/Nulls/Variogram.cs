namespace Lazaret.Cohort.Nulls;

/// <summary>How unlike values are by their distance: half the mean squared difference, in bins of a voxel's width, over pairs of voxels that are drawn once.</summary>
internal sealed class Variogram
{
    private const int Tries = 60_000;
    private const int FewestInABin = 50;

    private readonly (int A, int B, int Bin)[] _pairs;
    private readonly int _bins;

    public Variogram(VoxelBox box, int reach, QuickNumbers numbers)
    {
        var at = box.Points.Index().ToDictionary(point => point.Item, point => point.Index);
        var pairs = new List<(int A, int B, int Bin)>();
        for (var i = 0; i < Tries; i++)
        {
            var a = numbers.Below(box.Points.Length);
            var (x, y, z) = (Offset(), Offset(), Offset());
            var bin = (int)Math.Round(Math.Sqrt(x * x + y * y + z * z)) - 1;
            var (fromX, fromY, fromZ) = box.Points[a];
            if (bin >= 0 && bin < reach && at.TryGetValue((fromX + x, fromY + y, fromZ + z), out var b))
                pairs.Add((a, b, bin));
        }

        int[] kept = [.. pairs.CountBy(pair => pair.Bin).Where(bin => bin.Value >= FewestInABin).Select(bin => bin.Key).Order()];
        _bins = kept.Length;
        _pairs = [.. pairs.Select(pair => pair with { Bin = Array.BinarySearch(kept, pair.Bin) }).Where(pair => pair.Bin >= 0)];

        int Offset() => numbers.Below(2 * reach + 1) - reach;
    }

    /// <summary>One value per bin; none where pairs are too few for any.</summary>
    public double[] Of(double[] values)
    {
        var (sums, counts) = (new double[_bins], new int[_bins]);
        foreach (var (a, b, bin) in _pairs)
        {
            var difference = values[a] - values[b];
            sums[bin] += difference * difference / 2;
            counts[bin]++;
        }

        return [.. sums.Zip(counts, (sum, count) => sum / count)];
    }
}
