using System.Numerics;

namespace Lazaret.Cohort.Prediction;

/// <summary>
/// Outcomes as some orders assign them to rows, with their sums over the folds. The median is subtracted first, so that one outlier does not cost the other values
/// their digits.
/// </summary>
internal sealed class PermutedOutcomes
{
    /// <param name="outcome">One per row, in the rows' own order.</param>
    /// <param name="folds">The fold of each row, counted from 0. Folds stay with the rows.</param>
    /// <param name="orders">For each row, the row whose outcome it gets; an array may be overwritten for the next order.</param>
    public PermutedOutcomes(double[] outcome, int[] folds, IEnumerable<int[]> orders, int count)
    {
        (Count, Tiles, FoldOf) = (count, (count + Tile - 1) / Tile, folds);
        Folds = [.. Enumerable.Range(0, folds.Max() + 1).Select(fold => Enumerable.Range(0, folds.Length).Where(row => folds[row] == fold).ToArray())];
        var median = outcome.Order().ElementAt(outcome.Length / 2);
        (Total, Squares) = (outcome.Sum(y => y - median), outcome.Sum(y => (y - median) * (y - median)));
        Values = new double[(long)outcome.Length * Tiles * Tile];
        var ofFolds = (long)Folds.Length * Tiles * Tile;
        (OfFolds, Spreads, HasSmallRest) = (new double[ofFolds], new double[ofFolds], new bool[ofFolds]);
        foreach (var (draw, order) in orders.Index())
        {
            for (var row = 0; row < order.Length; row++)
                Values[Place(row, folds.Length, draw)] = outcome[order[row]] - median;
            for (var fold = 0; fold < Folds.Length; fold++)
                Leave(fold, draw);
        }
    }

    /// <summary>How many orders lie next to each other in memory: as many as fill four registers.</summary>
    public static int Tile { get; } = 4 * Vector<double>.Count;

    public int Count { get; }

    /// <summary>How many tiles hold all orders. The last one may be filled up with zeros.</summary>
    public int Tiles { get; }

    /// <summary>The rows of each fold.</summary>
    public int[][] Folds { get; }

    /// <summary>The outcome minus the median, by <see cref="Place"/> of a row.</summary>
    public double[] Values { get; }

    /// <summary>The fold of each row.</summary>
    public int[] FoldOf { get; }

    /// <summary>By <see cref="Place"/> of a fold: the sum over its rows minus the sum over all rows.</summary>
    public double[] OfFolds { get; }

    /// <summary>By <see cref="Place"/> of a fold: the squares about the mean of the rows outside it; 0 where these do not vary.</summary>
    public double[] Spreads { get; }

    /// <summary>By <see cref="Place"/> of a fold: whether those squares are so small a part of all squares that the rows outside it must be summed separately.</summary>
    public bool[] HasSmallRest { get; }

    /// <summary>The sum over all rows; it is the same in every order.</summary>
    public double Total { get; }

    /// <summary>The sum of squares over all rows; it is the same in every order.</summary>
    public double Squares { get; }

    /// <summary>The index of an order's value for a row, or for a fold.</summary>
    /// <param name="rows">How many rows, or folds, there are.</param>
    public static int Place(int row, int rows, int order) => (order / Tile * rows + row) * Tile + order % Tile;

    private void Leave(int fold, int draw)
    {
        var (y, yy, of, left) = (-Total, 0.0, Place(fold, Folds.Length, draw), FoldOf.Length - Folds[fold].Length);
        foreach (var row in Folds[fold])
        {
            var own = Values[Place(row, FoldOf.Length, draw)];
            (y, yy) = (y + own, yy + own * own);
        }

        (OfFolds[of], Spreads[of]) = (y, Squares - yy - y * y / left);
        if (Spreads[of] >= FoldedColumn.SmallRest * Squares)
            return;
        Spreads[of] = SpreadOf([.. Enumerable.Range(0, FoldOf.Length).Where(row => FoldOf[row] != fold).Select(row => Values[Place(row, FoldOf.Length, draw)])]);
        HasSmallRest[of] = Spreads[of] > 0;
    }

    private static double SpreadOf(double[] values)
    {
        // The first value is subtracted before averaging: then the mean of equal values is exact.
        var mean = values.Length == 0 ? 0 : values[0] + values.Average(value => value - values[0]);
        return values.Sum(value => (value - mean) * (value - mean));
    }
}
