using Lazaret.Cohort.Nifti;

namespace Lazaret.Cohort;

/// <summary>Whether a map can be asked of a site: it reaches the site's grid, and every volume in it has a finite voxel there.</summary>
public abstract record MapPlacement
{
    /// <summary>A plane of more voxels, or more planes, are of no brain; the header may be a lie, for which no memory is taken beforehand.</summary>
    private const long LargestPlane = 1 << 22;
    private const int MostPlanes = 1 << 16;

    private MapPlacement() { }

    /// <param name="Map">On the site's grid.</param>
    /// <param name="Fit">How it came there.</param>
    public sealed record Placed(NiftiVolume Map, MapFit Fit) : MapPlacement;

    /// <param name="Reason">For the requester, in one line.</param>
    public sealed record Refused(string Reason) : MapPlacement;

    public static MapPlacement Of(NiftiVolume map, Grid site)
    {
        if (map.Grid.IsSameAs(site))
            return Of(map, MapFit.None);
        return Of(Resampling.Onto(map, site, Interpolation.Trilinear), map.Grid, site);
    }

    /// <summary>The same of a map that is not read yet. One on another grid is never in memory as a whole, unless it is a series.</summary>
    /// <param name="seen">Is shown each plane of each map, with the map's number, as they came.</param>
    /// <exception cref="NiftiException">The file is not sound.</exception>
    public static MapPlacement Read(NiftiReader reader, Grid site, SeenPlane? seen = null)
    {
        var header = reader.Header;
        var isPlausible = (long)header.Grid.X * header.Grid.Y <= LargestPlane && header.Grid.Z <= MostPlanes;
        if (header.Dims.Count <= 3 && isPlausible && !header.Grid.IsSameAs(site))
            return Of(Resampling.Read(reader, site, Interpolation.Trilinear, seen), header.Grid, site);
        var map = NiftiVolume.Read(reader);
        for (var index = 0; index < map.Maps && seen is not null; index++)
        {
            for (var plane = 0; plane < map.Grid.Z; plane++)
                seen(map.Grid, index, plane, map.Map(index).Span.Slice(plane * map.Grid.X * map.Grid.Y, map.Grid.X * map.Grid.Y));
        }

        return Of(map, site);
    }

    private static MapPlacement Of(Resampling resampled, Grid map, Grid site) => resampled.Covered == 0
        ? new Refused($"the map does not meet the site's grid: the map is {map}, the site {site}")
        : Of(resampled.Volume, resampled.IsExact ? MapFit.Exact : MapFit.Trilinear);

    private static MapPlacement Of(NiftiVolume placed, MapFit fit)
    {
        for (var index = 0; index < placed.Maps; index++)
        {
            if (placed.Map(index).Span.CountFinite() == 0)
                return new Refused(placed.Maps == 1 ? "the map has no finite voxel on the site's grid" : $"map {index + 1} of {placed.Maps} has no finite voxel on the site's grid");
        }

        return new Placed(placed, fit);
    }
}

/// <summary>How a map came onto the site's grid.</summary>
public enum MapFit
{
    /// <summary>It lay there.</summary>
    None,

    /// <summary>Voxel for voxel: axes were flipped, swapped or shifted by whole voxels.</summary>
    Exact,

    Trilinear,
}
