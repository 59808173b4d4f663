using Lazaret.Cohort.Kernels;

namespace Lazaret.Cohort.Store;

/// <summary>Scores rows of the store: all cores, all maps in one pass, and only the columns that a map gives weight.</summary>
internal static class StoreScores
{
    /// <summary>Rows that one core takes at a time in a batch: the weights of a block of columns are fetched once for all of them.</summary>
    private const int RowsABatch = 64;

    /// <summary>Columns that a batch works on before it moves on: with some ten maps the weights stay in the L2 cache.</summary>
    private const int ColumnsABatch = 2048;

    /// <param name="entries">Null for a row that is scored elsewhere.</param>
    /// <param name="scores">One array a map, one score an entry.</param>
    public static unsafe void Fill(
        CohortStore store, CohortStore.Entry?[] entries, MaskedMaps maps, IReadOnlyList<double[]> scores, Product product, CancellationToken cancellationToken)
    {
        int[] wanted = [.. Enumerable.Range(0, entries.Length).Where(index => entries[index] is not null)];
        using var weights = new ColumnWeights(maps, store.Columns);
        var batch = weights.Maps >= Product.MapTile;
        var ranges = ColumnRange.Of(weights, batch ? ColumnsABatch : int.MaxValue);
        var rowsATime = batch ? RowsABatch : Product.RowTile;
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, (wanted.Length + rowsATime - 1) / rowsATime, options, group =>
        {
            var rows = wanted.AsSpan(group * rowsATime, Math.Min(rowsATime, wanted.Length - group * rowsATime));
            var tiles = (rows.Length + Product.RowTile - 1) / Product.RowTile;
            var sums = new double[tiles * weights.Maps * Product.RowTile];
            fixed (double* sum = sums)
            {
                var pointers = stackalloc float*[tiles * Product.RowTile];
                for (var i = 0; i < tiles * Product.RowTile; i++)
                    pointers[i] = store.Values(entries[rows[Math.Min(i, rows.Length - 1)]]!);
                foreach (var range in ranges)
                {
                    for (var tile = 0; tile < tiles; tile++)
                        product.Add(pointers + tile * Product.RowTile, weights, range, sum + tile * weights.Maps * Product.RowTile);
                }
            }

            for (var i = 0; i < rows.Length; i++)
            {
                for (var map = 0; map < weights.Maps; map++)
                {
                    scores[map][rows[i]] = SharesFinite(store, entries[rows[i]]!, maps, map)
                        ? sums[(i / Product.RowTile * weights.Maps + map) * Product.RowTile + i % Product.RowTile]
                        : double.NaN;
                }
            }
        });
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
