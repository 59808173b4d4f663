using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Statistics;

namespace Lazaret.Cohort.Prediction;

/// <summary>
/// Predicts each row by the R-map of the others. The R-map has at each voxel the correlation of connectivity and outcome over all rows outside the row's fold. The
/// prediction is the spatial correlation of that map and the row's volume, by the same statistic (Horn et al., Ann. Neurol. 82, 2017: 67–78). No row has a part in its own prediction.
/// </summary>
/// <param name="rows">The rows whose volumes the store has.</param>
/// <param name="outcome">One per row.</param>
/// <param name="folds">The fold of each row, counted from 0.</param>
internal sealed class CrossValidation(StoredColumns rows, double[] outcome, int[] folds, Statistic statistic)
{
    /// <summary>How much memory the R-maps take that are computed together, in bytes.</summary>
    private const long Memory = 128 << 20;

    /// <summary>How many columns are read at a time: 256 bytes of each row.</summary>
    private const int Width = 64;

    /// <summary>How many parts of the columns are summed separately. The parts are added in their order, so that the result does not depend on the threads.</summary>
    private const int Parts = 64;

    private readonly int _foldCount = folds.Max() + 1;

    /// <summary>One prediction per row; NaN where it is undefined.</summary>
    public double[] Predict(CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        return statistic == Statistic.Pearson ? PredictBySums(options) : PredictByMaps(options);
    }

    /// <summary>Pearson's correlation with an R-map follows from sums over voxels, in one pass over the store. (Spearman's needs the whole map, to rank it.)</summary>
    private double[] PredictBySums(ParallelOptions options)
    {
        var blocks = (rows.Count + Width - 1) / Width;
        var parts = new SpatialMoments[Parts][];
        Parallel.For(0, Parts, options, () => (Column: FoldedColumn.Of(statistic, outcome, folds), Values: new float[Width * rows.Rows], R: new double[_foldCount]), (part, _, local) =>
        {
            parts[part] = new SpatialMoments[rows.Rows];
            for (var block = part * blocks / Parts; block < (part + 1) * blocks / Parts; block++)
            {
                var width = Math.Min(Width, rows.Count - block * Width);
                rows.Block(block * Width, local.Values.AsSpan(0, width * rows.Rows));
                for (var i = 0; i < width; i++)
                {
                    var values = local.Values.AsSpan(i * rows.Rows, rows.Rows);
                    local.Column.Correlate(values, 0, local.R);
                    Add(parts[part], values, local.R);
                }
            }

            return local;
        }, static _ => { });
        return [.. Enumerable.Range(0, rows.Rows).Select(row => SpatialMoments.Correlation(parts.Select(part => part[row])))];
    }

    private void Add(SpatialMoments[] moments, ReadOnlySpan<float> values, double[] ofFolds)
    {
        for (var row = 0; row < moments.Length; row++)
        {
            var r = ofFolds[folds[row]];
            if (double.IsFinite(r) && float.IsFinite(values[row]))
                moments[row].Add(r, values[row]);
        }
    }

    private double[] PredictByMaps(ParallelOptions options)
    {
        var predicted = new double[rows.Rows];
        var atATime = (int)Math.Clamp(Memory / (sizeof(double) * Math.Max(1L, rows.Count)), 1, _foldCount);
        var maps = new double[atATime][];
        for (var i = 0; i < atATime; i++)
            maps[i] = new double[rows.Count];
        for (var first = 0; first < _foldCount; first += atATime)
        {
            var (start, count) = (first, Math.Min(atATime, _foldCount - first));
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
