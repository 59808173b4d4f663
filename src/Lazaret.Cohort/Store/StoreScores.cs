using Lazaret.Cohort.Kernels;
using Lazaret.Cohort.Scores;

namespace Lazaret.Cohort.Store;

/// <summary>Scores rows of the store: all cores, all maps in one pass, and only the columns that a map gives weight.</summary>
internal static class StoreScores
{
    /// <summary>Rows that one core takes at a time in a batch: the weights of a block of columns are fetched once for all of them.</summary>
    private const int RowsABatch = 64;

    /// <summary>
    /// Columns that a batch works on before it moves on: with some ten maps the weights stay in the L2 cache. With moments, the second kernel finds
    /// the rows of a tile in the L1 cache.
    /// </summary>
    private const int ColumnsABatch = 2048;

    /// <param name="entries">Null for a row that is scored elsewhere.</param>
    /// <param name="scores">One array per map, one score per entry.</param>
    public static unsafe void Fill(
        CohortStore store, CohortStore.Entry?[] entries, MaskedMaps maps, IReadOnlyList<double[]> scores, Product product, CancellationToken cancellationToken)
    {
        int[] wanted = [.. Enumerable.Range(0, entries.Length).Where(index => entries[index] is not null)];
        if (maps.Score == Score.SpatialSpearman)
        {
            StoreRanks.Fill(store, entries, wanted, maps, scores, cancellationToken);
            return;
        }

        using var weights = new ColumnWeights(maps, store.Columns);
        using var moments = maps.Score is Score.Cosine or Score.SpatialPearson ? new StoreMoments(store, maps) : null;
        var batch = weights.Maps >= Product.MapTile;
        var ranges = ColumnRange.Of(moments?.Sets ?? weights, batch || moments is not null ? ColumnsABatch : int.MaxValue);
        var rowsATime = batch ? RowsABatch : Product.RowTile;
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, (wanted.Length + rowsATime - 1) / rowsATime, options, group =>
        {
            var rows = wanted.AsSpan(group * rowsATime, Math.Min(rowsATime, wanted.Length - group * rowsATime));
            var tiles = (rows.Length + Product.RowTile - 1) / Product.RowTile;
            var perTile = weights.Maps * Product.RowTile;
            var momentsPerTile = (moments?.Sets.Maps ?? 0) * 2 * Product.RowTile;
            var sums = new double[tiles * perTile];
            var squares = new double[tiles * momentsPerTile];
            fixed (double* sum = sums, square = squares)
            {
                var pointers = stackalloc float*[tiles * Product.RowTile];
                for (var i = 0; i < tiles * Product.RowTile; i++)
                    pointers[i] = store.Values(entries[rows[Math.Min(i, rows.Length - 1)]]!);
                foreach (var range in ranges)
                {
                    for (var tile = 0; tile < tiles; tile++)
                    {
                        product.Add(pointers + tile * Product.RowTile, weights, range, sum + tile * perTile);
                        if (moments is not null)
                            product.AddMoments(pointers + tile * Product.RowTile, moments.Sets, range, square + tile * momentsPerTile);
                    }
                }
            }

            for (var i = 0; i < rows.Length; i++)
            {
                var (entry, tile, at) = (entries[rows[i]]!, i / Product.RowTile, i % Product.RowTile);
                for (var map = 0; map < weights.Maps; map++)
                {
                    var value = sums[tile * perTile + map * Product.RowTile + at];
                    scores[map][rows[i]] = moments is null
                        ? Plain(store, entry, maps, map, value)
                        : moments.Score(entry, map, value, squares.AsSpan(tile * momentsPerTile + at));
                }
            }
        });
    }

    private static double Plain(CohortStore store, CohortStore.Entry entry, MaskedMaps maps, int map, double sum)
    {
        if (maps.Score == Score.Dot)
            return SharesFinite(store, entry, maps, map) ? sum : double.NaN;
        var shared = maps.Domains[map].Shared(store.FiniteBits(entry));
        return VoxelPairs.Quotient(sum, maps.Score == Score.MeanInside ? shared.Count : shared.First);
    }

    /// <summary>When the finite voxels of both are more than the grid has, some are in both; otherwise the bits tell.</summary>
    private static bool SharesFinite(CohortStore store, CohortStore.Entry entry, MaskedMaps maps, int map)
    {
        if (entry.Row.FiniteVoxels + (long)maps.FiniteVoxels(map) > store.Grid.Voxels)
            return true;
        var bits = store.FiniteBits(entry);
        var voxels = maps.Maps.Map(map).Span;
        for (var voxel = 0; voxel < voxels.Length; voxel++)
        {
            if (float.IsFinite(voxels[voxel]) && (bits.IsEmpty || (bits[voxel >> 3] >> (voxel & 7) & 1) != 0))
                return true;
        }

        return false;
    }
}
