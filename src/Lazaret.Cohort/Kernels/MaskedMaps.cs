using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Scores;

namespace Lazaret.Cohort.Kernels;

/// <summary>
/// Maps ready for scoring. A weight is the map's voxel where that is finite and inside the mask, and 0 elsewhere: with volumes read the
/// same way the plain product is then the sum over voxels finite in both. The weights of <see cref="Score.MeanInside"/> are 1 where the map is positive.
/// </summary>
/// <param name="mask">Inside where greater than 0; null for everywhere.</param>
internal sealed class MaskedMaps(NiftiVolume maps, float[]? mask, Score score = Score.Dot)
{
    private readonly Lazy<float[][]> _weights = new(() => [.. Enumerable.Range(0, maps.Maps).Select(map => Everywhere(maps.Map(map).Span, mask))]);

    private readonly int[] _finite = [.. Enumerable.Range(0, maps.Maps).Select(map => maps.Map(map).Span.CountFinite())];

    private readonly Lazy<MapDomain[]> _domains = new(() => [.. Enumerable.Range(0, maps.Maps).Select(map => new MapDomain(maps.Map(map), mask, score))]);

    public NiftiVolume Maps => maps;

    public Score Score => score;

    /// <summary>One weight per voxel of the grid, for each map.</summary>
    public float[][] Weights => _weights.Value;

    /// <summary>The voxels of each map that count.</summary>
    public MapDomain[] Domains => _domains.Value;

    /// <summary>Of the whole map, inside the mask and outside.</summary>
    public int FiniteVoxels(int map) => _finite[map];

    /// <summary>The weight of each of the voxels, without a pass over all the others.</summary>
    public void WeightsAt(ReadOnlySpan<int> voxels, int map, Span<float> weights)
    {
        var values = maps.Map(map).Span;
        for (var i = 0; i < voxels.Length; i++)
            weights[i] = score != Score.MeanInside ? Weight(values, mask, voxels[i]) : Weight(values, mask, voxels[i]) > 0 ? 1 : 0;
    }

    private static float[] Everywhere(ReadOnlySpan<float> map, float[]? mask)
    {
        var weights = new float[map.Length];
        for (var voxel = 0; voxel < map.Length; voxel++)
            weights[voxel] = Weight(map, mask, voxel);
        return weights;
    }

    private static float Weight(ReadOnlySpan<float> map, float[]? mask, int voxel) =>
        float.IsFinite(map[voxel]) && (mask is null || mask[voxel] > 0) ? map[voxel] : 0;
}
