using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Lazaret.Cohort.Prediction.OutcomeSums;

namespace Lazaret.Cohort.Prediction;

/// <summary>Some of the orders of <see cref="PermutedPredictions"/>, and their sums over the voxels so far.</summary>
internal sealed class OrderSums
{
    /// <summary>How many columns are read at a time.</summary>
    public const int Width = VoxelBlock.Width;

    /// <summary>If less than this share of the squares is left after a subtraction, the rest is rounding error.</summary>
    private const double Negligible = 1e-12;

    private static readonly int Lanes = PermutedOutcomes.Tile / 4;
    private static readonly int Tile = PermutedOutcomes.Tile;

    private readonly PermutedOutcomes _given;
    private readonly VoxelBlock _block;
    private readonly int _first;
    private readonly int _orders;
    private readonly int _n;

    // For the block and a tile of orders: the sums over all rows, and the R of one fold.
    private readonly OutcomeSums _sums;
    private readonly double[] _r = new double[Width * Tile];

    private readonly double[] _outcome;

    // By fold and order: the mean that is subtracted from R; null when nothing is.
    private readonly double[]? _means;

    // Sums over the voxels, by row and order: R, R², and R times connectivity (_ofOrders); and the parts of the block's sums that must be left out because R is
    // undefined there (_without).
    private readonly double[] _ofOrders;
    private readonly double[] _without;

    /// <param name="means">Those of <see cref="MeansIfNeeded"/>; null where nothing is known yet.</param>
    public OrderSums(StoredColumns rows, PermutedOutcomes outcomes, int first, int orders, double[]? means)
    {
        (_given, _first, _orders, _n, _means) = (outcomes, first, orders, rows.Rows, means);
        _block = new VoxelBlock(rows, outcomes.Folds, outcomes.FoldOf);
        _sums = new OutcomeSums(_block, outcomes);
        _outcome = new double[_n];
        (_ofOrders, _without) = (new double[3 * (long)_n * orders], new double[3 * (long)_n * orders]);
    }

    /// <summary>
    /// The mean R of each fold and order, if for some R-map the spread about its mean is so small that sums lose digits; the sums must then be made again with these
    /// means subtracted. Null when that is not needed.
    /// </summary>
    public double[]? MeansIfNeeded()
    {
        var (means, isNeeded) = (new double[(long)_given.Folds.Length * _orders], false);
        for (var fold = 0; fold < _given.Folds.Length; fold++)
        {
            foreach (var row in _given.Folds[fold])
            {
                for (var order = 0; order < _orders; order++)
                {
                    var sums = SumsOf(row, order);
                    var n = _block.Sums[3 * row] - _without[3L * ((long)row * _orders + order)];
                    means[fold * _orders + order] = n > 0 ? sums[0] / n : means[fold * _orders + order];
                    isNeeded |= SpreadOf(fold, order) > 0 && sums[Tile] - sums[0] * sums[0] / n < FoldedColumn.SmallRest * sums[Tile];
                }
            }
        }

        return isNeeded ? means : null;
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

    /// <summary>
    /// R over the rows outside the fold, at each voxel of the block, up to a factor that is the same at all voxels, and minus its mean if one is given; 0 where R is
    /// undefined.
    /// </summary>
    private void Correlate(int fold, int width, int at)
    {
        ref var outcomes = ref MemoryMarshal.GetArrayDataReference(_given.Values);
        ref var ofFold = ref MemoryMarshal.GetArrayDataReference(_given.OfFolds);
        var own = (nuint)PermutedOutcomes.Place(fold, _given.Folds.Length, _first + at);
        var (y0, y1) = (Vector.LoadUnsafe(ref ofFold, own), Vector.LoadUnsafe(ref ofFold, own + (nuint)Lanes));
        var (y2, y3) = (Vector.LoadUnsafe(ref ofFold, own + (nuint)(2 * Lanes)), Vector.LoadUnsafe(ref ofFold, own + (nuint)(3 * Lanes)));
        var hasSmallRest = _given.HasSmallRest.AsSpan((int)own, Tile).Contains(true);
        var (x, scales, shifts, isPlain, rows) = (_block.X, _block.Scale, _block.Shift, _block.IsPlain, _given.Folds[fold]);
        var isSettled = _means is null && !hasSmallRest;
        for (var voxel = 0; voxel < width; voxel++)
        {
            var place = fold * Width + voxel;
            if (scales[place] == 0)
                continue;
            if (isPlain[place])
            {
                ref var sums = ref _sums.Products[voxel * Tile];
                var (r0, r1) = (Vector.LoadUnsafe(ref sums), Vector.LoadUnsafe(ref sums, (nuint)Lanes));
                var (r2, r3) = (Vector.LoadUnsafe(ref sums, (nuint)(2 * Lanes)), Vector.LoadUnsafe(ref sums, (nuint)(3 * Lanes)));
                foreach (var row in rows)
                {
                    var taken = new Vector<double>(-x[row * Width + voxel]);
                    var from = (nuint)PermutedOutcomes.Place(row, _n, _first + at);
                    (r0, r1) = (Plus(r0, taken, Vector.LoadUnsafe(ref outcomes, from)), Plus(r1, taken, Vector.LoadUnsafe(ref outcomes, from + (nuint)Lanes)));
                    (r2, r3) = (Plus(r2, taken, Vector.LoadUnsafe(ref outcomes, from + (nuint)(2 * Lanes))), Plus(r3, taken, Vector.LoadUnsafe(ref outcomes, from + (nuint)(3 * Lanes))));
                }

                var (shift, scale) = (new Vector<double>(-shifts[place]), scales[place]);
                Keep(_r, voxel * Tile, Plus(r0, shift, y0) * scale, Plus(r1, shift, y1) * scale, Plus(r2, shift, y2) * scale, Plus(r3, shift, y3) * scale);
                if (isSettled)
                    continue;
                if (hasSmallRest)
                    CorrelateSmall(fold, voxel, at);
            }
            else if (_block.IsWhole[voxel])
            {
                CorrelateRest(fold, voxel, at);
            }
            else
            {
                CorrelateFinite(fold, voxel, at);
            }

            Settle(fold, voxel, at);
        }
    }

    /// <summary>Subtracts the means from R at a voxel; where R is undefined it becomes 0.</summary>
    private void Settle(int fold, int voxel, int at)
    {
        for (var order = 0; order < Tile; order++)
        {
            ref var r = ref _r[voxel * Tile + order];
            r = double.IsNaN(r) ? 0 : _means is null ? r : r - _means[fold * _orders + at + order];
        }
    }

    /// <summary>R of all orders at a voxel where the rows outside the fold have only a small part of the connectivity's squares.</summary>
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

    /// <summary>R of those orders in which the rows outside the fold have only a small part of the outcomes' squares.</summary>
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

    /// <summary>R at a voxel where some rows are not finite, so that fewer outcomes count than elsewhere; NaN where those do not vary.</summary>
    private void CorrelateFinite(int fold, int voxel, int at)
    {
        var place = fold * Width + voxel;
        for (var order = 0; order < Tile; order++)
        {
            // At other voxels the outcomes' spread is the same everywhere, and cancels out of the correlation with the volume.
            var spread = SpreadOf(fold, at + order);
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

    // If it were inlined into the loops around it, there would be no registers left for its sums.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Add(int fold, int row, int width, int at)
    {
        ref var sums = ref _ofOrders[3L * ((long)row * _orders + at)];
        var (isThere, scale, c) = (_block.IsThere, _block.Scale, _block.C);
        for (var part = 0; part < 4; part++)
        {
            var from = part * Lanes;
            var (s, ss, sc) = (Vector.LoadUnsafe(ref sums, (nuint)from), Vector.LoadUnsafe(ref sums, (nuint)(Tile + from)), Vector.LoadUnsafe(ref sums, (nuint)(2 * Tile + from)));
            ref var r = ref _r[from];
            for (var voxel = 0; voxel < width; voxel++)
            {
                if (!isThere[row * Width + voxel] || scale[fold * Width + voxel] == 0)
                    continue;
                var value = Vector.LoadUnsafe(ref r, (nuint)(voxel * Tile));
                s += value;
                ss = Plus(ss, value, value);
                sc = Plus(sc, value, new Vector<double>(c[row * Width + voxel]));
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
                    predicted[_first + order][row] = Correlation(row, order, SpreadOf(fold, order));
            }
        }
    }

    private double SpreadOf(int fold, int order) => _given.Spreads[PermutedOutcomes.Place(fold, _given.Folds.Length, _first + order)];

    /// <summary>Begins at the sum of R. One tile further is the sum of R², two tiles further that of R times connectivity.</summary>
    private Span<double> SumsOf(int row, int order) => _ofOrders.AsSpan(3 * (row * _orders + order / Tile * Tile) + order % Tile);

    private double Correlation(int row, int order, double spread)
    {
        if (spread == 0)
            return double.NaN;
        var sums = SumsOf(row, order);
        Span<double> all = _block.Sums.AsSpan(3 * row, 3), without = _without.AsSpan(3 * (row * _orders + order), 3);
        var (n, c, r) = (all[0] - without[0], all[1] - without[1], sums[0]);
        var cc = all[2] - without[2] - c * c / n;
        return SpatialMoments.Correlation(n, sums[Tile] - r * r / n, cc > Negligible * all[2] ? cc : 0, sums[2 * Tile] - r * c / n, spread);
    }
}
