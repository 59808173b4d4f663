namespace Lazaret.Cohort.Prediction;

/// <summary>
/// Values of a block of voxels that do not depend on the outcomes; see <see cref="OrderSums"/>. Arrays of rows (or folds) and voxels are indexed by row (or fold),
/// then by voxel.
/// </summary>
internal sealed class VoxelBlock(StoredColumns rows, int[][] folds, int[] foldOf)
{
    /// <summary>How many voxels a block has.</summary>
    public const int Width = 32;

    private readonly float[] _values = new float[Width * rows.Rows];
    private readonly double[] _firsts = [.. Enumerable.Repeat(double.NaN, rows.Rows)];
    private readonly double[] _noOutcome = new double[rows.Rows];

    /// <summary>Connectivity minus its mean over the rows; 0 where it is not finite.</summary>
    public double[] X { get; } = new double[Width * rows.Rows];

    /// <summary>Connectivity minus the first value of the row that counts.</summary>
    public double[] C { get; } = new double[Width * rows.Rows];

    /// <summary>Whether a row is finite at a voxel.</summary>
    public bool[] IsThere { get; } = new bool[Width * rows.Rows];

    /// <summary>Whether all rows are finite at a voxel.</summary>
    public bool[] IsWhole { get; } = new bool[Width];

    /// <summary>By fold: 1 / norm of the centred connectivity over the rows outside the fold; 0 when these do not vary or are fewer than three.</summary>
    public double[] Scale { get; } = new double[Width * folds.Length];

    /// <summary>By fold: the mean of <see cref="X"/> over the rows outside the fold, times −1.</summary>
    public double[] Shift { get; } = new double[Width * folds.Length];

    /// <summary>By fold: the mean connectivity outside the fold, when that part is so small that it is summed separately; else NaN.</summary>
    public double[] RestMean { get; } = new double[Width * folds.Length];

    /// <summary>By fold: whether the sums outside the fold can be computed as (all rows − fold): all rows are finite and the rest is not small.</summary>
    public bool[] IsPlain { get; } = new bool[Width * folds.Length];

    /// <summary>By fold: how many rows outside the fold are finite.</summary>
    public int[] Left { get; } = new int[Width * folds.Length];

    /// <summary>By row, over all voxels so far that count: how many there are, and the sums of <see cref="C"/> and of its square.</summary>
    public double[] Sums { get; } = new double[3 * rows.Rows];

    /// <summary>The values of all rows at a voxel, as they are stored.</summary>
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
