using System.Runtime.InteropServices;

namespace Lazaret.Cohort.Kernels;

/// <summary>The maps' weights at the store's columns, one map behind the other, aligned for the widest registers.</summary>
internal sealed unsafe class ColumnWeights : IDisposable
{
    private const int Alignment = 64;

    private readonly float* _weights;
    private readonly int _stride;

    public ColumnWeights(MaskedMaps maps, int[] columns)
        : this(maps.Maps.Maps, columns.Length) =>
        Parallel.For(0, Maps, map => maps.WeightsAt(columns, map, new Span<float>(this[map], Columns)));

    private ColumnWeights(int maps, int columns)
    {
        (Maps, Columns) = (maps, columns);
        _stride = (columns + 15) / 16 * 16;
        _weights = (float*)NativeMemory.AlignedAlloc((nuint)_stride * (nuint)Maps * sizeof(float), Alignment);
    }

    public int Maps { get; }

    public int Columns { get; }

    public float* this[int map] => _weights + (long)map * _stride;

    /// <summary>Sets of columns: 1 for a column whose voxel counts, else 0.</summary>
    public static ColumnWeights Of(IReadOnlyList<MapDomain> domains, int[] columns)
    {
        var sets = new ColumnWeights(domains.Count, columns.Length);
        for (var set = 0; set < domains.Count; set++)
        {
            var bits = domains[set].Bits;
            for (var column = 0; column < columns.Length; column++)
                sets[set][column] = bits[columns[column] >> 6] >> (columns[column] & 63) & 1;
        }

        return sets;
    }

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
