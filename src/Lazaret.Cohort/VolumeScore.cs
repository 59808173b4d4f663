using System.Numerics;
using Lazaret.Cohort.Kernels;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Scores;

namespace Lazaret.Cohort;

/// <summary>Scores one volume: the plain product while it is read, in constant memory, and any other score from all of its voxels.</summary>
internal static class VolumeScore
{
    private const int Chunk = 16 << 10;

    /// <summary>One score per map, NaN where it is not defined, as where map and volume share no finite voxel; or what is wrong with the volume.</summary>
    public static (double[]? Sums, string? Wrong) Read(string path, Grid grid, MaskedMaps maps, NiftiLimits? limits) =>
        SubjectVolume.Read(path, grid, limits, reader => maps.Score == Score.Dot ? Sum(reader, maps) : Compare(reader, maps));

    /// <summary>Every score but the plain product looks at a voxel more than once.</summary>
    private static double[] Compare(NiftiReader reader, MaskedMaps maps)
    {
        var volume = new float[maps.Maps.Grid.Voxels];
        for (var done = 0; done < volume.Length;)
            done += reader.Read(volume.AsSpan(done));
        // The reader checks gzip's checksums only at the end.
        reader.Read(stackalloc float[1]);
        return [.. maps.Domains.Select((domain, map) => Compare(volume, maps, domain, map))];
    }

    private static double Compare(float[] volume, MaskedMaps maps, MapDomain domain, int map)
    {
        var values = maps.Maps.Map(map).Span;
        var (ofMap, ofVolume) = (new float[domain.Whole.Count], new float[domain.Whole.Count]);
        var count = 0;
        for (var word = 0; word < domain.Bits.Length; word++)
        {
            for (var rest = domain.Bits[word]; rest != 0; rest &= rest - 1)
            {
                var voxel = word * 64 + BitOperations.TrailingZeroCount(rest);
                if (!float.IsFinite(volume[voxel]))
                    continue;
                (ofMap[count], ofVolume[count]) = (values[voxel], volume[voxel]);
                count++;
            }
        }

        return VoxelPairs.ScoreOf(maps.Score, ofMap.AsSpan(0, count), ofVolume.AsSpan(0, count));
    }

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
