using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Tests.Cohort;

public sealed class MapCoverageTests
{
    [Fact]
    public void What_of_a_map_lies_on_the_grid_and_inside_the_mask_is_counted_on_the_maps_own_grid()
    {
        using var site = new SmallSite();
        var view = site.Open();
        var map = new float[SmallSite.Grid.Voxels];
        map[100] = map[101] = map[102] = map[400] = 1;
        map[300] = float.NaN;
        var onGrid = new NiftiVolume(SmallSite.Grid, 1, map);
        Assert.Equal([1], MapCoverage.Of(view, onGrid, mask: null));
        Assert.Equal([0.75], MapCoverage.Of(view, onGrid, "M"));
        // Two voxels of 1 mm at the grid's first corner, and two outside.
        var fine = new NiftiVolume(new Grid(4, 1, 1, new Affine(1, 0, 0, -12, 0, 1, 0, -8, 0, 0, 1, -6)), 2, [1, 1, 1, 1, 0, 0, 0, 0]);
        Assert.Equal([0.75, 0], MapCoverage.Of(view, fine, mask: null));
    }
}
