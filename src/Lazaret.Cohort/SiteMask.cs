using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>A mask of the view on the site's grid: inside where greater than 0.</summary>
public static class SiteMask
{
    /// <exception cref="NiftiException">It is damaged, has several volumes, or does not meet the grid.</exception>
    public static float[] Read(DataView view, string name, Grid grid, NiftiLimits? limits) => ReadFrom(view, name, grid, limits).Values;

    /// <returns>Its values, and the grid that it was resampled from; null for that where its voxels are the site's, in whatever order.</returns>
    /// <inheritdoc cref="Read"/>
    internal static (float[] Values, Grid? From) ReadFrom(DataView view, string name, Grid grid, NiftiLimits? limits)
    {
        var mask = NiftiVolume.Read(view.MaskPath(name), limits);
        if (mask.Maps > 1)
            throw new NiftiException("dim[4]", $"{mask.Maps} volumes in the mask {name}, expected one");
        if (view.Declaration.MaskThresholds.TryGetValue(name, out var above))
            mask = mask with { Values = Array.ConvertAll(mask.Values, value => value > above ? 1f : 0) };
        if (mask.Grid.IsSameAs(grid))
            return (mask.Values, null);
        if (MapPlacement.WhyOfAnotherUnit($"mask {name}", mask.Grid, grid) is { } why)
            throw new NiftiException("affine", why);
        var placed = Resampling.Onto(mask, grid, Interpolation.Nearest);
        return placed.Covered > 0 ? (placed.Volume.Values, placed.IsExact ? null : mask.Grid) : throw new NiftiException("affine", $"the mask {name} does not meet the site's grid: the mask is {mask.Grid}, the site {grid}");
    }
}
