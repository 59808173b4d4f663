using Lazaret.Cohort.Nifti;

namespace Lazaret.Cohort;

/// <summary>
/// Maps ready for scoring. A weight is the map's voxel where that is finite and inside the mask, and 0 elsewhere: with volumes read the
/// same way the plain product is then the sum over voxels finite in both.
/// </summary>
internal sealed class MaskedMaps
{
    private readonly int[] _finite;

    /// <param name="mask">Inside where greater than 0; null for everywhere.</param>
    public MaskedMaps(NiftiVolume maps, float[]? mask)
    {
        Maps = maps;
        Weights = [.. Enumerable.Range(0, maps.Maps).Select(index => Masked(maps.Map(index).Span, mask))];
        _finite = [.. Enumerable.Range(0, maps.Maps).Select(index => CountFinite(maps.Map(index).Span))];
    }

    public NiftiVolume Maps { get; }

    public float[][] Weights { get; }

    /// <summary>Of the whole map, inside the mask and outside.</summary>
    public int FiniteVoxels(int map) => _finite[map];

    private static int CountFinite(ReadOnlySpan<float> map)
    {
        var count = 0;
        foreach (var voxel in map)
            count += float.IsFinite(voxel) ? 1 : 0;
        return count;
    }

    private static float[] Masked(ReadOnlySpan<float> map, float[]? mask)
    {
        var weights = new float[map.Length];
        for (var voxel = 0; voxel < map.Length; voxel++)
        {
            if (float.IsFinite(map[voxel]) && (mask is null || mask[voxel] > 0))
                weights[voxel] = map[voxel];
        }

        return weights;
    }
}
