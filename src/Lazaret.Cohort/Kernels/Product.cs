using System.Runtime.CompilerServices;

namespace Lazaret.Cohort.Kernels;

/// <summary>Rows of singles times columns of singles, summed in double.</summary>
internal abstract unsafe class Product
{
    /// <summary>Rows that share one load of the weights.</summary>
    public const int RowTile = 4;

    /// <summary>Maps that share one load of a row: four rows, three maps and their sums are what sixteen registers hold.</summary>
    public const int MapTile = 3;

    /// <summary>The lanes of the widest registers.</summary>
    public const int WidestLanes = 8;

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

    /// <summary>Adds the products of <see cref="RowTile"/> rows and one map over a run of columns.</summary>
    /// <param name="rows">Pointers to the rows; one that is not wanted may repeat another.</param>
    /// <param name="sums">One a row.</param>
    public abstract void Add(float** rows, float* weights, ColumnRun run, double* sums);

    /// <summary>Adds the products of <see cref="RowTile"/> rows and <see cref="MapTile"/> maps, both widened, each <paramref name="stride"/> behind the one before.</summary>
    /// <param name="width">Columns; a multiple of <see cref="WidestLanes"/>.</param>
    /// <param name="sums">Map by map, <see cref="RowTile"/> sums each.</param>
    public abstract void AddTile(double* rows, double* maps, int stride, int width, double* sums);

    public abstract void Widen(float* singles, double* doubles, int count);

    private static LanesProduct<TLanes>? Supported<TLanes>()
        where TLanes : struct, ILanes<TLanes> => TLanes.IsSupported ? new LanesProduct<TLanes>() : null;

    private sealed class LanesProduct<TLanes> : Product
        where TLanes : struct, ILanes<TLanes>
    {
        // A job in a sandbox calls these once: there is no later tier to wait for.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Add(float** rows, float* weights, ColumnRun run, double* sums)
        {
            float* p0 = rows[0], p1 = rows[1], p2 = rows[2], p3 = rows[3];
            TLanes s0 = default, s1 = default, s2 = default, s3 = default;
            nint i = run.Start, last = run.End - TLanes.Count;
            for (; i <= last; i += TLanes.Count)
            {
                var w = TLanes.Widen(weights + i);
                s0 = s0.PlusProduct(w, TLanes.Widen(p0 + i));
                s1 = s1.PlusProduct(w, TLanes.Widen(p1 + i));
                s2 = s2.PlusProduct(w, TLanes.Widen(p2 + i));
                s3 = s3.PlusProduct(w, TLanes.Widen(p3 + i));
            }

            AddTo(sums, s0, s1, s2, s3);
            for (; i < run.End; i++)
            {
                for (var row = 0; row < RowTile; row++)
                    sums[row] += (double)weights[i] * rows[row][i];
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void AddTile(double* rows, double* maps, int stride, int width, double* sums)
        {
            double* p0 = rows, p1 = p0 + stride, p2 = p1 + stride, p3 = p2 + stride;
            double* wa = maps, wb = wa + stride, wc = wb + stride;
            TLanes a0 = default, a1 = default, a2 = default, a3 = default;
            TLanes b0 = default, b1 = default, b2 = default, b3 = default;
            TLanes c0 = default, c1 = default, c2 = default, c3 = default;
            for (nint i = 0; i < width; i += TLanes.Count)
            {
                var a = TLanes.Load(wa + i);
                var b = TLanes.Load(wb + i);
                var c = TLanes.Load(wc + i);
                var row = TLanes.Load(p0 + i);
                a0 = a0.PlusProduct(a, row);
                b0 = b0.PlusProduct(b, row);
                c0 = c0.PlusProduct(c, row);
                row = TLanes.Load(p1 + i);
                a1 = a1.PlusProduct(a, row);
                b1 = b1.PlusProduct(b, row);
                c1 = c1.PlusProduct(c, row);
                row = TLanes.Load(p2 + i);
                a2 = a2.PlusProduct(a, row);
                b2 = b2.PlusProduct(b, row);
                c2 = c2.PlusProduct(c, row);
                row = TLanes.Load(p3 + i);
                a3 = a3.PlusProduct(a, row);
                b3 = b3.PlusProduct(b, row);
                c3 = c3.PlusProduct(c, row);
            }

            AddTo(sums, a0, a1, a2, a3);
            AddTo(sums + RowTile, b0, b1, b2, b3);
            AddTo(sums + 2 * RowTile, c0, c1, c2, c3);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Widen(float* singles, double* doubles, int count)
        {
            nint i = 0;
            for (; i <= count - TLanes.Count; i += TLanes.Count)
                TLanes.Widen(singles + i).Store(doubles + i);
            for (; i < count; i++)
                doubles[i] = singles[i];
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void AddTo(double* sums, TLanes s0, TLanes s1, TLanes s2, TLanes s3)
        {
            sums[0] += s0.Sum();
            sums[1] += s1.Sum();
            sums[2] += s2.Sum();
            sums[3] += s3.Sum();
        }
    }
}
