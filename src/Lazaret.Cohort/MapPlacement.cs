using Lazaret.Cohort.Nifti;

namespace Lazaret.Cohort;

/// <summary>Whether a map can be asked of a site: it reaches the site's grid, and every volume in it has a finite voxel there.</summary>
public abstract record MapPlacement
{
    private MapPlacement() { }

    /// <param name="Map">On the site's grid.</param>
    public sealed record Placed(NiftiVolume Map) : MapPlacement;

    /// <param name="Reason">For the requester, in one line.</param>
    public sealed record Refused(string Reason) : MapPlacement;

    public static MapPlacement Of(NiftiVolume map, Grid site)
    {
        if (!map.Grid.IsSameAs(site))
        {
            var (placed, covered) = Resampling.Onto(map, site, Interpolation.Trilinear);
            if (covered == 0)
                return new Refused($"the map does not meet the site's grid: the map is {map.Grid}, the site {site}");
            map = placed;
        }

        for (var index = 0; index < map.Maps; index++)
        {
            if (map.Map(index).Span.CountFinite() == 0)
                return new Refused(map.Maps == 1 ? "the map has no finite voxel on the site's grid" : $"map {index + 1} of {map.Maps} has no finite voxel on the site's grid");
        }

        return new Placed(map);
    }
}
