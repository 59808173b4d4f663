using System.Globalization;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Store;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>A mask, read to its end.</summary>
/// <param name="Inside">How many voxels it has on the site's grid.</param>
/// <param name="Bits">One bit per voxel there; empty where it cannot be used.</param>
internal sealed record CheckedMask(int Inside, ulong[] Bits, Fault? Fault, IReadOnlyList<Fault> Findings)
{
    /// <summary>Below this share of the largest value, what is greater than 0 is what resampling or rounding left around a region.</summary>
    private const float ResidueShare = 0.01f;

    public static CheckedMask Read(DataView view, string name, Grid grid, NiftiLimits? limits)
    {
        var file = SiteFiles.MaskFile(name);
        try
        {
            var (values, from) = SiteMask.ReadFrom(view, name, grid, limits);
            var bits = GridBits.For(values.Length);
            for (var voxel = 0; voxel < values.Length; voxel++)
            {
                if (values[voxel] > 0)
                    GridBits.Set(bits, voxel);
            }

            float[] inside = [.. values.Where(value => value > 0)];
            if (inside.Length == 0)
                return new CheckedMask(0, [], new Fault(file, 0, 0, $"the mask is empty{(from is null ? "" : $" once it {Resampled(from, grid)}")}"), []);
            string?[] findings =
            [
                from is null ? null : Resampled(from, grid), Residue(inside, name),
                values.Count(value => value < 0) is > 0 and var below ? string.Create(CultureInfo.InvariantCulture, $"{below} voxels are below 0, and so not inside: if they are meant, write the mask without signs") : null,
                inside.Length == values.Length && Residue(inside, name) is null ? "every voxel of the site's grid is inside: it is as if no mask were asked for" : null,
            ];
            return new CheckedMask(inside.Length, bits, null, [.. findings.OfType<string>().Select(text => new Fault(file, 0, 0, text))]);
        }
        catch (Exception exception) when (VolumeFault.Of(exception, file, "mask") is { } fault)
        {
            return new CheckedMask(0, [], fault, []);
        }
    }

    private static string Resampled(Grid from, Grid grid) => $"is resampled, each voxel taking the value of the mask's nearest: the mask is {from}, the site {grid}";

    private static string? Residue(float[] inside, string name)
    {
        var largest = inside.Max();
        var residue = inside.Count(value => value < ResidueShare * largest);
        var others = inside.Count(value => value < largest);
        var threshold = string.Create(CultureInfo.InvariantCulture, $"declare a threshold in {SiteDeclaration.File}, masks: {{{name}: {{above: {0.5 * largest:0.###}}}}}");
        return residue > 0 ? string.Create(CultureInfo.InvariantCulture, $"{residue} of the {inside.Length} voxels inside ({100.0 * residue / inside.Length:0.#} %) are below 1 % of its largest value: if they are not meant, {threshold}")
            : others > 0 ? string.Create(CultureInfo.InvariantCulture, $"{others} of the {inside.Length} voxels inside have another value than the largest, {largest:0.###}, and count all the same: if the mask is an atlas or a probability, {threshold}")
            : null;
    }
}
