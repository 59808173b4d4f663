using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Store;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>The mean of a cohort's volumes, at each voxel over those that are finite there; NaN where none is. Volumes that cannot be read have no part in it.</summary>
internal static class MeanMap
{
    /// <param name="store">Rows that it holds come from it; the others are read from their volumes.</param>
    public static float[] Of(IReadOnlyList<CohortRow> rows, Grid grid, CohortStore? store, NiftiLimits? limits, CancellationToken cancellationToken)
    {
        var (sums, counts) = (new double[grid.Voxels], new int[grid.Voxels]);
        foreach (var row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (store is not null && store.Grid == grid && store.Find(row) is { } entry)
                Add(store, entry, sums, counts);
            else
                SubjectVolume.Read(row.VolumePath, grid, limits, reader => Add(reader, sums, counts));
        }

        return [.. sums.Zip(counts, (sum, count) => count > 0 ? (float)(sum / count) : float.NaN)];
    }

    private static unsafe void Add(CohortStore store, CohortStore.Entry entry, double[] sums, int[] counts)
    {
        if (entry.MatrixRow < 0)
            return;
        var finite = store.FiniteBits(entry);
        // What is not finite is 0 in the store.
        for (var voxel = 0; voxel < counts.Length; voxel++)
            counts[voxel] += finite.IsEmpty || (finite[voxel >> 3] >> (voxel & 7) & 1) != 0 ? 1 : 0;
        var columns = store.Columns;
        var values = store.Values(entry);
        for (var column = 0; column < columns.Length; column++)
            sums[columns[column]] += values[column];
    }

    private static bool Add(NiftiReader reader, double[] sums, int[] counts)
    {
        var volume = new float[sums.Length];
        for (var done = 0; done < volume.Length;)
            done += reader.Read(volume.AsSpan(done));
        // The reader checks gzip's checksums only at the end.
        reader.Read(stackalloc float[1]);
        for (var voxel = 0; voxel < volume.Length; voxel++)
        {
            if (float.IsFinite(volume[voxel]))
                (sums[voxel], counts[voxel]) = (sums[voxel] + volume[voxel], counts[voxel] + 1);
        }

        return true;
    }
}
