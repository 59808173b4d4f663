using System.Runtime.InteropServices;

namespace Lazaret.Cohort.Kernels;

/// <summary>The maps' weights at the store's columns, one map behind the other, aligned for the widest registers.</summary>
internal sealed unsafe class ColumnWeights : IDisposable
{
    private const int Alignment = 64;

    private readonly float* _weights;
    private readonly int _stride;

    public ColumnWeights(MaskedMaps maps, int[] columns)
    {
        (Maps, Columns) = (maps.Maps.Maps, columns.Length);
        _stride = (columns.Length + 15) / 16 * 16;
        _weights = (float*)NativeMemory.AlignedAlloc((nuint)_stride * (nuint)Maps * sizeof(float), Alignment);
        Parallel.For(0, Maps, map => maps.WeightsAt(columns, map, new Span<float>(this[map], Columns)));
    }

    public int Maps { get; }

    public int Columns { get; }

    public float* this[int map] => _weights + (long)map * _stride;

    /// <summary>For each column whether any map gives it weight.</summary>
    public bool[] Used()
    {
        var used = new bool[Columns];
        for (var map = 0; map < Maps; map++)
        {
            for (var column = 0; column < Columns; column++)
                used[column] |= this[map][column] != 0;
        }

        return used;
    }

    public void Dispose() => NativeMemory.AlignedFree(_weights);
}
