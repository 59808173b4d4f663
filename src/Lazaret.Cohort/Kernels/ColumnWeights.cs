using System.Runtime.InteropServices;

namespace Lazaret.Cohort.Kernels;

/// <summary>The maps' weights at the store's columns, one map behind the other, aligned for the widest registers.</summary>
internal sealed unsafe class ColumnWeights : IDisposable
{
    private const int Alignment = 64;

    private readonly float* _weights;
    private readonly int _stride;

    public ColumnWeights(IReadOnlyList<float[]> maps, ReadOnlySpan<int> columns)
    {
        (Maps, Columns) = (maps.Count, columns.Length);
        _stride = (columns.Length + 15) / 16 * 16;
        _weights = (float*)NativeMemory.AlignedAlloc((nuint)_stride * (nuint)Maps * sizeof(float), Alignment);
        for (var map = 0; map < Maps; map++)
        {
            for (var column = 0; column < columns.Length; column++)
                this[map][column] = maps[map][columns[column]];
        }
    }

    public int Maps { get; }

    public int Columns { get; }

    public float* this[int map] => _weights + (long)map * _stride;

    public bool Any(int column)
    {
        for (var map = 0; map < Maps; map++)
        {
            if (this[map][column] != 0)
                return true;
        }

        return false;
    }

    public void Dispose() => NativeMemory.AlignedFree(_weights);
}
