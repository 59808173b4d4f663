using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Lazaret.Cohort.Scores;

namespace Lazaret.Cohort.Store;

/// <summary>
/// Walks along a volume's values in increasing order and sums the products of their ranks and the map's. Ranks are doubled, so that the mean rank of
/// tied values is whole. The volume's ranks are centred: n + 1 is subtracted.
/// </summary>
/// <param name="ranks">The map's doubled ranks, one per value; 0 for a value that does not count.</param>
/// <param name="map">The rest of the map: voxels that count and are not columns of the store; the volume is 0 there.</param>
internal ref struct RankWalk(ReadOnlySpan<int> ranks, RankedMap map)
{
    /// <summary>How many values are looked at together.</summary>
    private const int Block = 32;

    private readonly ReadOnlySpan<int> _ranks = ranks;
    private double _product;

    /// <summary>Σ t³ − t over the groups of t tied values.</summary>
    private double _ties;

    private int _below;

    /// <summary>The correlation of the ranks; NaN where those of either side are all the same.</summary>
    public double Along(ReadOnlySpan<uint> order, ReadOnlySpan<float> values)
    {
        var zeros = FirstNotBelow(order, values, 0);
        var positive = FirstNotBelow(order, values, float.Epsilon);
        Add(order[..zeros], 0, 0);
        // All zeros are one tie group, even if the first of them carries the "greater" mark.
        Add(order[zeros..positive], map.OtherCount, map.OtherRanks, isOneGroup: true);
        Add(order[positive..], 0, 0);
        // Of n different ranks, doubled and about their mean, the squares add up to (n³ − n)/3.
        var squares = (TieTerm(map.Count) - _ties) / 3;
        return squares > 0 && map.Squares > 0 ? Math.Clamp(_product / (Math.Sqrt(squares) * Math.Sqrt(map.Squares)), -1, 1) : double.NaN;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add(ReadOnlySpan<uint> order, int tied, long sum, bool isOneGroup = false)
    {
        var ofMap = _ranks;
        var (product, twiceBelow) = (_product, 2 * _below - map.Count);
        var starts = isOneGroup ? 0 : ValueOrder.Greater;
        for (int at = 0, end; at < order.Length; at = end)
        {
            end = Math.Min(at + Block, order.Length);
            if (!isOneGroup && end < order.Length && TryProducts(order.Slice(at, Block + 1), ofMap, twiceBelow + 2 * tied + 1) is { } products)
            {
                product += (double)sum * (twiceBelow + tied) + products;
                _ties += TieTerm(tied);
                twiceBelow += 2 * (tied + Block);
                (tied, sum) = (0, 0);
                continue;
            }

            foreach (var entry in order[at..end])
            {
                if ((entry & starts) != 0)
                {
                    product += (double)sum * (twiceBelow + tied);
                    _ties += TieTerm(tied);
                    twiceBelow += 2 * tied;
                    (tied, sum) = (0, 0);
                }

                var rank = ofMap[(int)(entry & ValueOrder.Position)];
                sum += rank;
                tied += rank != 0 ? 1 : 0;
            }
        }

        _product = product + (double)sum * (twiceBelow + tied);
        _ties += TieTerm(tied);
        _below = (twiceBelow + map.Count) / 2 + tied;
    }

    /// <summary>The products of a block whose values all count and are tied to none, which most are; null for any other.</summary>
    /// <param name="order">The block and one entry more.</param>
    /// <param name="first">The rank of the first of them.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe double? TryProducts(ReadOnlySpan<uint> order, ReadOnlySpan<int> ranks, int first)
    {
        if (!Avx2.IsSupported || (order[Block] & ValueOrder.Greater) == 0)
            return null;
        var products = Vector256<double>.Zero;
        fixed (int* rank = ranks)
        {
            for (var i = 0; i < Block; i += Vector256<uint>.Count)
            {
                var entries = Vector256.Create(order[i..]);
                var positions = entries & Vector256.Create(ValueOrder.Position);
                if (entries.ExtractMostSignificantBits() != byte.MaxValue || !Vector256.LessThanAll(positions, Vector256.Create((uint)ranks.Length)))
                    return null;
                var ofMap = Avx2.GatherVector256(rank, positions.AsInt32(), sizeof(int));
                if (Vector256.EqualsAny(ofMap, Vector256<int>.Zero))
                    return null;
                var ofVolume = Vector256.Create(first + 2 * i) + Vector256.Create(0, 2, 4, 6, 8, 10, 12, 14);
                products += Avx.ConvertToVector256Double(ofMap.GetLower()) * Avx.ConvertToVector256Double(ofVolume.GetLower());
                products += Avx.ConvertToVector256Double(ofMap.GetUpper()) * Avx.ConvertToVector256Double(ofVolume.GetUpper());
            }
        }

        return Vector256.Sum(products);
    }

    /// <summary>t³ − t, by which Spearman's ρ is corrected for t equal values.</summary>
    private static double TieTerm(double tied) => tied * (tied * tied - 1);

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
