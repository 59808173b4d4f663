using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>What of a map counts: its values inside a mask. What it holds elsewhere changes no score.</summary>
public static class MaskedMap
{
    /// <summary>One array a map: the values on the site's grid, 0 outside the mask.</summary>
    /// <param name="view">Whose mask it is.</param>
    /// <param name="map">On the view's grid.</param>
    /// <param name="mask">The mask's name; null for the whole grid.</param>
    /// <exception cref="NiftiException">The mask is damaged, or does not meet the grid.</exception>
    /// <param name="score">What it counts for: maps that all volumes score alike, or alike but for a factor, are the same here.</param>
    public static IReadOnlyList<float[]> Of(DataView view, NiftiVolume map, string? mask, Score score)
    {
        var inside = mask is null ? null : SiteMask.Read(view, mask, map.Grid, limits: null);
        return
        [
            .. Enumerable.Range(0, map.Maps).Select(index =>
            {
                var values = map.Map(index).ToArray();
                int[] counted = [.. Enumerable.Range(0, values.Length).Where(voxel => (inside is null || inside[voxel] > 0) && float.IsFinite(values[voxel]))];
                var counting = Counting(Array.ConvertAll(counted, voxel => values[voxel]), score);
                for (var voxel = 0; voxel < values.Length; voxel++)
                    values[voxel] = inside is null || inside[voxel] > 0 ? values[voxel] : 0;
                for (var i = 0; i < counted.Length; i++)
                    values[counted[i]] = counting[i];
                return values;
            }),
        ];
    }

    private static float[] Counting(float[] values, Score score)
    {
        switch (score)
        {
            case Score.MeanInside:
                return Array.ConvertAll(values, value => value > 0 ? 1f : 0);
            case Score.SpatialSpearman:
                // About their mean, so that the middle rank is 0.
                return Array.ConvertAll(ValueOrder.DoubledRanks(values), rank => rank - values.Length - 1);
            case Score.SpatialPearson when values.Length > 0:
                // Of a constant map the mean may differ by a rounding.
                var mean = Array.TrueForAll(values, value => value == values[0]) ? values[0] : values.Average(value => (double)value);
                return Array.ConvertAll(values, value => (float)(value - mean));
            default:
                return values;
        }
    }
}
