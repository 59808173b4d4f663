using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Tests.Cohort.Nifti;

public sealed class ResamplingTests
{
    private static readonly string Data = Path.Combine(AppContext.BaseDirectory, "Cohort", "Nifti", "data", "resample");
    private static readonly NiftiVolume Template = NiftiVolume.Read(Path.Combine(Data, "template.nii"));

    public static TheoryData<string> Cases => [.. Directory.EnumerateFiles(Data, "*.src.nii").Order().Select(path => Path.GetFileName(path)[..^".src.nii".Length])];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_case_agrees_bit_for_bit(string name)
    {
        var source = NiftiVolume.Read(Path.Combine(Data, $"{name}.src.nii"));
        var expected = NiftiVolume.Read(Path.Combine(Data, $"{name}.spec.nii"));
        var resampling = Resampling.Onto(source, Template.Grid, Interpolation.Trilinear);
        Assert.Equal(expected.Values, resampling.Volume.Values);
        Assert.Equal(name.StartsWith('9'), resampling.Covered == 0);
        Assert.Equal(name.StartsWith('9'), MapPlacement.Of(source, Template.Grid) is MapPlacement.Refused);
    }

    [Fact]
    public void Any_flip_permutation_and_crop_is_copied_voxel_for_voxel()
    {
        var random = new Random(11);
        for (var round = 0; round < 100; round++)
        {
            var axes = Enumerable.Range(0, 3).OrderBy(_ => random.Next()).ToArray();
            var signs = axes.Select(_ => random.Next(2) * 2 - 1).ToArray();
            var shift = axes.Select(_ => random.Next(-3, 12)).ToArray();
            var rows = new double[12];
            for (var row = 0; row < 3; row++)
            {
                rows[row * 4 + axes[row]] = signs[row];
                rows[row * 4 + 3] = shift[row];
            }

            // The map's voxel (x, y, z) lies where the template's voxel steps · (x, y, z) lies.
            var steps = new Affine(rows);
            var grid = new Grid(random.Next(1, 12), random.Next(1, 12), random.Next(1, 12), Template.Grid.Affine * steps);
            var values = new float[grid.Voxels];
            for (var i = 0; i < values.Length; i++)
                values[i] = random.Next(20) == 0 ? float.NaN : random.NextSingle();
            var expected = new float[Template.Grid.Voxels];
            for (var i = 0; i < values.Length; i++)
            {
                var (x, y, z) = steps.Apply(i % grid.X, i / grid.X % grid.Y, i / grid.X / grid.Y);
                if (x >= 0 && x < Template.Grid.X && y >= 0 && y < Template.Grid.Y && z >= 0 && z < Template.Grid.Z)
                    expected[(int)((z * Template.Grid.Y + y) * Template.Grid.X + x)] = values[i];
            }

            foreach (var interpolation in Enum.GetValues<Interpolation>())
                Assert.Equal(expected, Resampling.Onto(new NiftiVolume(grid, 1, values), Template.Grid, interpolation).Volume.Values);
        }
    }

    [Fact]
    public void Each_map_of_a_batch_comes_out_as_if_alone()
    {
        var names = new[] { "3_oblique_shear", "4_oblique_nan" };
        var sources = names.Select(name => NiftiVolume.Read(Path.Combine(Data, $"{name}.src.nii"))).ToArray();
        var batch = new NiftiVolume(sources[0].Grid, 2, [.. sources[0].Values, .. sources[1].Values]);
        var expected = names.SelectMany(name => NiftiVolume.Read(Path.Combine(Data, $"{name}.spec.nii")).Values);
        Assert.Equal(expected, Resampling.Onto(batch, Template.Grid, Interpolation.Trilinear).Volume.Values);
    }

    [Fact]
    public void A_mask_takes_the_nearest_voxel_and_nothing_between()
    {
        var mask = new NiftiVolume(new Grid(3, 1, 1, Affine.Identity), 1, [0, 7, 1]);
        var fine = new Grid(6, 1, 1, new Affine(0.4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0));
        // Centres at 0, 0.4, 0.8, 1.2, 1.6 and 2.0.
        Assert.Equal([0, 0, 7, 7, 1, 1], Resampling.Onto(mask, fine, Interpolation.Nearest).Volume.Values);
    }

    [Fact]
    public void A_map_that_has_nothing_finite_on_the_sites_grid_is_refused()
    {
        var values = Enumerable.Repeat(float.NaN, (int)Template.Grid.Voxels).ToArray();
        Assert.Equal("the map has no finite voxel on the site's grid", Assert.IsType<MapPlacement.Refused>(MapPlacement.Of(Template with { Values = values }, Template.Grid)).Reason);
        var batch = new NiftiVolume(Template.Grid, 2, [.. Template.Values, .. values]);
        Assert.Equal("map 2 of 2 has no finite voxel on the site's grid", Assert.IsType<MapPlacement.Refused>(MapPlacement.Of(batch, Template.Grid)).Reason);
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(1000)]
    public void A_map_in_another_unit_than_it_says_is_refused_and_not_shrunk_into_a_voxel(double times)
    {
        var scale = new Affine(times, 0, 0, 0, 0, times, 0, 0, 0, 0, times, 0);
        var map = Template with { Grid = Template.Grid with { Affine = scale * Template.Grid.Affine } };
        Assert.Contains("in another unit than xyzt_units says", Assert.IsType<MapPlacement.Refused>(MapPlacement.Of(map, Template.Grid)).Reason, StringComparison.Ordinal);
        using var file = new MemoryStream();
        NiftiWriter.Write(file, map, compress: false);
        file.Position = 0;
        using var reader = NiftiReader.Open(file);
        Assert.IsType<MapPlacement.Refused>(Assert.Single(MapPlacement.ReadEach(reader, Template.Grid)));
    }
}
