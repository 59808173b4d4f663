using System.Numerics;

namespace Lazaret.Cohort.Prediction;

/// <summary>Outcomes as they are given to the rows in some orders, about their mean, with their sums over the folds.</summary>
internal sealed class PermutedOutcomes
{
    private readonly int _rows;

    /// <param name="outcome">One per row, in the rows' own order.</param>
    /// <param name="folds">Each row's, from 0; they stay with the rows.</param>
    /// <param name="orders">For each row, whose outcome it is given; an array may be written anew for the next order.</param>
    public PermutedOutcomes(double[] outcome, int[] folds, IEnumerable<int[]> orders, int count)
    {
        (Count, Tiles, _rows) = (count, (count + Tile - 1) / Tile, folds.Length);
        Folds = [.. Enumerable.Range(0, folds.Max() + 1).Select(fold => Enumerable.Range(0, folds.Length).Where(row => folds[row] == fold).ToArray())];
        var mean = outcome.Average();
        Squares = outcome.Sum(y => (y - mean) * (y - mean));
        Values = new double[(long)outcome.Length * Tiles * Tile];
        (OfFolds, SquaresOfFolds) = (new double[(long)Folds.Length * Tiles * Tile], new double[(long)Folds.Length * Tiles * Tile]);
        foreach (var (draw, order) in orders.Index())
        {
            for (var row = 0; row < order.Length; row++)
            {
                var (y, of) = (outcome[order[row]] - mean, Place(folds[row], Folds.Length, draw));
                Values[Place(row, folds.Length, draw)] = y;
                (OfFolds[of], SquaresOfFolds[of]) = (OfFolds[of] + y, SquaresOfFolds[of] + y * y);
            }
        }
    }

    /// <summary>Orders whose values lie together: four registers of them.</summary>
    public static int Tile { get; } = 4 * Vector<double>.Count;

    public int Count { get; }

    /// <summary>The last of them may be filled up with zeros.</summary>
    public int Tiles { get; }

    /// <summary>The rows of each fold.</summary>
    public int[][] Folds { get; }

    /// <summary>By <see cref="Place"/> of a row.</summary>
    public double[] Values { get; }

    /// <summary>By <see cref="Place"/> of a fold.</summary>
    public double[] OfFolds { get; }

    /// <inheritdoc cref="OfFolds"/>
    public double[] SquaresOfFolds { get; }

    /// <summary>Over all rows, in any order.</summary>
    public double Squares { get; }

    /// <summary>Where the order's value of a row, or of a fold, lies.</summary>
    /// <param name="rows">How many there are.</param>
    public static int Place(int row, int rows, int order) => (order / Tile * rows + row) * Tile + order % Tile;

    /// <summary>The squares about their mean of what a fold leaves.</summary>
    public double SpreadWithout(int fold, int order)
    {
        var of = Place(fold, Folds.Length, order);
        return Squares - SquaresOfFolds[of] - OfFolds[of] * OfFolds[of] / (_rows - Folds[fold].Length);
    }
}
