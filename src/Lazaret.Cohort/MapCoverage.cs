using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>How much of a map a site can score: for each map, on the grid that it came on, the share of its nonzero voxels that lie on the site's grid and inside the mask.</summary>
public sealed class MapCoverage
{
    private readonly List<(long All, long Covered)> _maps = [];
    private readonly Grid _site;
    private readonly float[]? _inside;
    private (Grid Grid, Affine ToSite, bool IsSame)? _from;

    /// <param name="mask">The mask's name; null for the whole grid.</param>
    /// <exception cref="NiftiException">The mask is damaged, or does not meet the grid.</exception>
    public MapCoverage(DataView view, string? mask)
    {
        _site = view.Grid ?? throw new InvalidOperationException("The data view has no grid.");
        _inside = mask is null ? null : SiteMask.Read(view, mask, _site, limits: null);
    }

    /// <summary>One per map; 0 for a map that is zero everywhere.</summary>
    public IReadOnlyList<double> Shares => _maps.ConvertAll(map => map.All == 0 ? 0 : (double)map.Covered / map.All);

    /// <summary>Of maps that are in memory.</summary>
    public static IReadOnlyList<double> Of(DataView view, NiftiVolume map, string? mask)
    {
        var coverage = new MapCoverage(view, mask);
        var plane = map.Grid.X * map.Grid.Y;
        for (var index = 0; index < map.Maps; index++)
        {
            for (var k = 0; k < map.Grid.Z; k++)
                coverage.Add(map.Grid, index, k, map.Map(index).Span.Slice(k * plane, plane));
        }

        return coverage.Shares;
    }

    /// <summary>Counts a plane; the maps come one after the other.</summary>
    /// <param name="grid">The same for all maps.</param>
    public void Add(Grid grid, int map, int plane, ReadOnlySpan<float> values)
    {
        if (map == _maps.Count)
            _maps.Add((0, 0));
        var (_, toSite, isSame) = _from ??= (grid, _site.Affine.Inverse() * grid.Affine, grid.IsSameAs(_site));
        var (all, covered) = _maps[map];
        for (var voxel = 0; voxel < values.Length; voxel++)
        {
            if (values[voxel] == 0 || !float.IsFinite(values[voxel]))
                continue;
            all++;
            var at = isSame ? (long)plane * values.Length + voxel : At(toSite, voxel % grid.X, voxel / grid.X, plane);
            covered += at >= 0 && (_inside is null || _inside[at] > 0) ? 1 : 0;
        }

        _maps[map] = (all, covered);
    }

    /// <summary>The voxel of the site in which the middle of the map's voxel lies.</summary>
    private long At(Affine toSite, int i, int j, int k)
    {
        var (x, y, z) = toSite.Apply(i, j, k);
        var (a, b, c) = ((long)Math.Floor(x + 0.5), (long)Math.Floor(y + 0.5), (long)Math.Floor(z + 0.5));
        return a >= 0 && a < _site.X && b >= 0 && b < _site.Y && c >= 0 && c < _site.Z ? (c * _site.Y + b) * _site.X + a : -1;
    }
}
