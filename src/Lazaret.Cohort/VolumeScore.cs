using Lazaret.Cohort.Kernels;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Cohort;

/// <summary>Scores one volume while it is read, in constant memory.</summary>
internal static class VolumeScore
{
    private const int Chunk = 16 << 10;

    /// <summary>One sum a map, NaN where map and volume share no finite voxel; or what is wrong with the volume.</summary>
    public static (double[]? Sums, string? Wrong) Read(string path, Grid grid, MaskedMaps maps, NiftiLimits? limits) =>
        SubjectVolume.Read(path, grid, limits, reader => Sum(reader, maps));

    private static double[] Sum(NiftiReader reader, MaskedMaps maps)
    {
        var sums = new double[maps.Maps.Maps];
        var shares = new bool[sums.Length];
        var chunk = new float[Chunk];
        int read;
        for (var start = 0; (read = reader.Read(chunk)) > 0; start += read)
        {
            var voxels = chunk.AsSpan(0, read);
            for (var m = 0; m < sums.Length; m++)
                shares[m] = shares[m] || ShareFinite(voxels, maps.Maps.Map(m).Span.Slice(start, read));
            foreach (ref var voxel in voxels)
                voxel = float.IsFinite(voxel) ? voxel : 0;
            for (var m = 0; m < sums.Length; m++)
                sums[m] += Dot(voxels, maps.Weights[m].AsSpan(start, read));
        }

        for (var m = 0; m < sums.Length; m++)
            sums[m] = shares[m] ? sums[m] : double.NaN;
        return sums;
    }

    private static bool ShareFinite(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        for (var i = 0; i < a.Length; i++)
        {
            if (float.IsFinite(a[i]) && float.IsFinite(b[i]))
                return true;
        }

        return false;
    }

    /// <summary>The product of two singles is exact in double.</summary>
    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += (double)a[i] * b[i];
        return sum;
    }
}
