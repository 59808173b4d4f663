using System.Numerics;
using System.Runtime.InteropServices;

namespace Lazaret.Cohort.Prediction;

/// <summary>Some of the orders of <see cref="PermutedPredictions"/>, and their sums over the voxels so far.</summary>
internal sealed class OrderSums
{
    /// <summary>Columns at a time.</summary>
    public const int Width = 32;

    private static readonly int Lanes = PermutedOutcomes.Tile / 4;
    private static readonly int Tile = PermutedOutcomes.Tile;

    private readonly StoredColumns _rows;
    private readonly PermutedOutcomes _given;
    private readonly int _first;
    private readonly int _orders;
    private readonly int _n;

    // Of the block: connectivity less its mean over the rows, row by row, 0 where it is not finite; the same less the row's first value; what of it a fold leaves.
    private readonly float[] _values;
    private readonly double[] _x;
    private readonly double[] _c;
    private readonly bool[] _isThere;
    private readonly bool[] _isWhole = new bool[Width];
    private readonly double[] _scale;
    private readonly double[] _shift;
    private readonly int[] _left;
    private readonly double[] _origin;

    // Of the block and some orders: sums with all outcomes, and a fold's R.
    private readonly double[] _sums = new double[Width * Tile];
    private readonly double[] _finite = new double[2 * Width * Tile];
    private readonly double[] _r = new double[Width * Tile];

    // Over the voxels: by row; and by row and order, R, its square, and its product with the connectivity.
    private readonly double[] _ofRows;
    private readonly double[] _ofOrders;
    private readonly double[] _without;

    public OrderSums(StoredColumns rows, PermutedOutcomes outcomes, int first, int orders)
    {
        (_rows, _given, _first, _orders, _n) = (rows, outcomes, first, orders, rows.Rows);
        (_values, _x, _c, _isThere) = (new float[Width * _n], new double[Width * _n], new double[Width * _n], new bool[Width * _n]);
        (_scale, _shift, _left) = (new double[Width * outcomes.Folds.Length], new double[Width * outcomes.Folds.Length], new int[Width * outcomes.Folds.Length]);
        (_ofRows, _ofOrders, _without) = (new double[3 * _n], new double[3 * (long)_n * orders], new double[3 * (long)_n * orders]);
        _origin = new double[_n];
        if (rows.Count > 0)
        {
            rows.Block(0, _values.AsSpan(0, _n));
            _origin = [.. _values.Take(_n).Select(value => float.IsFinite(value) ? value : 0.0)];
        }
    }

    public void Add(int first, int width)
    {
        _rows.Block(first, _values.AsSpan(0, width * _n));
        Array.Clear(_x);
        Array.Clear(_isThere);
        Array.Clear(_scale);
        for (var voxel = 0; voxel < width; voxel++)
            Prepare(voxel);
        for (var at = 0; at < _orders; at += Tile)
        {
            Sum(width, at);
            for (var fold = 0; fold < _given.Folds.Length; fold++)
            {
                Correlate(fold, width, at);
                foreach (var row in _given.Folds[fold])
                    Add(fold, row, width, at);
            }
        }
    }

    /// <summary>What does not depend on outcomes.</summary>
    private void Prepare(int voxel)
    {
        var values = _values.AsSpan(voxel * _n, _n);
        var (mean, count, squares) = (0.0, 0, 0.0);
        foreach (var value in values)
            (mean, count) = float.IsFinite(value) ? (mean + value, count + 1) : (mean, count);
        mean /= Math.Max(1, count);
        _isWhole[voxel] = count == _n;
        for (var row = 0; row < _n; row++)
        {
            if (!float.IsFinite(values[row]))
                continue;
            var at = row * Width + voxel;
            (_x[at], _c[at], _isThere[at]) = (values[row] - mean, values[row] - _origin[row], true);
            squares += _x[at] * _x[at];
        }

        for (var fold = 0; fold < _given.Folds.Length; fold++)
        {
            var (x, xx, left) = (0.0, 0.0, count);
            foreach (var row in _given.Folds[fold])
            {
                var at = row * Width + voxel;
                (x, xx, left) = (x + _x[at], xx + _x[at] * _x[at], _isThere[at] ? left - 1 : left);
            }

            var rest = squares - xx - x * x / left;
            if (left < FoldedColumn.Fewest || !(rest > FoldedColumn.Negligible * squares))
                continue;
            (_scale[fold * Width + voxel], _shift[fold * Width + voxel], _left[fold * Width + voxel]) = (1 / Math.Sqrt(rest), x / left, left);
            foreach (var row in _given.Folds[fold])
            {
                var c = _c[row * Width + voxel];
                if (_isThere[row * Width + voxel])
                    (_ofRows[3 * row], _ofRows[3 * row + 1], _ofRows[3 * row + 2]) = (_ofRows[3 * row] + 1, _ofRows[3 * row + 1] + c, _ofRows[3 * row + 2] + c * c);
            }
        }
    }

    /// <summary>The products of each voxel's connectivity and the outcomes; where a row is not finite, what the outcomes of the others are too.</summary>
    private void Sum(int width, int at)
    {
        ref var outcomes = ref MemoryMarshal.GetArrayDataReference(_given.Values);
        for (var voxel = 0; voxel < width; voxel += 2)
        {
            Vector<double> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
            for (var row = 0; row < _n; row++)
            {
                var from = (nuint)PermutedOutcomes.Place(row, _n, _first + at);
                var (y0, y1) = (Vector.LoadUnsafe(ref outcomes, from), Vector.LoadUnsafe(ref outcomes, from + (nuint)Lanes));
                var (y2, y3) = (Vector.LoadUnsafe(ref outcomes, from + (nuint)(2 * Lanes)), Vector.LoadUnsafe(ref outcomes, from + (nuint)(3 * Lanes)));
                var (a, b) = (new Vector<double>(_x[row * Width + voxel]), new Vector<double>(_x[row * Width + voxel + 1]));
                (a0, a1, a2, a3) = (Plus(a0, a, y0), Plus(a1, a, y1), Plus(a2, a, y2), Plus(a3, a, y3));
                (b0, b1, b2, b3) = (Plus(b0, b, y0), Plus(b1, b, y1), Plus(b2, b, y2), Plus(b3, b, y3));
            }

            Store(_sums, voxel * Tile, a0, a1, a2, a3);
            Store(_sums, (voxel + 1) * Tile, b0, b1, b2, b3);
        }

        for (var voxel = 0; voxel < width; voxel++)
        {
            if (_isWhole[voxel])
                continue;
            Span<double> y = _finite.AsSpan(voxel * Tile, Tile), yy = _finite.AsSpan((Width + voxel) * Tile, Tile);
            y.Clear();
            yy.Fill(_given.Squares);
            for (var row = 0; row < _n; row++)
            {
                if (_isThere[row * Width + voxel])
                    continue;
                var missing = _given.Values.AsSpan(PermutedOutcomes.Place(row, _n, _first + at), Tile);
                for (var i = 0; i < Tile; i++)
                    (y[i], yy[i]) = (y[i] - missing[i], yy[i] - missing[i] * missing[i]);
            }
        }
    }

    /// <summary>The R without a fold at each voxel of the block, but for a factor that is the same at all voxels.</summary>
    private void Correlate(int fold, int width, int at)
    {
        ref var outcomes = ref MemoryMarshal.GetArrayDataReference(_given.Values);
        ref var ofFold = ref MemoryMarshal.GetArrayDataReference(_given.OfFolds);
        var own = (nuint)PermutedOutcomes.Place(fold, _given.Folds.Length, _first + at);
        var (y0, y1) = (Vector.LoadUnsafe(ref ofFold, own), Vector.LoadUnsafe(ref ofFold, own + (nuint)Lanes));
        var (y2, y3) = (Vector.LoadUnsafe(ref ofFold, own + (nuint)(2 * Lanes)), Vector.LoadUnsafe(ref ofFold, own + (nuint)(3 * Lanes)));
        for (var voxel = 0; voxel < width; voxel++)
        {
            var scale = _scale[fold * Width + voxel];
            if (scale == 0)
                continue;
            if (!_isWhole[voxel])
            {
                CorrelateFinite(fold, voxel, at);
                continue;
            }

            ref var sums = ref _sums[voxel * Tile];
            var (r0, r1) = (Vector.LoadUnsafe(ref sums), Vector.LoadUnsafe(ref sums, (nuint)Lanes));
            var (r2, r3) = (Vector.LoadUnsafe(ref sums, (nuint)(2 * Lanes)), Vector.LoadUnsafe(ref sums, (nuint)(3 * Lanes)));
            foreach (var row in _given.Folds[fold])
            {
                var x = new Vector<double>(-_x[row * Width + voxel]);
                var from = (nuint)PermutedOutcomes.Place(row, _n, _first + at);
                (r0, r1) = (Plus(r0, x, Vector.LoadUnsafe(ref outcomes, from)), Plus(r1, x, Vector.LoadUnsafe(ref outcomes, from + (nuint)Lanes)));
                (r2, r3) = (Plus(r2, x, Vector.LoadUnsafe(ref outcomes, from + (nuint)(2 * Lanes))), Plus(r3, x, Vector.LoadUnsafe(ref outcomes, from + (nuint)(3 * Lanes))));
            }

            var shift = new Vector<double>(-_shift[fold * Width + voxel]);
            Store(_r, voxel * Tile, Plus(r0, shift, y0) * scale, Plus(r1, shift, y1) * scale, Plus(r2, shift, y2) * scale, Plus(r3, shift, y3) * scale);
        }
    }

    /// <summary>The same at a voxel where some rows are not finite, so that the outcomes that count are fewer than elsewhere.</summary>
    private void CorrelateFinite(int fold, int voxel, int at)
    {
        var place = fold * Width + voxel;
        for (var order = 0; order < Tile; order++)
        {
            var (xy, y, yy) = (_sums[voxel * Tile + order], _finite[voxel * Tile + order], _finite[(Width + voxel) * Tile + order]);
            var all = yy;
            foreach (var row in _given.Folds[fold])
            {
                var own = _given.Values[PermutedOutcomes.Place(row, _n, _first + at + order)];
                if (_isThere[row * Width + voxel])
                    (xy, y, yy) = (xy - _x[row * Width + voxel] * own, y - own, yy - own * own);
            }

            yy -= y * y / _left[place];
            // Elsewhere the outcomes' spread is the same at all voxels, and falls out of the correlation with the volume.
            var spread = Math.Max(0, _given.SpreadWithout(fold, _first + at + order));
            if (yy > FoldedColumn.Negligible * all)
            {
                _r[voxel * Tile + order] = (xy + _shift[place] * y) * _scale[place] * Math.Sqrt(spread / yy);
                continue;
            }

            _r[voxel * Tile + order] = 0;
            foreach (var row in _given.Folds[fold])
            {
                if (!_isThere[row * Width + voxel])
                    continue;
                var (c, to) = (_c[row * Width + voxel], 3L * ((long)row * _orders + at + order));
                (_without[to], _without[to + 1], _without[to + 2]) = (_without[to] + 1, _without[to + 1] + c, _without[to + 2] + c * c);
            }
        }
    }

    private void Add(int fold, int row, int width, int at)
    {
        ref var sums = ref _ofOrders[3L * ((long)row * _orders + at)];
        for (var part = 0; part < 4; part++)
        {
            var from = part * Lanes;
            var (s, ss, sc) = (Vector.LoadUnsafe(ref sums, (nuint)from), Vector.LoadUnsafe(ref sums, (nuint)(Tile + from)), Vector.LoadUnsafe(ref sums, (nuint)(2 * Tile + from)));
            ref var r = ref _r[from];
            for (var voxel = 0; voxel < width; voxel++)
            {
                if (!_isThere[row * Width + voxel] || _scale[fold * Width + voxel] == 0)
                    continue;
                var value = Vector.LoadUnsafe(ref r, (nuint)(voxel * Tile));
                s += value;
                ss = Plus(ss, value, value);
                sc = Plus(sc, value, new Vector<double>(_c[row * Width + voxel]));
            }

            s.StoreUnsafe(ref sums, (nuint)from);
            ss.StoreUnsafe(ref sums, (nuint)(Tile + from));
            sc.StoreUnsafe(ref sums, (nuint)(2 * Tile + from));
        }
    }

    public void CopyTo(double[][] predicted)
    {
        for (var fold = 0; fold < _given.Folds.Length; fold++)
        {
            foreach (var row in _given.Folds[fold])
            {
                for (var order = 0; order < Math.Min(_orders, _given.Count - _first); order++)
                    predicted[_first + order][row] = _given.SpreadWithout(fold, _first + order) > FoldedColumn.Negligible * _given.Squares ? Correlation(row, order) : double.NaN;
            }
        }
    }

    private double Correlation(int row, int order)
    {
        var sums = _ofOrders.AsSpan(3 * (row * _orders + order / Tile * Tile) + order % Tile);
        var without = _without.AsSpan(3 * (row * _orders + order), 3);
        var (n, c, cc) = (_ofRows[3 * row] - without[0], _ofRows[3 * row + 1] - without[1], _ofRows[3 * row + 2] - without[2]);
        return SpatialMoments.Correlation(n, sums[0], c, sums[Tile], cc, sums[2 * Tile]);
    }

    private static Vector<double> Plus(Vector<double> sum, Vector<double> a, Vector<double> b) => Vector.MultiplyAddEstimate(a, b, sum);

    private static void Store(double[] target, int at, Vector<double> v0, Vector<double> v1, Vector<double> v2, Vector<double> v3)
    {
        v0.CopyTo(target, at);
        v1.CopyTo(target, at + Lanes);
        v2.CopyTo(target, at + 2 * Lanes);
        v3.CopyTo(target, at + 3 * Lanes);
    }
}
