using System.Globalization;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Cohort;

/// <summary>Whether a map can be asked of a site: it reaches the site's grid, and every volume in it has a finite voxel there.</summary>
public abstract record MapPlacement
{
    /// <summary>A plane of more voxels, or more planes, are of no brain; the header may be a lie, for which no memory is taken beforehand.</summary>
    private const long LargestPlane = 1 << 22;
    private const int MostPlanes = 1 << 16;

    /// <summary>Voxels that are so many times finer or coarser than the site's are in another unit than the file says: metres and microns are a thousand times off.</summary>
    private const double MostTimes = 50;

    private MapPlacement() { }

    /// <param name="Map">On the site's grid.</param>
    /// <param name="Fit">How it came there.</param>
    public sealed record Placed(NiftiVolume Map, MapFit Fit) : MapPlacement;

    /// <param name="Reason">For the requester, in one line.</param>
    public sealed record Refused(string Reason) : MapPlacement;

    public static MapPlacement Of(NiftiVolume map, Grid site)
    {
        if (map.Grid.IsSameAs(site))
            return Of(map, MapFit.None, 0, map.Maps);
        return OfAnotherUnit(map.Grid, site) ?? Of(Resampling.Onto(map, site, Interpolation.Trilinear), map.Grid, site, 0, map.Maps);
    }

    /// <summary>The same of each map of a file that is not read yet, one after the other, until one is refused: no more than one of them is in memory, and of one on another grid two planes.</summary>
    /// <param name="seen">Is shown each plane of each map, with the map's number, as they came.</param>
    /// <exception cref="NiftiException">The file is not sound; that may show at the last map.</exception>
    public static IEnumerable<MapPlacement> ReadEach(NiftiReader reader, Grid site, SeenPlane? seen = null)
    {
        var (header, maps) = (reader.Header, reader.CountMaps());
        var isPlausible = (long)header.Grid.X * header.Grid.Y <= LargestPlane && header.Grid.Z <= MostPlanes;
        var placements = header.Grid.IsSameAs(site) ? ReadOnGrid(reader, maps, seen)
            : OfAnotherUnit(header.Grid, site) is { } refused ? [refused]
            : isPlausible ? Resampling.Read(reader, site, Interpolation.Trilinear, seen).Select((resampled, map) => Of(resampled, header.Grid, site, map, maps))
            : [Of(ReadWhole(reader, seen), site)];
        var map = 0;
        foreach (var read in placements)
        {
            map++;
            // After it was read, since it is the file's values that tell.
            var placement = read is Placed && reader.Lost is { } lost ? new Refused($"{(maps == 1 ? "the map" : $"map {map} of {maps}")}: {lost}") : read;
            yield return placement;
            if (placement is Refused)
                yield break;
        }
    }

    /// <summary>All of a file as one series.</summary>
    /// <exception cref="NiftiException">The file is not sound.</exception>
    public static MapPlacement Read(NiftiReader reader, Grid site)
    {
        var placed = new List<Placed>();
        foreach (var placement in ReadEach(reader, site))
        {
            if (placement is not Placed each)
                return placement;
            placed.Add(each);
        }

        return new Placed(NiftiVolume.Series([.. placed.Select(each => each.Map)]), placed[0].Fit);
    }

    private static NiftiVolume ReadWhole(NiftiReader reader, SeenPlane? seen)
    {
        var map = NiftiVolume.Read(reader);
        for (var index = 0; index < map.Maps && seen is not null; index++)
        {
            for (var plane = 0; plane < map.Grid.Z; plane++)
                seen(map.Grid, index, plane, map.Map(index).Span.Slice(plane * map.Grid.X * map.Grid.Y, map.Grid.X * map.Grid.Y));
        }

        return map;
    }

    private static IEnumerable<MapPlacement> ReadOnGrid(NiftiReader reader, int maps, SeenPlane? seen)
    {
        var grid = reader.Header.Grid;
        var plane = grid.X * grid.Y;
        for (var map = 0; map < maps; map++)
        {
            var values = new float[grid.Voxels];
            for (var k = 0; k < grid.Z; k++)
            {
                var read = values.AsSpan(k * plane, plane);
                reader.Fill(read);
                seen?.Invoke(grid, map, k, read);
            }

            if (map == maps - 1)
                reader.End();
            yield return Of(new NiftiVolume(grid, 1, values), MapFit.None, map, maps);
        }
    }

    private static Refused? OfAnotherUnit(Grid map, Grid site) => WhyOfAnotherUnit("map", map, site) is { } why ? new Refused(why) : null;

    /// <summary>Why a volume cannot be brought onto the site's grid although its affine may meet it; null where nothing speaks against it.</summary>
    internal static string? WhyOfAnotherUnit(string what, Grid volume, Grid site) => (volume.ResolutionMm / site.ResolutionMm) is > 1 / MostTimes and < MostTimes
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"the {what}'s voxels are {volume.ResolutionMm:g3} mm wide, and the site's {site.ResolutionMm:g3} mm: the affine of one of them is in another unit than xyzt_units says");

    private static MapPlacement Of(Resampling resampled, Grid map, Grid site, int first, int maps) => resampled.Covered == 0
        ? new Refused($"the map does not meet the site's grid: the map is {map}, the site {site}")
        : Of(resampled.Volume, resampled.IsExact ? MapFit.Exact : MapFit.Trilinear, first, maps);

    /// <param name="first">The place, among all of them, of the first map that is placed here.</param>
    private static MapPlacement Of(NiftiVolume placed, MapFit fit, int first, int maps)
    {
        for (var index = 0; index < placed.Maps; index++)
        {
            if (placed.Map(index).Span.CountFinite() == 0)
                return new Refused(maps == 1 ? "the map has no finite voxel on the site's grid" : $"map {first + index + 1} of {maps} has no finite voxel on the site's grid");
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
