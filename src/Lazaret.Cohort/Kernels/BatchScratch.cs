using System.Runtime.InteropServices;

namespace Lazaret.Cohort.Kernels;

/// <summary>
/// What one core works on in a batch, widened once for many products and packed together: a block of columns of every map, and of a
/// tile of rows. It is sized to stay in the second cache.
/// </summary>
internal sealed unsafe class BatchScratch : IDisposable
{
    /// <summary>Columns of a block; a multiple of the lanes of every register.</summary>
    public const int Columns = 1024;

    /// <summary>From one line to the next; no power of two, or all lines would fall into the same few places of the first cache.</summary>
    public const int Stride = Columns + 24;

    private const int Alignment = 64;

    private readonly double* _values;
    private readonly int _maps;

    /// <param name="maps">Rounded up to whole tiles; the maps that pad are zeros.</param>
    public BatchScratch(int maps)
    {
        _maps = maps;
        _values = (double*)NativeMemory.AlignedAlloc((nuint)(maps + Product.RowTile) * Stride * sizeof(double), Alignment);
        new Span<double>(_values, (maps + Product.RowTile) * Stride).Clear();
    }

    public double* Maps => _values;

    public double* Rows => _values + (long)_maps * Stride;

    /// <summary>Widens one line's columns of the block behind each other, and zeros up to a whole register. Returns the width with these.</summary>
    public static int Widen(Product product, float* line, ReadOnlySpan<ColumnRun> block, double* target)
    {
        var count = 0;
        foreach (var run in block)
        {
            product.Widen(line + run.Start, target + count, run.Length);
            count += run.Length;
        }

        while (count % Product.WidestLanes != 0)
            target[count++] = 0;
        return count;
    }

    public void Dispose() => NativeMemory.AlignedFree(_values);
}
