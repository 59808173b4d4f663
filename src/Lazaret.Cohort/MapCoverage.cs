using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>How much of a map a site can score.</summary>
public static class MapCoverage
{
    /// <summary>Of each map as it came the share of its voxels that are not zero, which lie on the site's grid and inside the mask; 0 for a map that is zero everywhere.</summary>
    /// <param name="map">On its own grid.</param>
    /// <param name="mask">The mask's name; null for the whole grid.</param>
    /// <exception cref="NiftiException">The mask is damaged, or does not meet the grid.</exception>
    public static IReadOnlyList<double> Of(DataView view, NiftiVolume map, string? mask)
    {
        var site = view.Grid ?? throw new InvalidOperationException("The data view has no grid.");
        var inside = mask is null ? null : SiteMask.Read(view, mask, site, limits: null);
        var toSite = site.Affine.Inverse() * map.Grid.Affine;
        var isSame = map.Grid.IsSameAs(site);
        return [.. Enumerable.Range(0, map.Maps).Select(index => Of(map, index))];

        double Of(NiftiVolume map, int index)
        {
            var values = map.Map(index).Span;
            var (all, covered, voxel) = (0L, 0L, 0);
            for (var k = 0; k < map.Grid.Z; k++)
            {
                for (var j = 0; j < map.Grid.Y; j++)
                {
                    for (var i = 0; i < map.Grid.X; i++, voxel++)
                    {
                        if (values[voxel] == 0 || !float.IsFinite(values[voxel]))
                            continue;
                        all++;
                        var at = isSame ? voxel : At(i, j, k);
                        covered += at >= 0 && (inside is null || inside[at] > 0) ? 1 : 0;
                    }
                }
            }

            return all == 0 ? 0 : (double)covered / all;
        }

        // The voxel of the site in which the middle of the map's voxel lies.
        long At(int i, int j, int k)
        {
            var (x, y, z) = toSite.Apply(i, j, k);
            var (a, b, c) = ((long)Math.Floor(x + 0.5), (long)Math.Floor(y + 0.5), (long)Math.Floor(z + 0.5));
            return a >= 0 && a < site.X && b >= 0 && b < site.Y && c >= 0 && c < site.Z ? (c * site.Y + b) * site.X + a : -1;
        }
    }
}
