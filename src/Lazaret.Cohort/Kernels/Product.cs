using System.Runtime.CompilerServices;

namespace Lazaret.Cohort.Kernels;

/// <summary>Rows of singles times columns of singles, summed in double.</summary>
internal abstract unsafe class Product
{
    /// <summary>Rows that share one load of the weights; more would not fit the registers next to a tile's maps.</summary>
    public const int RowTile = 4;

    /// <summary>Maps that share one load of a row.</summary>
    public const int MapTile = 3;

    public static Product Widest { get; } = Of(KernelWidth.Bits512) ?? Of(KernelWidth.Bits256) ?? Of(KernelWidth.Bits128) ?? Of(KernelWidth.Scalar)!;

    /// <summary>Null when this processor has no such registers.</summary>
    public static Product? Of(KernelWidth width) => width switch
    {
        KernelWidth.Bits512 => Supported<Lanes512>(),
        KernelWidth.Bits256 => Supported<Lanes256>(),
        KernelWidth.Bits128 => Supported<Lanes128>(),
        KernelWidth.Scalar => Supported<Lanes64>(),
        _ => throw new ArgumentOutOfRangeException(nameof(width)),
    };

    /// <summary>Adds the products of <see cref="RowTile"/> rows and all maps over one range of columns.</summary>
    /// <param name="rows">Pointers to the rows; one that is not wanted may repeat another.</param>
    /// <param name="sums">Map by map, <see cref="RowTile"/> sums each.</param>
    public abstract void Add(float** rows, ColumnWeights weights, ColumnRange range, double* sums);

    /// <summary>Adds, for each set of columns, Σ c of each of the <see cref="RowTile"/> rows and then Σ c² of each.</summary>
    /// <param name="sets">1 for a column that is in it, else 0.</param>
    public abstract void AddMoments(float** rows, ColumnWeights sets, ColumnRange range, double* sums);

    private static LanesProduct<TLanes>? Supported<TLanes>()
        where TLanes : struct, ILanes<TLanes> => TLanes.IsSupported ? new LanesProduct<TLanes>() : null;

    private sealed class LanesProduct<TLanes> : Product
        where TLanes : struct, ILanes<TLanes>
    {
        public override void Add(float** rows, ColumnWeights weights, ColumnRange range, double* sums)
        {
            var map = 0;
            for (; map + MapTile <= weights.Maps; map += MapTile)
                AddThree(rows, weights[map], weights[map + 1], weights[map + 2], range, sums + map * RowTile);
            for (; map < weights.Maps; map++)
                AddOne(rows, weights[map], range, sums + map * RowTile);
        }

        public override void AddMoments(float** rows, ColumnWeights sets, ColumnRange range, double* sums)
        {
            for (var set = 0; set < sets.Maps; set++)
                AddMoments(rows, sets[set], range, sums + set * 2 * RowTile);
        }

        // A job in a sandbox calls these once: there is no later tier to wait for.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void AddMoments(float** rows, float* set, ColumnRange range, double* sums)
        {
            float* p0 = rows[0], p1 = rows[1], p2 = rows[2], p3 = rows[3];
            TLanes s0 = default, s1 = default, s2 = default, s3 = default;
            TLanes q0 = default, q1 = default, q2 = default, q3 = default;
            nint i = range.Start, last = range.End - TLanes.Count;
            for (; i <= last; i += TLanes.Count)
            {
                var inside = TLanes.Load(set + i);
                var c = TLanes.Load(p0 + i);
                var kept = default(TLanes).PlusProduct(inside, c);
                (s0, q0) = (s0.PlusProduct(inside, c), q0.PlusProduct(kept, c));
                c = TLanes.Load(p1 + i);
                kept = default(TLanes).PlusProduct(inside, c);
                (s1, q1) = (s1.PlusProduct(inside, c), q1.PlusProduct(kept, c));
                c = TLanes.Load(p2 + i);
                kept = default(TLanes).PlusProduct(inside, c);
                (s2, q2) = (s2.PlusProduct(inside, c), q2.PlusProduct(kept, c));
                c = TLanes.Load(p3 + i);
                kept = default(TLanes).PlusProduct(inside, c);
                (s3, q3) = (s3.PlusProduct(inside, c), q3.PlusProduct(kept, c));
            }

            AddTo(sums, s0, s1, s2, s3);
            AddTo(sums + RowTile, q0, q1, q2, q3);
            for (; i < range.End; i++)
            {
                for (var row = 0; row < RowTile; row++)
                {
                    double kept = set[i] * rows[row][i];
                    sums[row] += kept;
                    sums[RowTile + row] += kept * rows[row][i];
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void AddOne(float** rows, float* weights, ColumnRange range, double* sums)
        {
            float* p0 = rows[0], p1 = rows[1], p2 = rows[2], p3 = rows[3];
            TLanes s0 = default, s1 = default, s2 = default, s3 = default;
            nint i = range.Start, last = range.End - TLanes.Count;
            for (; i <= last; i += TLanes.Count)
            {
                var w = TLanes.Load(weights + i);
                s0 = s0.PlusProduct(w, TLanes.Load(p0 + i));
                s1 = s1.PlusProduct(w, TLanes.Load(p1 + i));
                s2 = s2.PlusProduct(w, TLanes.Load(p2 + i));
                s3 = s3.PlusProduct(w, TLanes.Load(p3 + i));
            }

            AddTo(sums, s0, s1, s2, s3);
            AddRest(rows, weights, i, range.End, sums);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void AddThree(float** rows, float* wa, float* wb, float* wc, ColumnRange range, double* sums)
        {
            float* p0 = rows[0], p1 = rows[1], p2 = rows[2], p3 = rows[3];
            TLanes a0 = default, a1 = default, a2 = default, a3 = default;
            TLanes b0 = default, b1 = default, b2 = default, b3 = default;
            TLanes c0 = default, c1 = default, c2 = default, c3 = default;
            nint i = range.Start, last = range.End - TLanes.Count;
            for (; i <= last; i += TLanes.Count)
            {
                var (a, b, c) = (TLanes.Load(wa + i), TLanes.Load(wb + i), TLanes.Load(wc + i));
                var row = TLanes.Load(p0 + i);
                (a0, b0, c0) = (a0.PlusProduct(a, row), b0.PlusProduct(b, row), c0.PlusProduct(c, row));
                row = TLanes.Load(p1 + i);
                (a1, b1, c1) = (a1.PlusProduct(a, row), b1.PlusProduct(b, row), c1.PlusProduct(c, row));
                row = TLanes.Load(p2 + i);
                (a2, b2, c2) = (a2.PlusProduct(a, row), b2.PlusProduct(b, row), c2.PlusProduct(c, row));
                row = TLanes.Load(p3 + i);
                (a3, b3, c3) = (a3.PlusProduct(a, row), b3.PlusProduct(b, row), c3.PlusProduct(c, row));
            }

            AddTo(sums, a0, a1, a2, a3);
            AddTo(sums + RowTile, b0, b1, b2, b3);
            AddTo(sums + 2 * RowTile, c0, c1, c2, c3);
            AddRest(rows, wa, i, range.End, sums);
            AddRest(rows, wb, i, range.End, sums + RowTile);
            AddRest(rows, wc, i, range.End, sums + 2 * RowTile);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void AddTo(double* sums, TLanes s0, TLanes s1, TLanes s2, TLanes s3)
        {
            sums[0] += s0.Sum();
            sums[1] += s1.Sum();
            sums[2] += s2.Sum();
            sums[3] += s3.Sum();
        }

        private static void AddRest(float** rows, float* weights, nint start, nint end, double* sums)
        {
            for (var i = start; i < end; i++)
            {
                for (var row = 0; row < RowTile; row++)
                    sums[row] += (double)weights[i] * rows[row][i];
            }
        }
    }
}
