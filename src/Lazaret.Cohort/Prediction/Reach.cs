using System.Numerics;
using Lazaret.Cohort.Kernels;

namespace Lazaret.Cohort.Prediction;

/// <summary>
/// The matrix A of how much each subject's outcome contributes to each prediction: predictions ≈ A·z for standardised outcomes z. A_ij is the product over voxels of two rows:
/// row j standardised at each voxel over all rows, and row i standardised over its own voxels; 0 inside a fold. A depends on the volumes alone. Disclosure control charges for it.
/// </summary>
internal static class Reach
{
    /// <summary>How many columns are multiplied and summed in single precision before the sum is added up in double.</summary>
    private const int Width = 256;

    /// <summary>How many rows and columns of products are added up in registers.</summary>
    private const int Tile = 4;

    /// <returns>A by rows.</returns>
    public static double[][] Of(StoredColumns rows, int[] folds, CancellationToken cancellationToken)
    {
        var n = rows.Rows;
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        var spreads = new (double Mean, double Length)[n];
        Parallel.For(0, n, options, () => new float[rows.Count], (row, _, values) =>
        {
            rows.Row(row, values);
            spreads[row] = Spread(values);
            return values;
        }, static _ => { });

        double[][] reach = [.. Enumerable.Range(0, n).Select(_ => new double[n])];
        OrderedSums.Add(
            (rows.Count + Width - 1) / Width, () => new Block(n), (block, local) => local.Add(rows, block * Width, Math.Min(Width, rows.Count - block * Width), spreads), local => local.MoveTo(reach), cancellationToken);
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
                reach[i][j] = folds[i] == folds[j] ? 0 : reach[i][j];
        }

        return reach;
    }

    /// <summary>The mean of the finite values, and the length of these values minus it.</summary>
    private static (double Mean, double Length) Spread(ReadOnlySpan<float> values)
    {
        var (sum, count) = (0.0, 0);
        foreach (var value in values)
            (sum, count) = float.IsFinite(value) ? (sum + value, count + 1) : (sum, count);
        var (mean, squares) = (sum / Math.Max(1, count), 0.0);
        foreach (var value in values)
            squares += float.IsFinite(value) ? (value - mean) * (value - mean) : 0;
        return (mean, Math.Sqrt(squares));
    }

    /// <summary>The sums of one thread.</summary>
    private sealed class Block(int n)
    {
        private readonly float[] _columns = new float[Width * n];
        // The arrays hold whole tiles: values beyond the last row are 0.
        private readonly float[] _byVoxel = new float[Width * ((n + Tile - 1) / Tile * Tile)];
        private readonly float[] _byRow = new float[Width * ((n + Tile - 1) / Tile * Tile)];
        private readonly double[] _sums = new double[n * n];

        public void Add(StoredColumns rows, int first, int width, (double Mean, double Length)[] spreads)
        {
            rows.Block(first, _columns.AsSpan(0, width * n));
            Array.Clear(_byVoxel);
            Array.Clear(_byRow);
            for (var column = 0; column < width; column++)
            {
                var values = _columns.AsSpan(column * n, n);
                var here = Spread(values);
                for (var row = 0; row < n; row++)
                {
                    if (!float.IsFinite(values[row]))
                        continue;
                    _byVoxel[row * Width + column] = Share(values[row], here);
                    _byRow[row * Width + column] = Share(values[row], spreads[row]);
                }
            }

            for (var i = 0; i < n; i += Tile)
            {
                for (var j = 0; j < n; j += Tile)
                    AddTile(i, j);
            }
        }

        public void MoveTo(double[][] reach)
        {
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j < n; j++)
                    reach[i][j] += _sums[i * n + j];
            }

            Array.Clear(_sums);
        }

        private static float Share(float value, (double Mean, double Length) spread) => spread.Length > 0 ? (float)((value - spread.Mean) / spread.Length) : 0;

        /// <summary>Adds up sixteen products at a time: each value that is loaded is used in four of them.</summary>
        private void AddTile(int i, int j)
        {
            ReadOnlySpan<float> a = _byRow.AsSpan(i * Width, Tile * Width), b = _byVoxel.AsSpan(j * Width, Tile * Width);
            Span<Vector<float>> sums = stackalloc Vector<float>[Tile * Tile];
            Vector<float> s00 = default, s01 = default, s02 = default, s03 = default, s10 = default, s11 = default, s12 = default, s13 = default;
            Vector<float> s20 = default, s21 = default, s22 = default, s23 = default, s30 = default, s31 = default, s32 = default, s33 = default;
            for (var at = 0; at < Width; at += Vector<float>.Count)
            {
                var (b0, b1, b2, b3) = (new Vector<float>(b[at..]), new Vector<float>(b[(Width + at)..]), new Vector<float>(b[(2 * Width + at)..]), new Vector<float>(b[(3 * Width + at)..]));
                var row = new Vector<float>(a[at..]);
                (s00, s01, s02, s03) = (Plus(s00, row, b0), Plus(s01, row, b1), Plus(s02, row, b2), Plus(s03, row, b3));
                row = new Vector<float>(a[(Width + at)..]);
                (s10, s11, s12, s13) = (Plus(s10, row, b0), Plus(s11, row, b1), Plus(s12, row, b2), Plus(s13, row, b3));
                row = new Vector<float>(a[(2 * Width + at)..]);
                (s20, s21, s22, s23) = (Plus(s20, row, b0), Plus(s21, row, b1), Plus(s22, row, b2), Plus(s23, row, b3));
                row = new Vector<float>(a[(3 * Width + at)..]);
                (s30, s31, s32, s33) = (Plus(s30, row, b0), Plus(s31, row, b1), Plus(s32, row, b2), Plus(s33, row, b3));
            }

            (sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7]) = (s00, s01, s02, s03, s10, s11, s12, s13);
            (sums[8], sums[9], sums[10], sums[11], sums[12], sums[13], sums[14], sums[15]) = (s20, s21, s22, s23, s30, s31, s32, s33);
            for (var row = 0; row < Tile && i + row < n; row++)
            {
                for (var column = 0; column < Tile && j + column < n; column++)
                    _sums[(i + row) * n + j + column] += Vector.Sum(sums[row * Tile + column]);
            }
        }

        private static Vector<float> Plus(Vector<float> sum, Vector<float> a, Vector<float> b) => Vector.MultiplyAddEstimate(a, b, sum);
    }
}
