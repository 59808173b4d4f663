using System.Numerics;
using System.Runtime.InteropServices;
using Lazaret.Cohort.Kernels;
using Lazaret.Cohort.Scores;

namespace Lazaret.Cohort.Store;

/// <summary>Cosines and spatial correlations of rows of the store, from Σ m·c, Σ c and Σ c² over the columns that count.</summary>
internal sealed class StoreMoments : IDisposable
{
    /// <summary>
    /// Where the sum of squares is this many times the sum of squares about the mean, a difference of sums loses more than three digits: such a row
    /// is summed once more, about its means.
    /// </summary>
    private const double LargestLoss = 1000;

    private readonly CohortStore _store;
    private readonly MaskedMaps _maps;

    /// <summary>By map: which set its voxels are. Maps of a batch are mostly finite at the same voxels.</summary>
    private readonly int[] _setOf;

    public StoreMoments(CohortStore store, MaskedMaps maps)
    {
        (_store, _maps) = (store, maps);
        _setOf = new int[maps.Domains.Length];
        var different = new List<MapDomain>();
        for (var map = 0; map < _setOf.Length; map++)
        {
            var bits = maps.Domains[map];
            _setOf[map] = different.FindIndex(known => known.Bits.SequenceEqual(bits.Bits));
            if (_setOf[map] >= 0)
                continue;
            _setOf[map] = different.Count;
            different.Add(bits);
        }

        Sets = ColumnWeights.Of(different, store.Columns);
    }

    /// <summary>The columns whose moments are wanted.</summary>
    public ColumnWeights Sets { get; }

    /// <param name="product">Σ m·c.</param>
    /// <param name="moments">From the row's first moment on, as <see cref="Product.AddMoments"/> left them.</param>
    public double Score(CohortStore.Entry entry, int map, double product, ReadOnlySpan<double> moments)
    {
        var domain = _maps.Domains[map];
        var shared = domain.Shared(_store.FiniteBits(entry));
        var (sum, squares) = (moments[_setOf[map] * 2 * Product.RowTile], moments[(_setOf[map] * 2 + 1) * Product.RowTile]);
        if (_maps.Score == Scores.Score.Cosine)
            return VoxelPairs.Quotient(product, Math.Sqrt(shared.First) * Math.Sqrt(squares));
        if (shared.Count < VoxelPairs.FewestForCorrelation)
            return double.NaN;
        double n = shared.Count;
        var ofMap = shared.Second - shared.First * shared.First / n;
        var ofVolume = squares - sum * sum / n;
        if (!(squares < LargestLoss * ofVolume && shared.Second + n * domain.Mean * domain.Mean < LargestLoss * ofMap))
            return AboutMeans(entry, map);
        return Math.Clamp((product - domain.Mean * sum - shared.First * sum / n) / (Math.Sqrt(ofMap) * Math.Sqrt(ofVolume)), -1, 1);
    }

    public void Dispose() => Sets.Dispose();

    private unsafe double AboutMeans(CohortStore.Entry entry, int map)
    {
        var finite = MemoryMarshal.Cast<byte, ulong>(_store.FiniteBits(entry));
        var (domain, columns) = (_maps.Domains[map], _store.Columns);
        var values = _maps.Maps.Map(map).Span;
        var row = _store.Values(entry);
        var (ofMap, ofVolume) = (new float[domain.Whole.Count], new float[domain.Whole.Count]);
        var (count, column) = (0, 0);
        for (var word = 0; word < domain.Bits.Length; word++)
        {
            for (var rest = domain.Bits[word] & (finite.IsEmpty ? ulong.MaxValue : finite[word]); rest != 0; rest &= rest - 1)
            {
                var voxel = word * 64 + BitOperations.TrailingZeroCount(rest);
                while (column < columns.Length && columns[column] < voxel)
                    column++;
                ofMap[count] = values[voxel];
                ofVolume[count++] = column < columns.Length && columns[column] == voxel ? row[column] : 0;
            }
        }

        return VoxelPairs.ScoreOf(Scores.Score.SpatialPearson, ofMap.AsSpan(0, count), ofVolume.AsSpan(0, count));
    }
}
