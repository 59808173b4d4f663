using System.Globalization;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>A parcellation of the view on the site's grid.</summary>
internal static class SiteLabels
{
    /// <summary>A voxel's place among the parcels; −1 where it is in none.</summary>
    /// <exception cref="NiftiException">The volume is damaged, is no parcellation, or does not meet the grid.</exception>
    public static int[] Read(DataView view, Parcellation parcellation, Grid grid, NiftiLimits? limits)
    {
        var places = parcellation.Parcels.Index().ToDictionary(parcel => (float)parcel.Item.Label, parcel => parcel.Index);
        return Array.ConvertAll(Values(view, parcellation, grid, limits), value => places.GetValueOrDefault(value, -1));
    }

    /// <summary>A voxel's label.</summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static float[] Values(DataView view, Parcellation parcellation, Grid grid, NiftiLimits? limits)
    {
        var volume = NiftiVolume.Read(Path.Combine(view.Directory, Parcellation.VolumeFile(parcellation.Name)), limits);
        if (volume.Maps > 1)
            throw new NiftiException("dim[4]", $"{volume.Maps} volumes, expected one with a whole number a voxel");
        if (Array.Find(volume.Values, value => !(value >= 0 && value == Math.Floor(value))) is not 0 and var strange)
            throw new NiftiException("data", string.Create(CultureInfo.InvariantCulture, $"a voxel is {strange}, expected whole numbers from 0"));
        if (volume.Grid.IsSameAs(grid))
            return volume.Values;
        if (MapPlacement.WhyOfAnotherUnit("parcellation", volume.Grid, grid) is { } why)
            throw new NiftiException("affine", why);
        var (placed, covered) = Resampling.Onto(volume, grid, Interpolation.Nearest);
        return covered > 0 ? placed.Values : throw new NiftiException("affine", $"it does not meet the site's grid: it is {volume.Grid}, the site {grid}");
    }
}
