using System.Globalization;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>A parcellation, read to its end.</summary>
/// <param name="Present">Its parcels that have a voxel on the site's grid.</param>
internal sealed record CheckedParcellation(int Present, Fault? Fault, Fault? Finding)
{
    /// <summary>What a node gives unless it is told otherwise.</summary>
    private const int SmallestParcel = 10;

    public static CheckedParcellation Read(DataView view, Parcellation parcellation, Grid grid, NiftiLimits? limits)
    {
        var file = Parcellation.VolumeFile(parcellation.Name);
        try
        {
            var voxels = SiteLabels.Values(view, parcellation, grid, limits).CountBy(label => label).ToDictionary();
            var unnamed = voxels.Keys.Except(parcellation.Parcels.Select(parcel => (float)parcel.Label).Prepend(0)).Order().ToList();
            var counts = parcellation.Parcels.Select(parcel => voxels.GetValueOrDefault(parcel.Label)).ToList();
            return new CheckedParcellation(
                counts.Count(count => count > 0),
                unnamed.Count == 0 ? null : new Fault(file, 0, 0, string.Create(CultureInfo.InvariantCulture, $"{unnamed.Count} labels that {Parcellation.TableFile(parcellation.Name)} does not name, {unnamed[0]} the first")),
                counts.Min() >= SmallestParcel ? null : new Fault(file, 0, 0, string.Create(
                    CultureInfo.InvariantCulture,
                    $"{counts.Count(count => count < SmallestParcel)} of {counts.Count} parcels have fewer than {SmallestParcel} voxels on the site's grid, {counts.Count(count => count == 0)} of them none: parcels below Disclosure:ParcelVoxels are not given")));
        }
        catch (Exception exception) when (VolumeFault.Of(exception, file, "parcellation") is { } fault)
        {
            return new CheckedParcellation(0, fault, null);
        }
    }
}
