using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Lazaret.Cohort.Kernels;

namespace Lazaret.Bench;

/// <summary>The limit of a batch: products added to sums in double, with everything in registers, on all cores.</summary>
internal static class PlainProducts
{
    private const int Sums = 12;

    public static double Run(long products) => Avx512F.IsSupported ? Run<Lanes512>(products) : Run<Lanes256>(products);

    private static double Run<TLanes>(long products)
        where TLanes : struct, ILanes<TLanes>
    {
        var totals = new double[Environment.ProcessorCount];
        Parallel.For(0, totals.Length, core => totals[core] = Add<TLanes>(products / (totals.Length * Sums * TLanes.Count)));
        return totals.Sum();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe double Add<TLanes>(long rounds)
        where TLanes : struct, ILanes<TLanes>
    {
        var ones = stackalloc float[TLanes.Count];
        new Span<float>(ones, TLanes.Count).Fill(1);
        var one = TLanes.Load(ones);
        // As many sums as a tile of the batch kernel has: enough that none waits for the one before.
        TLanes a = default, b = default, c = default, d = default, e = default, f = default;
        TLanes g = default, h = default, i = default, j = default, k = default, l = default;
        for (var round = 0L; round < rounds; round++)
        {
            a = a.PlusProduct(one, one);
            b = b.PlusProduct(one, one);
            c = c.PlusProduct(one, one);
            d = d.PlusProduct(one, one);
            e = e.PlusProduct(one, one);
            f = f.PlusProduct(one, one);
            g = g.PlusProduct(one, one);
            h = h.PlusProduct(one, one);
            i = i.PlusProduct(one, one);
            j = j.PlusProduct(one, one);
            k = k.PlusProduct(one, one);
            l = l.PlusProduct(one, one);
        }

        return a.Sum() + b.Sum() + c.Sum() + d.Sum() + e.Sum() + f.Sum() + g.Sum() + h.Sum() + i.Sum() + j.Sum() + k.Sum() + l.Sum();
    }
}
