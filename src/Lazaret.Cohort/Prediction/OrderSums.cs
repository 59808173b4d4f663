using System.Numerics;
using System.Runtime.InteropServices;
using static Lazaret.Cohort.Prediction.OutcomeSums;

namespace Lazaret.Cohort.Prediction;

/// <summary>Some of the orders of <see cref="PermutedPredictions"/>, and their sums over the voxels so far.</summary>
internal sealed class OrderSums
{
    /// <summary>Columns at a time.</summary>
    public const int Width = VoxelBlock.Width;

    /// <summary>Below this share of the squares, what is left of a sum that was reduced is rounding.</summary>
    private const double Negligible = 1e-12;

    private static readonly int Lanes = PermutedOutcomes.Tile / 4;
    private static readonly int Tile = PermutedOutcomes.Tile;

    private readonly PermutedOutcomes _given;
    private readonly VoxelBlock _block;
    private readonly int _first;
    private readonly int _orders;
    private readonly int _n;

    // Of the block and some orders: sums over all rows, and a fold's R.
    private readonly OutcomeSums _sums;
    private readonly double[] _r = new double[Width * Tile];

    // By fold and order: 0 less the R that was first, and is taken from every R; NaN so far. By fold and tile: whether all of it is known.
    private readonly double[] _lessR;
    private readonly bool[] _isKnown;
    private readonly double[] _zeros = new double[Tile];
    private readonly double[] _outcome;

    // Over the voxels, by row and order: R, its square, and its product with the connectivity; and what does not count of the block's sums.
    private readonly double[] _ofOrders;
    private readonly double[] _without;

    public OrderSums(StoredColumns rows, PermutedOutcomes outcomes, int first, int orders)
    {
        (_given, _first, _orders, _n) = (outcomes, first, orders, rows.Rows);
        _block = new VoxelBlock(rows, outcomes.Folds, outcomes.FoldOf);
        _sums = new OutcomeSums(_block, outcomes);
        (_lessR, _isKnown, _outcome) = (new double[(long)outcomes.Folds.Length * orders], new bool[outcomes.Folds.Length * (orders / Tile)], new double[_n]);
        Array.Fill(_lessR, double.NaN);
        (_ofOrders, _without) = (new double[3 * (long)_n * orders], new double[3 * (long)_n * orders]);
    }

    public void Add(int first, int width)
    {
        _block.Read(first, width);
        for (var at = 0; at < _orders; at += Tile)
        {
            _sums.Read(width, _first + at);
            for (var fold = 0; fold < _given.Folds.Length; fold++)
            {
                Correlate(fold, width, at);
                foreach (var row in _given.Folds[fold])
                    Add(fold, row, width, at);
            }
        }
    }

    /// <summary>The R without a fold at each voxel of the block, but for a factor that is the same at all voxels, and less its first value; 0 where it is not defined.</summary>
    private void Correlate(int fold, int width, int at)
    {
        ref var outcomes = ref MemoryMarshal.GetArrayDataReference(_given.Values);
        ref var ofFold = ref MemoryMarshal.GetArrayDataReference(_given.OfFolds);
        var own = (nuint)PermutedOutcomes.Place(fold, _given.Folds.Length, _first + at);
        var (y0, y1) = (Vector.LoadUnsafe(ref ofFold, own), Vector.LoadUnsafe(ref ofFold, own + (nuint)Lanes));
        var (y2, y3) = (Vector.LoadUnsafe(ref ofFold, own + (nuint)(2 * Lanes)), Vector.LoadUnsafe(ref ofFold, own + (nuint)(3 * Lanes)));
        var hasSmallRest = _given.HasSmallRest.AsSpan((int)own, Tile).Contains(true);
        ref var isKnown = ref _isKnown[fold * (_orders / Tile) + at / Tile];
        for (var voxel = 0; voxel < width; voxel++)
        {
            var place = fold * Width + voxel;
            var scale = _block.Scale[place];
            if (scale == 0)
                continue;
            if (!_block.IsWhole[voxel] || !double.IsNaN(_block.RestMean[place]))
            {
                if (_block.IsWhole[voxel])
                    CorrelateRest(fold, voxel, at);
                else
                    CorrelateFinite(fold, voxel, at);
                isKnown = Settle(fold, voxel, at);
                continue;
            }

            ref var sums = ref _sums.Products[voxel * Tile];
            var (r0, r1) = (Vector.LoadUnsafe(ref sums), Vector.LoadUnsafe(ref sums, (nuint)Lanes));
            var (r2, r3) = (Vector.LoadUnsafe(ref sums, (nuint)(2 * Lanes)), Vector.LoadUnsafe(ref sums, (nuint)(3 * Lanes)));
            foreach (var row in _given.Folds[fold])
            {
                var x = new Vector<double>(-_block.X[row * Width + voxel]);
                var from = (nuint)PermutedOutcomes.Place(row, _n, _first + at);
                (r0, r1) = (Plus(r0, x, Vector.LoadUnsafe(ref outcomes, from)), Plus(r1, x, Vector.LoadUnsafe(ref outcomes, from + (nuint)Lanes)));
                (r2, r3) = (Plus(r2, x, Vector.LoadUnsafe(ref outcomes, from + (nuint)(2 * Lanes))), Plus(r3, x, Vector.LoadUnsafe(ref outcomes, from + (nuint)(3 * Lanes))));
            }

            var isSettled = isKnown && !hasSmallRest;
            ref var less = ref isSettled ? ref _lessR[fold * _orders + at] : ref _zeros[0];
            var (shift, by) = (new Vector<double>(-_block.Shift[place]), new Vector<double>(scale));
            (r0, r1) = (Plus(Vector.LoadUnsafe(ref less), Plus(r0, shift, y0), by), Plus(Vector.LoadUnsafe(ref less, (nuint)Lanes), Plus(r1, shift, y1), by));
            (r2, r3) = (Plus(Vector.LoadUnsafe(ref less, (nuint)(2 * Lanes)), Plus(r2, shift, y2), by), Plus(Vector.LoadUnsafe(ref less, (nuint)(3 * Lanes)), Plus(r3, shift, y3), by));
            Keep(_r, voxel * Tile, r0, r1, r2, r3);
            if (isSettled)
                continue;
            if (hasSmallRest)
                CorrelateSmall(fold, voxel, at);
            isKnown = Settle(fold, voxel, at);
        }
    }

    /// <summary>Takes the first R from what was found at a voxel, and makes it 0 where it is not defined. Returns whether there is a first R in every order.</summary>
    private bool Settle(int fold, int voxel, int at)
    {
        Span<double> less = _lessR.AsSpan(fold * _orders + at, Tile), r = _r.AsSpan(voxel * Tile, Tile);
        var isKnown = true;
        for (var order = 0; order < Tile; order++)
        {
            if (double.IsNaN(less[order]) && !double.IsNaN(r[order]))
                less[order] = -r[order];
            r[order] = double.IsNaN(r[order]) ? 0 : r[order] + less[order];
            isKnown &= !double.IsNaN(less[order]);
        }

        return isKnown;
    }

    /// <summary>The R of all orders at a voxel where the fold leaves a small part of the connectivity's squares.</summary>
    private void CorrelateRest(int fold, int voxel, int at)
    {
        ref var outcomes = ref MemoryMarshal.GetArrayDataReference(_given.Values);
        var values = _block.Values(voxel);
        var mean = _block.RestMean[fold * Width + voxel];
        Vector<double> r0 = default, r1 = default, r2 = default, r3 = default;
        for (var row = 0; row < _n; row++)
        {
            if (_given.FoldOf[row] == fold)
                continue;
            var x = new Vector<double>(values[row] - mean);
            var from = (nuint)PermutedOutcomes.Place(row, _n, _first + at);
            (r0, r1) = (Plus(r0, x, Vector.LoadUnsafe(ref outcomes, from)), Plus(r1, x, Vector.LoadUnsafe(ref outcomes, from + (nuint)Lanes)));
            (r2, r3) = (Plus(r2, x, Vector.LoadUnsafe(ref outcomes, from + (nuint)(2 * Lanes))), Plus(r3, x, Vector.LoadUnsafe(ref outcomes, from + (nuint)(3 * Lanes))));
        }

        var scale = new Vector<double>(_block.Scale[fold * Width + voxel]);
        Keep(_r, voxel * Tile, r0 * scale, r1 * scale, r2 * scale, r3 * scale);
    }

    /// <summary>The R of those orders in which the fold leaves a small part of the outcomes' squares.</summary>
    private void CorrelateSmall(int fold, int voxel, int at)
    {
        var place = fold * Width + voxel;
        for (var order = 0; order < Tile; order++)
        {
            if (!_given.HasSmallRest[PermutedOutcomes.Place(fold, _given.Folds.Length, _first + at + order)])
                continue;
            var sum = 0.0;
            for (var row = 0; row < _n; row++)
            {
                if (_given.FoldOf[row] != fold)
                    sum += (_block.X[row * Width + voxel] + _block.Shift[place]) * _given.Values[PermutedOutcomes.Place(row, _n, _first + at + order)];
            }

            _r[voxel * Tile + order] = sum * _block.Scale[place];
        }
    }

    /// <summary>The R at a voxel where some rows are not finite, so that the outcomes that count are fewer than elsewhere; NaN where those do not vary.</summary>
    private void CorrelateFinite(int fold, int voxel, int at)
    {
        var place = fold * Width + voxel;
        for (var order = 0; order < Tile; order++)
        {
            // Elsewhere the outcomes' spread is the same at all voxels, and falls out of the correlation with the volume.
            var of = PermutedOutcomes.Place(fold, _given.Folds.Length, _first + at + order);
            var spread = _given.Spreads[of];
            ref var r = ref _r[voxel * Tile + order];
            r = 0;
            if (spread == 0)
                continue;
            var (xy, y, yy) = (_sums.Products[voxel * Tile + order], _sums.Outcomes[voxel * Tile + order], _sums.Squares[voxel * Tile + order]);
            var all = yy;
            foreach (var row in _given.Folds[fold])
            {
                var own = _given.Values[PermutedOutcomes.Place(row, _n, _first + at + order)];
                if (_block.IsThere[row * Width + voxel])
                    (xy, y, yy) = (xy - _block.X[row * Width + voxel] * own, y - own, yy - own * own);
            }

            yy -= y * y / _block.Left[place];
            var isSmall = !(yy >= FoldedColumn.SmallRest * all) || !double.IsNaN(_block.RestMean[place]);
            r = Math.Sqrt(spread) * (isSmall ? RestOf(fold, voxel, at + order) : (xy + _block.Shift[place] * y) * _block.Scale[place] / Math.Sqrt(yy));
            if (!double.IsNaN(r))
                continue;
            foreach (var row in _given.Folds[fold])
            {
                if (!_block.IsThere[row * Width + voxel])
                    continue;
                var (c, to) = (_block.C[row * Width + voxel], 3L * ((long)row * _orders + at + order));
                (_without[to], _without[to + 1], _without[to + 2]) = (_without[to] + 1, _without[to + 1] + c, _without[to + 2] + c * c);
            }
        }
    }

    private double RestOf(int fold, int voxel, int order)
    {
        for (var row = 0; row < _n; row++)
            _outcome[row] = _given.Values[PermutedOutcomes.Place(row, _n, _first + order)];
        var rest = RestOfFold.Of(_block.Values(voxel), _outcome, _given.FoldOf, fold);
        return rest.Varies ? rest.R : double.NaN;
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
                if (!_block.IsThere[row * Width + voxel] || _block.Scale[fold * Width + voxel] == 0)
                    continue;
                var value = Vector.LoadUnsafe(ref r, (nuint)(voxel * Tile));
                s += value;
                ss = Plus(ss, value, value);
                sc = Plus(sc, value, new Vector<double>(_block.C[row * Width + voxel]));
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
                    predicted[_first + order][row] = Correlation(row, order, _given.Spreads[PermutedOutcomes.Place(fold, _given.Folds.Length, _first + order)]);
            }
        }
    }

    private double Correlation(int row, int order, double spread)
    {
        if (spread == 0)
            return double.NaN;
        var sums = _ofOrders.AsSpan(3 * (row * _orders + order / Tile * Tile) + order % Tile);
        Span<double> all = _block.Sums.AsSpan(3 * row, 3), without = _without.AsSpan(3 * (row * _orders + order), 3);
        var (n, c, r) = (all[0] - without[0], all[1] - without[1], sums[0]);
        var cc = all[2] - without[2] - c * c / n;
        return SpatialMoments.Correlation(n, sums[Tile] - r * r / n, cc > Negligible * all[2] ? cc : 0, sums[2 * Tile] - r * c / n, spread);
    }
}
