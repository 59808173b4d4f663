using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort.Tables;

public sealed class SiteCheckTests
{
    [Fact]
    public void Every_volume_and_mask_that_cannot_be_used_is_listed_with_its_place()
    {
        using var site = new SmallSite();
        File.WriteAllBytes(site["conn/2.nii.gz"], File.ReadAllBytes(site["conn/1.nii.gz"])[..^30]);
        NiftiWriter.Write(site["conn/5.nii.gz"], new NiftiVolume(SmallSite.Grid with { Z = 8 }, 1, new float[11 * 9 * 8]));
        NiftiWriter.Write(site["conn/6.nii.gz"], new NiftiVolume(SmallSite.Grid, 1, [.. Enumerable.Repeat(float.NaN, 11 * 9 * 7)]));
        NiftiWriter.Write(site["masks/empty.nii.gz"], new NiftiVolume(SmallSite.Grid, 1, new float[11 * 9 * 7]));
        NiftiWriter.Write(site["masks/far.nii.gz"], new NiftiVolume(new Grid(2, 2, 2, new Affine(1, 0, 0, 900, 0, 1, 0, 0, 0, 0, 1, 0)), 1, new float[8]));
        site.Write("masks/bad.nii.gz", "no volume");
        var last = (Done: 0, Total: 0);

        var faults = SiteCheck.Run(site.Open(), null, new Callback(progress => last = progress), TestContext.Current.CancellationToken).Faults;

        Assert.Equal((15, 15), last);
        Assert.Collection(
            faults.Select(fault => fault.ToString()),
            fault => Assert.Equal("paths.csv:4: no sound volume: gzip: the file is cut off: copy it again", fault),
            fault => Assert.StartsWith("paths.csv:7: the volume is not on the site's grid: it is 11×9×8 with affine [[2, 0, 0, -10]", fault, StringComparison.Ordinal),
            fault => Assert.Equal("paths.csv:8: the volume has no finite voxel", fault),
            fault => Assert.StartsWith("masks/bad.nii.gz: no sound mask: sizeof_hdr: ", fault, StringComparison.Ordinal),
            fault => Assert.Equal("masks/empty.nii.gz: the mask is empty", fault),
            fault => Assert.StartsWith("masks/far.nii.gz: no sound mask: affine: the mask far does not meet the site's grid", fault, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("subjects.csv")]
    [InlineData("outcomes.csv")]
    [InlineData("paths.csv")]
    public void A_table_that_is_gzip_is_named_as_that_and_compared_with_nothing(string table)
    {
        using var site = new SmallSite();
        site.Write("site.yaml", "variables:\n  dx: {levels: [A, B]}\noutcomes:\n  y: {}\n");
        site.Pack(table);
        var view = site.Open();

        Assert.Equal($"{table}: is compressed by gzip: unpack it", Assert.Single(view.Faults).ToString());
        Assert.DoesNotContain(view.Notes, note => note.Message.Contains($"no line in {table}", StringComparison.Ordinal));
        Catalog.Of(view, minimumCohort: 0);
    }

    [Fact]
    public void A_site_yaml_that_is_gzip_is_named_as_that()
    {
        using var site = new SmallSite();
        site.Write("site.yaml", "template: T\n");
        site.Pack("site.yaml");
        Assert.Equal("site.yaml: is compressed by gzip: unpack it", Assert.Single(site.Open().Faults).ToString());
    }

    [Fact]
    public void A_sound_site_has_no_faults()
    {
        using var site = new SmallSite();
        Assert.Empty(SiteCheck.Run(site.Open(), null, null, TestContext.Current.CancellationToken).Faults);
    }

    [Fact]
    public void A_site_without_any_volume_says_so()
    {
        using var site = new TemporaryFolder();
        Assert.Equal("paths.csv: no volume can be read, so that the site has no grid", SiteCheck.Run(DataView.Open(site.Path), null, null, TestContext.Current.CancellationToken).Faults[^1].ToString());
    }

    private sealed class Callback(Action<(int Done, int Total)> seen) : IProgress<(int Done, int Total)>
    {
        public void Report((int Done, int Total) value) => seen(value);
    }
}
