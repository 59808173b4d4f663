using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Tests.Cohort.Tables;

public sealed class ParcellationTests
{
    [Fact]
    public void What_is_wrong_with_a_parcellation_is_told_by_file_and_line_and_it_is_not_offered()
    {
        using var site = new SmallSite();
        site.Write("site.yaml", "parcellations: [sound, volumeless, tableless, twice, empty, named]\n");
        Directory.CreateDirectory(site["parcellations"]);
        foreach (var name in new[] { "sound", "tableless", "twice", "empty", "named" })
            Write(site, name, 1);
        foreach (var (name, table) in new[] { ("sound", "1,cortex"), ("volumeless", "1,cortex"), ("twice", "1,cortex\n2,cortex\n0,x\n1.5,y\n3,\n1,z"), ("empty", ""), ("named", "1,a;b\n") })
            site.Write($"parcellations/{name}.csv", $"index,name\n{table}\n");
        var view = site.Open();
        Assert.Equal(["sound", "named"], view.Parcellations.Select(known => known.Name));
        Assert.Equal(
        [
            "parcellations/volumeless.nii.gz: the file is missing",
            "parcellations/tableless.csv: the file is missing",
            "parcellations/twice.csv:3: a label or name that is there before",
            "parcellations/twice.csv:4:1: index is no whole number from 1",
            "parcellations/twice.csv:5:1: index is no whole number from 1",
            "parcellations/twice.csv:6:2: name is no name of 1 to 200 characters",
            "parcellations/twice.csv:7: a label or name that is there before",
            "parcellations/empty.csv: the table names no parcel",
        ], view.Faults.Select(fault => fault.ToString()));
    }

    [Theory]
    [InlineData("parcellations: networks")]
    [InlineData("parcellations: [a/b]")]
    [InlineData("parcellations: [../masks/M]")]
    [InlineData("parcellations: [.hidden]")]
    [InlineData("parcellations: [a, a]")]
    public void Names_are_those_of_files_in_one_folder(string yaml)
    {
        using var site = new SmallSite();
        site.Write("site.yaml", yaml);
        var view = site.Open();
        Assert.StartsWith("expected a list of different names", Assert.Single(view.Faults).Message, StringComparison.Ordinal);
        Assert.Empty(view.Parcellations);
    }

    [Fact]
    public void The_deep_check_reads_the_volumes_and_the_data_version_is_that_of_their_files()
    {
        using var site = new SmallSite();
        site.Write("site.yaml", "parcellations: [sound, halves, unnamed, far]\n");
        Directory.CreateDirectory(site["parcellations"]);
        Write(site, "sound", 1, 2);
        Write(site, "halves", 0.5f);
        Write(site, "unnamed", 1, 9);
        Write(site, "far", 1);
        NiftiWriter.Write(site["parcellations/far.nii.gz"], new NiftiVolume(SmallSite.Grid with { Affine = new Affine(2, 0, 0, 900, 0, 2, 0, 0, 0, 0, 2, 0) }, 1, new float[SmallSite.Grid.Voxels]));
        foreach (var name in new[] { "sound", "halves", "unnamed", "far" })
            site.Write($"parcellations/{name}.csv", "index,name\n1,cortex\n2,nuclei\n3,elsewhere\n");
        var report = SiteCheck.Run(site.Open(), null, null, TestContext.Current.CancellationToken);
        string[] faults = [.. report.Faults.Where(fault => fault.File.StartsWith("parcellations/", StringComparison.Ordinal)).Select(fault => fault.ToString())];
        Assert.Equal(3, faults.Length);
        Assert.StartsWith("parcellations/far.nii.gz: no sound parcellation: affine", faults[0], StringComparison.Ordinal);
        Assert.Equal("parcellations/halves.nii.gz: no sound parcellation: data: a voxel is 0.5, expected whole numbers from 0", faults[1]);
        Assert.Equal("parcellations/unnamed.nii.gz: 1 labels that parcellations/unnamed.csv does not name, 9 the first", faults[2]);
        Assert.Contains(report.Findings, finding => finding.ToString().StartsWith("parcellations/sound.nii.gz: 1 of 3 parcels have fewer than 10 voxels on the site's grid, 1 of them none", StringComparison.Ordinal));
        Assert.Equal(2, report.Parcellations["sound"]);

        var before = site.Open().Version();
        site.Write("parcellations/sound.csv", "index,name\n1,Cortex\n2,nuclei\n");
        var renamed = site.Open().Version();
        Write(site, "sound", 2, 1);
        Assert.Equal(3, new[] { before, renamed, site.Open().Version() }.Distinct().Count());
    }

    /// <summary>Each label in a run of fifty voxels.</summary>
    private static void Write(SmallSite site, string name, params float[] labels)
    {
        var values = new float[SmallSite.Grid.Voxels];
        for (var i = 0; i < labels.Length; i++)
            values.AsSpan(50 * i, 50).Fill(labels[i]);
        NiftiWriter.Write(site[$"parcellations/{name}.nii.gz"], new NiftiVolume(SmallSite.Grid, 1, values));
    }
}
