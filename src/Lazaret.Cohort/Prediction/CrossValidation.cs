using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Statistics;

namespace Lazaret.Cohort.Prediction;

/// <summary>
/// Predicts a row by the R-map of the others: at each voxel the correlation of connectivity and outcome over all rows outside of its fold, and then the spatial
/// correlation of that map and its volume, by the same statistic (Horn et al., Ann. Neurol. 82, 2017: 67–78). No row has a part in its own prediction.
/// </summary>
/// <param name="rows">Whose volumes the store has.</param>
/// <param name="outcome">One a row.</param>
/// <param name="folds">A fold a row, from 0.</param>
internal sealed class CrossValidation(StoredColumns rows, double[] outcome, int[] folds, Statistic statistic)
{
    /// <summary>R-maps that are kept at a time, in bytes.</summary>
    private const long Memory = 128 << 20;

    /// <summary>Columns that are read at a time: 256 bytes of each row.</summary>
    private const int Width = 64;

    /// <summary>One prediction a row; NaN where it is not defined.</summary>
    public double[] Predict(CancellationToken cancellationToken)
    {
        var predicted = new double[rows.Rows];
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        var foldCount = folds.Max() + 1;
        var atATime = (int)Math.Clamp(Memory / (sizeof(double) * Math.Max(1L, rows.Count)), 1, foldCount);
        var maps = new double[atATime][];
        for (var i = 0; i < atATime; i++)
            maps[i] = new double[rows.Count];
        for (var first = 0; first < foldCount; first += atATime)
        {
            var (start, count) = (first, Math.Min(atATime, foldCount - first));
            Parallel.For(0, (rows.Count + Width - 1) / Width, options, () => (FoldedColumn.Of(statistic, outcome, folds), new float[Width * rows.Rows], new double[count]), (block, _, local) =>
            {
                var (column, values, r) = local;
                var width = Math.Min(Width, rows.Count - block * Width);
                rows.Block(block * Width, values.AsSpan(0, width * rows.Rows));
                for (var i = 0; i < width; i++)
                {
                    column.Correlate(values.AsSpan(i * rows.Rows, rows.Rows), start, r);
                    for (var fold = 0; fold < count; fold++)
                        maps[fold][block * Width + i] = r[fold];
                }

                return local;
            }, static _ => { });
            Parallel.For(0, rows.Rows, options, row =>
            {
                if (folds[row] >= start && folds[row] < start + count)
                    predicted[row] = Similarity(maps[folds[row] - start], row);
            });
        }

        return predicted;
    }

    private double Similarity(double[] map, int row)
    {
        var values = new float[map.Length];
        rows.Row(row, values);
        int[] shared = [.. Enumerable.Range(0, map.Length).Where(i => double.IsFinite(map[i]) && float.IsFinite(values[i]))];
        if (shared.Length < VoxelPairs.FewestForCorrelation)
            return double.NaN;
        double[] r = Array.ConvertAll(shared, i => map[i]), c = Array.ConvertAll(shared, i => (double)values[i]);
        return Correlation.Of(statistic, r, c, []) is Correlation.Defined(var similarity, _) ? similarity : double.NaN;
    }
}
