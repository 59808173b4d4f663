using Lazaret.Cohort.Kernels;

namespace Lazaret.Cohort.Store;

/// <summary>Scores rows of the store: all cores, all maps in one pass, and only the columns that a map gives weight.</summary>
internal static class StoreScores
{
    /// <summary>Rows that one core takes at a time in a batch, at most: the maps' weights are widened once for all of them.</summary>
    private const int RowsABatch = 128;

    /// <param name="entries">Null for a row that is scored elsewhere.</param>
    /// <param name="scores">One array a map, one score an entry.</param>
    public static void Fill(
        CohortStore store, CohortStore.Entry?[] entries, MaskedMaps maps, IReadOnlyList<double[]> scores, Product product, CancellationToken cancellationToken)
    {
        int[] wanted = [.. Enumerable.Range(0, entries.Length).Where(index => entries[index] is not null)];
        using var weights = new ColumnWeights(maps, store.Columns);
        var runs = ColumnRun.Of(weights);
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        if (weights.Maps < Product.MapTile)
            Singly(store, entries, wanted, weights, runs, scores, product, options);
        else
            Batch(store, entries, wanted, weights, runs, scores, product, options);
        Parallel.For(0, wanted.Length, options, i =>
        {
            for (var map = 0; map < weights.Maps; map++)
            {
                if (!SharesFinite(store, entries[wanted[i]]!, maps, map))
                    scores[map][wanted[i]] = double.NaN;
            }
        });
    }

    private static unsafe void Singly(
        CohortStore store, CohortStore.Entry?[] entries, int[] wanted, ColumnWeights weights, ColumnRun[] runs, IReadOnlyList<double[]> scores, Product product, ParallelOptions options)
    {
        Parallel.For(0, Tiles(wanted.Length), options, tile =>
        {
            var rows = wanted.AsSpan(tile * Product.RowTile, Math.Min(Product.RowTile, wanted.Length - tile * Product.RowTile));
            var pointers = stackalloc float*[Product.RowTile];
            for (var i = 0; i < Product.RowTile; i++)
                pointers[i] = store.Values(entries[rows[Math.Min(i, rows.Length - 1)]]!);
            var sums = stackalloc double[Product.RowTile];
            for (var map = 0; map < weights.Maps; map++)
            {
                new Span<double>(sums, Product.RowTile).Clear();
                foreach (var run in runs)
                    product.Add(pointers, weights[map], run, sums);
                for (var i = 0; i < rows.Length; i++)
                    scores[map][rows[i]] = sums[i];
            }
        });
    }

    /// <summary>
    /// Block after block of columns, so that a block of all maps stays in the second cache while rows pass by; maps and rows are
    /// widened once a block, for converting would take longer than multiplying.
    /// </summary>
    private static unsafe void Batch(
        CohortStore store, CohortStore.Entry?[] entries, int[] wanted, ColumnWeights weights, ColumnRun[] runs, IReadOnlyList<double[]> scores, Product product, ParallelOptions options)
    {
        var blocks = ColumnRun.Blocks(runs, BatchScratch.Columns);
        var maps = (weights.Maps + Product.MapTile - 1) / Product.MapTile * Product.MapTile;
        // Enough groups for every core; a row's sum is the same in any.
        var rowsATime = Math.Clamp(Tiles(wanted.Length / (4 * options.MaxDegreeOfParallelism)), 1, RowsABatch / Product.RowTile) * Product.RowTile;
        Parallel.For(0, (wanted.Length + rowsATime - 1) / rowsATime, options, () => new BatchScratch(maps), (group, _, scratch) =>
        {
            var rows = wanted.AsSpan(group * rowsATime, Math.Min(rowsATime, wanted.Length - group * rowsATime));
            var sums = new double[Tiles(rows.Length) * maps * Product.RowTile];
            fixed (double* sum = sums)
            {
                foreach (var block in blocks)
                {
                    for (var map = 0; map < weights.Maps; map++)
                        BatchScratch.Widen(product, weights[map], block, scratch.Maps + (long)map * BatchScratch.Stride);
                    for (var first = 0; first < rows.Length; first += Product.RowTile)
                    {
                        var width = 0;
                        for (var i = 0; i < Product.RowTile; i++)
                            width = BatchScratch.Widen(product, store.Values(entries[rows[Math.Min(first + i, rows.Length - 1)]]!), block, scratch.Rows + i * BatchScratch.Stride);
                        for (var map = 0; map < maps; map += Product.MapTile)
                            product.AddTile(scratch.Rows, scratch.Maps + (long)map * BatchScratch.Stride, BatchScratch.Stride, width, sum + first * maps + map * Product.RowTile);
                    }
                }
            }

            for (var i = 0; i < rows.Length; i++)
            {
                for (var map = 0; map < weights.Maps; map++)
                    scores[map][rows[i]] = sums[i / Product.RowTile * Product.RowTile * maps + map * Product.RowTile + i % Product.RowTile];
            }

            return scratch;
        }, scratch => scratch.Dispose());
    }

    private static int Tiles(int rows) => (rows + Product.RowTile - 1) / Product.RowTile;

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
