using Lazaret.Cohort.Nifti;
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
    public static IReadOnlyList<float[]> Of(DataView view, NiftiVolume map, string? mask)
    {
        var inside = mask is null ? null : SiteMask.Read(view, mask, map.Grid, limits: null);
        return
        [
            .. Enumerable.Range(0, map.Maps).Select(index =>
            {
                var values = map.Map(index).ToArray();
                for (var voxel = 0; inside is not null && voxel < values.Length; voxel++)
                    values[voxel] = inside[voxel] > 0 ? values[voxel] : 0;
                return values;
            }),
        ];
    }
}
