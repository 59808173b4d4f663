using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>A mask of the view on the site's grid: inside where greater than 0.</summary>
public static class SiteMask
{
    /// <exception cref="NiftiException">It is damaged, has several volumes, or does not meet the grid.</exception>
    public static float[] Read(DataView view, string name, Grid grid, NiftiLimits? limits)
    {
        var mask = NiftiVolume.Read(view.MaskPath(name), limits);
        if (mask.Maps > 1)
            throw new NiftiException("dim[4]", $"{mask.Maps} volumes in the mask {name}, expected one");
        if (view.Declaration.MaskThresholds.TryGetValue(name, out var above))
            mask = mask with { Values = Array.ConvertAll(mask.Values, value => value > above ? 1f : 0) };
        if (mask.Grid.IsSameAs(grid))
            return mask.Values;
        var (placed, covered) = Resampling.Onto(mask, grid, Interpolation.Nearest);
        return covered > 0 ? placed.Values : throw new NiftiException("affine", $"the mask {name} does not meet the site's grid: the mask is {mask.Grid}, the site {grid}");
    }
}
