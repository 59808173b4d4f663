using Lazaret.Cohort.Statistics;

namespace Lazaret.Cohort.Prediction;

/// <summary>
/// Correlates one voxel's connectivity with the outcome over all rows outside a fold, for every fold. This gives one voxel of the R-maps. Rows that are
/// not finite at the voxel do not count. R is NaN with fewer than three rows, and when the connectivity or the outcome does not vary.
/// </summary>
internal abstract class FoldedColumn
{
    /// <summary>The fewest rows that have a correlation.</summary>
    public const int Fewest = 3;

    /// <summary>
    /// If the rows outside a fold have less than this share of all squares, a difference of sums loses more than three digits. Then these rows are summed
    /// separately, about their own means.
    /// </summary>
    public const double SmallRest = 1e-3;

    /// <param name="folds">The fold of each row, counted from 0.</param>
    public static FoldedColumn Of(Statistic statistic, double[] outcome, int[] folds) => statistic switch
    {
        Statistic.Pearson => new OfValues(outcome, folds),
        Statistic.Spearman => new OfRanks(outcome, folds),
        _ => throw new ArgumentOutOfRangeException(nameof(statistic)),
    };

    /// <param name="first">The first fold that is asked for.</param>
    /// <param name="r">Gets one R per fold, from that one on.</param>
    public abstract void Correlate(ReadOnlySpan<float> values, int first, Span<double> r);

    /// <summary>Pearson's R from the sums over all rows minus those over the fold.</summary>
    private sealed class OfValues : FoldedColumn
    {
        private readonly double[] _given;
        private readonly double[] _outcome;
        private readonly int[] _folds;
        private readonly Sums[] _sums;
        private readonly Sums[] _ofOutcome;
        private readonly Sums _allOfOutcome;

        public OfValues(double[] outcome, int[] folds)
        {
            var mean = outcome.Average();
            (_given, _outcome, _folds) = (outcome, Array.ConvertAll(outcome, y => y - mean), folds);
            _sums = new Sums[folds.Max() + 1];
            _ofOutcome = new Sums[_sums.Length];
            foreach (var (fold, y) in folds.Zip(_outcome))
            {
                _ofOutcome[fold] = _ofOutcome[fold].Plus(new Sums(1, 0, y, 0, y * y, 0));
                _allOfOutcome = _allOfOutcome.Plus(new Sums(1, 0, y, 0, y * y, 0));
            }
        }

        public override void Correlate(ReadOnlySpan<float> values, int first, Span<double> r)
        {
            var (mean, count) = (0.0, 0);
            foreach (var value in values)
                (mean, count) = float.IsFinite(value) ? (mean + value, count + 1) : (mean, count);
            mean /= Math.Max(1, count);
            var all = count == values.Length ? AddWhole(values, mean) : AddFinite(values, mean);
            for (var i = 0; i < r.Length; i++)
            {
                ref readonly var own = ref _sums[first + i];
                var (n, x, y) = (all.N - own.N, all.X - own.X, all.Y - own.Y);
                var (xx, yy) = (all.XX - own.XX - x * x / n, all.YY - own.YY - y * y / n);
                r[i] = n < Fewest ? double.NaN
                    : xx >= SmallRest * all.XX && yy >= SmallRest * all.YY ? Math.Clamp((all.XY - own.XY - x * y / n) / Math.Sqrt(xx * yy), -1, 1)
                    : RestOfFold.Of(values, _given, _folds, first + i) is var rest && rest.Varies ? rest.R
                    : double.NaN;
            }
        }

        /// <summary>When all rows are finite, the sums of the outcomes alone are known already.</summary>
        private Sums AddWhole(ReadOnlySpan<float> values, double mean)
        {
            Array.Copy(_ofOutcome, _sums, _sums.Length);
            var (sumX, sumXX, sumXY) = (0.0, 0.0, 0.0);
            for (var row = 0; row < values.Length; row++)
            {
                var x = values[row] - mean;
                var (xx, xy) = (x * x, x * _outcome[row]);
                ref var own = ref _sums[_folds[row]];
                (own.X, own.XX, own.XY) = (own.X + x, own.XX + xx, own.XY + xy);
                (sumX, sumXX, sumXY) = (sumX + x, sumXX + xx, sumXY + xy);
            }

            return _allOfOutcome with { X = sumX, XX = sumXX, XY = sumXY };
        }

        private Sums AddFinite(ReadOnlySpan<float> values, double mean)
        {
            Array.Clear(_sums);
            var all = default(Sums);
            for (var row = 0; row < values.Length; row++)
            {
                if (!float.IsFinite(values[row]))
                    continue;
                var (x, y) = (values[row] - mean, _outcome[row]);
                var term = new Sums(1, x, y, x * x, y * y, x * y);
                _sums[_folds[row]] = _sums[_folds[row]].Plus(term);
                all = all.Plus(term);
            }

            return all;
        }

        private record struct Sums(double N, double X, double Y, double XX, double YY, double XY)
        {
            public readonly Sums Plus(in Sums o) => new(N + o.N, X + o.X, Y + o.Y, XX + o.XX, YY + o.YY, XY + o.XY);
        }
    }

    /// <summary>Spearman's R. All rows are sorted once; for each fold the rows outside it are ranked. Ranks are doubled, so that all sums are whole numbers.</summary>
    private sealed class OfRanks(double[] outcome, int[] folds) : FoldedColumn
    {
        private readonly int[] _byOutcome = [.. Enumerable.Range(0, outcome.Length).OrderBy(row => outcome[row])];
        private readonly int[] _byValue = new int[outcome.Length];
        private readonly float[] _sorted = new float[outcome.Length];
        private readonly float[] _values = new float[outcome.Length];
        private readonly int[] _rankOfValue = new int[outcome.Length];
        private readonly int[] _rankOfOutcome = new int[outcome.Length];
        private readonly int[] _kept = new int[outcome.Length];

        public override void Correlate(ReadOnlySpan<float> values, int first, Span<double> r)
        {
            values.CopyTo(_values);
            var count = 0;
            for (var row = 0; row < values.Length; row++)
            {
                if (float.IsFinite(values[row]))
                    (_sorted[count], _byValue[count++]) = (values[row], row);
            }

            Array.Sort(_sorted, _byValue, 0, count);
            for (var i = 0; i < r.Length; i++)
                r[i] = Correlate(_byValue.AsSpan(0, count), first + i);
        }

        private double Correlate(ReadOnlySpan<int> byValue, int fold)
        {
            var n = 0;
            foreach (var row in byValue)
            {
                if (folds[row] != fold)
                    _kept[n++] = row;
            }

            Rank(_kept.AsSpan(0, n), _rankOfValue, (a, b) => _values[a] == _values[b]);
            var m = 0;
            foreach (var row in _byOutcome)
            {
                if (folds[row] != fold && float.IsFinite(_values[row]))
                    _kept[m++] = row;
            }

            Rank(_kept.AsSpan(0, m), _rankOfOutcome, (a, b) => outcome[a] == outcome[b]);
            var (xx, yy, xy) = (0L, 0L, 0L);
            foreach (var row in _kept.AsSpan(0, m))
            {
                long x = _rankOfValue[row] - n - 1, y = _rankOfOutcome[row] - n - 1;
                (xx, yy, xy) = (xx + x * x, yy + y * y, xy + x * y);
            }

            // One square root of one quotient: correlations that are the same fraction give the same number, and so are tied in the map's own ranks.
            return n >= Fewest && xx > 0 && yy > 0 ? Math.CopySign(Math.Sqrt(Math.Min(1, (double)xy * xy / ((double)xx * yy))), xy) : double.NaN;
        }

        private static void Rank(ReadOnlySpan<int> rows, int[] ranks, Func<int, int, bool> areTied)
        {
            for (int start = 0, end; start < rows.Length; start = end)
            {
                for (end = start + 1; end < rows.Length && areTied(rows[start], rows[end]);)
                    end++;
                for (var at = start; at < end; at++)
                    ranks[rows[at]] = start + 1 + end;
            }
        }
    }
}
