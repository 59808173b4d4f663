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
        var (sums, counts, whole) = (new double[grid.Voxels], new int[grid.Voxels], 0);
        foreach (var row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (store is not null && store.Grid == grid && store.Find(row) is { } entry)
                whole += Add(store, entry, sums, counts) ? 1 : 0;
            else
                SubjectVolume.Read(row.VolumePath, grid, limits, reader => Add(reader, sums, counts));
        }

        return [.. sums.Zip(counts, (sum, count) => count + whole > 0 ? (float)(sum / (count + whole)) : float.NaN)];
    }

    /// <summary>Whether the volume counts at every voxel; what is not finite is 0 in the store.</summary>
    private static unsafe bool Add(CohortStore store, CohortStore.Entry entry, double[] sums, int[] counts)
    {
        if (entry.MatrixRow < 0)
            return false;
        var finite = store.FiniteBits(entry);
        for (var voxel = 0; !finite.IsEmpty && voxel < counts.Length; voxel++)
            counts[voxel] += (finite[voxel >> 3] >> (voxel & 7) & 1) != 0 ? 1 : 0;
        var columns = store.Columns;
        var values = store.Values(entry);
        for (var column = 0; column < columns.Length; column++)
            sums[columns[column]] += values[column];
        return finite.IsEmpty;
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
