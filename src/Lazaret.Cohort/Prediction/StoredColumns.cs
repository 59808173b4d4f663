using Lazaret.Cohort.Store;

namespace Lazaret.Cohort.Prediction;

/// <summary>Rows of the store at the voxels inside a mask. A voxel that is no column of the store is 0 in all volumes, and tells nothing about anybody.</summary>
/// <param name="entries">The store's entries of usable volumes.</param>
internal sealed unsafe class StoredColumns(CohortStore store, IReadOnlyList<CohortStore.Entry> entries, float[]? mask)
{
    private readonly int[] _columns = [.. Enumerable.Range(0, store.Columns.Length).Where(column => mask is null || mask[store.Columns[column]] > 0)];

    public int Rows => entries.Count;

    public int Count => _columns.Length;

    /// <summary>The index of a column's voxel on the grid.</summary>
    public int Voxel(int index) => store.Columns[_columns[index]];

    /// <summary>One row's values; NaN where its volume is not finite.</summary>
    public void Row(int row, Span<float> values)
    {
        var from = store.Values(entries[row]);
        var bits = store.FiniteBits(entries[row]);
        for (var i = 0; i < values.Length; i++)
            values[i] = At(from, bits, i);
    }

    /// <summary>The values of some columns, one column after the other.</summary>
    public void Block(int first, Span<float> values)
    {
        var width = values.Length / Rows;
        for (var row = 0; row < Rows; row++)
        {
            var from = store.Values(entries[row]);
            var bits = store.FiniteBits(entries[row]);
            for (var i = 0; i < width; i++)
                values[i * Rows + row] = bits.IsEmpty ? from[_columns[first + i]] : At(from, bits, first + i);
        }
    }

    private float At(float* row, ReadOnlySpan<byte> finite, int index)
    {
        var column = _columns[index];
        var voxel = store.Columns[column];
        return finite.IsEmpty || (finite[voxel >> 3] >> (voxel & 7) & 1) != 0 ? row[column] : float.NaN;
    }
}
