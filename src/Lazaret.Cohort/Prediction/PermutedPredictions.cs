namespace Lazaret.Cohort.Prediction;

/// <summary>
/// What <see cref="CrossValidation"/> predicts by Pearson's correlation when outcomes are given to the rows in other orders: for each order, every R-map is fitted anew. The volumes stay as they are, so that what follows
/// from them alone is computed once for all orders; at each voxel and fold an order costs one product with the outcomes, and each row six sums.
/// </summary>
/// <param name="rows">Whose volumes the store has.</param>
internal sealed class PermutedPredictions(StoredColumns rows, PermutedOutcomes outcomes)
{
    /// <summary>Orders that share one pass over the store.</summary>
    private const int MostTogether = 512;

    /// <summary>One array per order, one prediction per row; NaN where it is not defined.</summary>
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
