namespace Lazaret.Cohort.Prediction;

/// <summary>
/// What <see cref="CrossValidation"/> predicts by Pearson's correlation when outcomes are given to the rows in other orders: for each order, every R-map is fitted
/// anew. The volumes stay as they are, so whatever depends on them alone is computed once for many orders together. At a voxel where all rows are finite, an order
/// then costs two products with the outcome and three sums for each row.
/// </summary>
/// <param name="rows">The rows whose volumes the store has.</param>
internal sealed class PermutedPredictions(StoredColumns rows, PermutedOutcomes outcomes)
{
    /// <summary>At most so many orders share one pass over the store.</summary>
    private const int MostTogether = 512;

    /// <summary>One array per order with one prediction per row; NaN where the prediction is undefined.</summary>
    public double[][] Predict(CancellationToken cancellationToken)
    {
        double[][] predicted = [.. Enumerable.Range(0, outcomes.Count).Select(_ => new double[rows.Rows])];
        var (tile, all) = (PermutedOutcomes.Tile, outcomes.Tiles * PermutedOutcomes.Tile);
        var together = Math.Clamp((outcomes.Tiles + Environment.ProcessorCount - 1) / Environment.ProcessorCount * tile, tile, MostTogether / tile * tile);
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, (all + together - 1) / together, options, part =>
        {
            var (first, count) = (part * together, Math.Min(together, all - part * together));
            var sums = Sum(first, count, means: null);
            if (sums.MeansIfNeeded() is { } means)
                sums = Sum(first, count, means);
            sums.CopyTo(predicted);
        });
        return predicted;

        OrderSums Sum(int firstOrder, int orders, double[]? means)
        {
            var sums = new OrderSums(rows, outcomes, firstOrder, orders, means);
            for (var first = 0; first < rows.Count; first += OrderSums.Width)
            {
                cancellationToken.ThrowIfCancellationRequested();
                sums.Add(first, Math.Min(OrderSums.Width, rows.Count - first));
            }

            return sums;
        }
    }
}
