using System.Numerics;

namespace Lazaret.Cohort.Prediction;

/// <summary>
/// What a prediction takes from whom: A, with prediction ≈ A·z for standardised outcomes z. A_ij is the product over voxels of row j, standardised at each voxel over
/// all rows, and row i, standardised over its voxels; 0 within a fold. It follows from the volumes alone, and is what disclosure control charges for.
/// </summary>
internal static class Reach
{
    /// <summary>Columns that are multiplied in single precision before they are added up in double.</summary>
    private const int Width = 256;

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
        Parallel.For(0, (rows.Count + Width - 1) / Width, options, () => new Block(n), (block, _, local) =>
        {
            local.Add(rows, block * Width, Math.Min(Width, rows.Count - block * Width), spreads);
            return local;
        }, local =>
        {
            lock (reach)
                local.AddTo(reach);
        });
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
                reach[i][j] = folds[i] == folds[j] ? 0 : reach[i][j];
        }

        return reach;
    }

    /// <summary>Mean and length about it of what is finite.</summary>
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

    /// <summary>What one thread has added up.</summary>
    private sealed class Block(int n)
    {
        private readonly float[] _columns = new float[Width * n];
        private readonly float[] _byVoxel = new float[Width * n];
        private readonly float[] _byRow = new float[Width * n];
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

            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j < n; j++)
                    _sums[i * n + j] += Product(_byRow.AsSpan(i * Width, Width), _byVoxel.AsSpan(j * Width, Width));
            }
        }

        public void AddTo(double[][] reach)
        {
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j < n; j++)
                    reach[i][j] += _sums[i * n + j];
            }
        }

        private static float Share(float value, (double Mean, double Length) spread) => spread.Length > 0 ? (float)((value - spread.Mean) / spread.Length) : 0;

        private static float Product(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
        {
            var sum = Vector<float>.Zero;
            for (var at = 0; at < a.Length; at += Vector<float>.Count)
                sum += new Vector<float>(a[at..]) * new Vector<float>(b[at..]);
            return Vector.Sum(sum);
        }
    }
}
