using System.Globalization;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>A mask, read to its end.</summary>
/// <param name="Inside">Its voxels on the site's grid.</param>
internal sealed record CheckedMask(int Inside, Fault? Fault, Fault? Finding)
{
    /// <summary>Below this share of the largest value, what is greater than 0 is what resampling or rounding left around a region.</summary>
    private const float Residue = 0.01f;

    public static CheckedMask Read(DataView view, string name, Grid grid, NiftiLimits? limits)
    {
        var file = SiteFiles.MaskFile(name);
        try
        {
            float[] inside = [.. SiteMask.Read(view, name, grid, limits).Where(value => value > 0)];
            if (inside.Length == 0)
                return new CheckedMask(0, new Fault(file, 0, 0, "the mask is empty"), null);
            var largest = inside.Max();
            var residue = inside.Count(value => value < Residue * largest);
            return new CheckedMask(inside.Length, null, residue == 0 ? null : new Fault(file, 0, 0, string.Create(
                CultureInfo.InvariantCulture,
                $"{residue} of the {inside.Length} voxels inside ({100.0 * residue / inside.Length:0.#} %) are below 1 % of its largest value: if they are not meant, declare a threshold in {SiteDeclaration.File}, masks: {{{name}: {{above: {0.5 * largest:0.###}}}}}")));
        }
        catch (Exception exception) when (VolumeFault.Of(exception, file, "mask") is { } fault)
        {
            return new CheckedMask(0, fault, null);
        }
    }
}
