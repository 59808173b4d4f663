using System.Collections.Concurrent;
using Lazaret.Cohort.Kernels;
using Lazaret.Cohort.Scores;

namespace Lazaret.Cohort.Store;

/// <summary>
/// Rank correlations of maps and rows of the store. The store keeps the order of each row, so that ranking it among any voxels is one walk along
/// that order, which skips what does not count; nothing is sorted. Where few columns count, their values are sorted instead.
/// </summary>
internal static class StoreRanks
{
    /// <summary>Sorting a value costs about as much as this many steps of the walk.</summary>
    private const int StepsASort = 32;

    /// <param name="wanted">Indices of the entries that are not null.</param>
    public static void Fill(
        CohortStore store, CohortStore.Entry?[] entries, int[] wanted, MaskedMaps maps, IReadOnlyList<double[]> scores, CancellationToken cancellationToken)
    {
        // Most volumes of a site are finite at the same voxels: the map is ranked among those once.
        var ranked = new ConcurrentDictionary<(int Map, int Bitmap), Lazy<RankedMap>>();
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.ForEach(wanted, options, index =>
        {
            var entry = entries[index]!;
            for (var map = 0; map < scores.Count; map++)
            {
                var of = ranked.GetOrAdd((map, entry.Row.Bitmap), key => new Lazy<RankedMap>(() => RankedMap.Of(maps, key.Map, store.FiniteBits(entry), store.Columns)));
                scores[map][index] = Correlate(store, entry, of.Value);
            }
        });
    }

    private static unsafe double Correlate(CohortStore store, CohortStore.Entry entry, RankedMap map)
    {
        if (map.Count < VoxelPairs.FewestForCorrelation)
            return double.NaN;
        var row = new ReadOnlySpan<float>(store.Values(entry), store.Columns.Length);
        if ((long)map.Members.Length * StepsASort >= row.Length)
            return new RankWalk(map.AtColumn, map).Along(store.Order(entry), row);
        var values = new float[map.Members.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = row[map.Members[i]];
        var order = new uint[values.Length];
        ValueOrder.Of(values, order);
        return new RankWalk(Array.ConvertAll(map.Members, column => map.AtColumn[column]), map).Along(order, values);
    }
}
