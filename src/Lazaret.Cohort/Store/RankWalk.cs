using System.Runtime.CompilerServices;
using Lazaret.Cohort.Scores;

namespace Lazaret.Cohort.Store;

/// <summary>
/// Walks along a volume's values in increasing order, and adds up products of their ranks and the map's. Ranks are doubled, so that the middle of
/// tied ones is whole, and taken less their mean n + 1.
/// </summary>
/// <param name="ranks">The map's, one a value; 0 for a value that does not count.</param>
/// <param name="map">What of the map is not among these values: there the volume is 0.</param>
internal ref struct RankWalk(ReadOnlySpan<int> ranks, RankedMap map)
{
    private readonly ReadOnlySpan<int> _ranks = ranks;
    private double _product;
    private double _squares;
    private long _below;

    /// <summary>The correlation of the ranks; NaN where those of either side are all the same.</summary>
    public double Along(ReadOnlySpan<uint> order, ReadOnlySpan<float> values)
    {
        var zeros = FirstNotBelow(order, values, 0);
        var positive = FirstNotBelow(order, values, float.Epsilon);
        Add(order[..zeros], 0, 0);
        // The zeros are one group, though the first of them may not say that it is greater than what is before.
        Add(order[zeros..positive], map.OtherCount, map.OtherRanks, isOneGroup: true);
        Add(order[positive..], 0, 0);
        return _squares > 0 && map.Squares > 0 ? Math.Clamp(_product / (Math.Sqrt(_squares) * Math.Sqrt(map.Squares)), -1, 1) : double.NaN;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add(ReadOnlySpan<uint> order, long tied, long sum, bool isOneGroup = false)
    {
        var ranks = _ranks;
        double count = map.Count;
        var (product, squares, below) = (_product, _squares, _below);
        var starts = isOneGroup ? 0 : ValueOrder.Greater;
        foreach (var entry in order)
        {
            if ((entry & starts) != 0)
            {
                var rank = 2 * below + tied - count;
                product += sum * rank;
                squares += tied * rank * rank;
                (below, tied, sum) = (below + tied, 0, 0);
            }

            var ofMap = ranks[(int)(entry & ValueOrder.Position)];
            sum += ofMap;
            tied += ofMap != 0 ? 1 : 0;
        }

        var last = 2 * below + tied - count;
        (_product, _squares, _below) = (product + sum * last, squares + tied * last * last, below + tied);
    }

    private static int FirstNotBelow(ReadOnlySpan<uint> order, ReadOnlySpan<float> values, float bound)
    {
        var (low, high) = (0, order.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (values[(int)(order[middle] & ValueOrder.Position)] < bound)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
