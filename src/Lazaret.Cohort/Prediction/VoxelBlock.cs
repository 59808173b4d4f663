namespace Lazaret.Cohort.Prediction;

/// <summary>Some voxels of <see cref="OrderSums"/>, and what of them does not depend on outcomes. Each array has its rows, or folds, one after the other, and of each the voxels.</summary>
internal sealed class VoxelBlock(StoredColumns rows, int[][] folds, int[] foldOf)
{
    /// <summary>Voxels at a time.</summary>
    public const int Width = 32;

    private readonly float[] _values = new float[Width * rows.Rows];
    private readonly double[] _firsts = [.. Enumerable.Repeat(double.NaN, rows.Rows)];
    private readonly double[] _noOutcome = new double[rows.Rows];

    /// <summary>Connectivity less its mean over the rows; 0 where it is not finite.</summary>
    public double[] X { get; } = new double[Width * rows.Rows];

    /// <summary>Connectivity less the first value of the row that counts.</summary>
    public double[] C { get; } = new double[Width * rows.Rows];

    /// <summary>Whether a row is finite.</summary>
    public bool[] IsThere { get; } = new bool[Width * rows.Rows];

    /// <summary>Whether all rows of a voxel are.</summary>
    public bool[] IsWhole { get; } = new bool[Width];

    /// <summary>By fold: 1 by the length of what it leaves; 0 where that does not vary, or is too little.</summary>
    public double[] Scale { get; } = new double[Width * folds.Length];

    /// <summary>By fold: the mean of what it leaves is this much below 0.</summary>
    public double[] Shift { get; } = new double[Width * folds.Length];

    /// <summary>By fold: the mean of what it leaves, where that is so small a part that it is summed by itself; NaN where it is not.</summary>
    public double[] RestMean { get; } = new double[Width * folds.Length];

    /// <summary>By fold: whether what it leaves follows from what all rows sum to, since all are finite and it is no small part.</summary>
    public bool[] IsPlain { get; } = new bool[Width * folds.Length];

    /// <summary>By fold: how many rows it leaves.</summary>
    public int[] Left { get; } = new int[Width * folds.Length];

    /// <summary>Over all voxels so far that count, by row: how many, <see cref="C"/> and its square.</summary>
    public double[] Sums { get; } = new double[3 * rows.Rows];

    /// <summary>All rows of a voxel as they are stored.</summary>
    public ReadOnlySpan<float> Values(int voxel) => _values.AsSpan(voxel * rows.Rows, rows.Rows);

    public void Read(int first, int width)
    {
        rows.Block(first, _values.AsSpan(0, width * rows.Rows));
        Array.Clear(X);
        Array.Clear(IsThere);
        Array.Clear(Scale);
        for (var voxel = 0; voxel < width; voxel++)
            Prepare(voxel);
    }

    private void Prepare(int voxel)
    {
        var values = Values(voxel);
        var (mean, count, squares) = (0.0, 0, 0.0);
        foreach (var value in values)
            (mean, count) = float.IsFinite(value) ? (mean + value, count + 1) : (mean, count);
        mean /= Math.Max(1, count);
        IsWhole[voxel] = count == values.Length;
        for (var row = 0; row < values.Length; row++)
        {
            if (!float.IsFinite(values[row]))
                continue;
            var at = row * Width + voxel;
            (X[at], IsThere[at]) = (values[row] - mean, true);
            squares += X[at] * X[at];
        }

        for (var fold = 0; fold < folds.Length; fold++)
        {
            var (x, xx, left) = (0.0, 0.0, count);
            foreach (var row in folds[fold])
            {
                var at = row * Width + voxel;
                (x, xx, left) = (x + X[at], xx + X[at] * X[at], IsThere[at] ? left - 1 : left);
            }

            if (left < FoldedColumn.Fewest)
                continue;
            var (rest, restMean) = (squares - xx - x * x / left, double.NaN);
            if (!(rest >= FoldedColumn.SmallRest * squares))
                (restMean, rest) = RestOfFold.Of(values, _noOutcome, foldOf, fold) is var own ? (own.MeanX, own.XX) : default;
            if (!(rest > 0))
                continue;
            var place = fold * Width + voxel;
            (Scale[place], Shift[place], RestMean[place], Left[place]) = (1 / Math.Sqrt(rest), x / left, restMean, left);
            IsPlain[place] = IsWhole[voxel] && double.IsNaN(restMean);
            foreach (var row in folds[fold])
            {
                if (IsThere[row * Width + voxel])
                    Count(row, voxel, values[row]);
            }
        }
    }

    private void Count(int row, int voxel, double value)
    {
        if (double.IsNaN(_firsts[row]))
            _firsts[row] = value;
        var c = C[row * Width + voxel] = value - _firsts[row];
        (Sums[3 * row], Sums[3 * row + 1], Sums[3 * row + 2]) = (Sums[3 * row] + 1, Sums[3 * row + 1] + c, Sums[3 * row + 2] + c * c);
    }
}
