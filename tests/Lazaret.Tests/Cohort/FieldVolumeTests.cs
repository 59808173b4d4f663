using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Queries;

namespace Lazaret.Tests.Cohort;

/// <summary>Volumes as the field's tools write them.</summary>
public sealed class FieldVolumeTests : IDisposable
{
    private static readonly CohortQuery Plain = new() { Outcome = "score", Statistic = default };

    private readonly FieldSite _site = new();

    [Fact]
    public void A_map_in_microns_is_the_map_in_millimetres()
    {
        File.Copy(FieldSite.Case("map_micron.nii.gz"), _site["micron.nii.gz"]);
        Assert.Equal(SpaceUnit.Micron, NiftiSummary.Read(_site["micron.nii.gz"]).Header.Unit);
        Assert.Equal(_site.Ask(Plain).R!.Value, _site.Ask(Plain, "micron.nii.gz").R!.Value, 1e-9);
    }

    [Fact]
    public void Zeros_behind_gzip_are_padding() => Assert.Equal(NiftiSummary.Read(FieldSite.Case("gz_padded_to_512.nii.gz")).Header.Voxels, NiftiVolume.Read(FieldSite.Case("gz_padded_to_512.nii.gz")).Values.Length);

    [Fact]
    public void A_masks_residue_is_a_finding_and_a_declared_threshold_takes_it_away()
    {
        var finding = Assert.Single(_site.Check().Findings, finding => finding.File == "masks/roi_bg1e-5.nii.gz");
        Assert.Contains("756 of the 792 voxels inside (95.5 %) are below 1 %", finding.Message, StringComparison.Ordinal);
        _site.Write("site.yaml", "masks:\n  roi_bg1e-5: {above: 0.5}\n");
        Assert.Equal(0.140010, _site.Ask(Plain with { Mask = "roi_bg1e-5" }).R!.Value, 1e-6);
        Assert.Equal(36, _site.Check().Masks["roi_bg1e-5"]);
        Assert.DoesNotContain(_site.Check().Findings, found => found.File == "masks/roi_bg1e-5.nii.gz");
        _site.Write("site.yaml", "masks:\n  none: {above: 0.5}\n  roi: 0.5\n");
        Assert.Equal(["site.yaml:3:8: expected {above: …}, a number of at least 0", "site.yaml: masks: there is no mask none"], _site.Open().Faults.Select(fault => fault.ToString()));
    }

    [Fact]
    public void A_mask_stored_the_other_way_round_is_the_same_region()
    {
        Assert.Equal(0.309384, _site.Ask(Plain with { Mask = "side" }).R!.Value, 1e-6);
        Assert.Equal(0.309384, _site.Ask(Plain with { Mask = "side_ras" }).R!.Value, 1e-6);
    }

    [Fact]
    public void A_constant_volume_and_one_volume_for_two_subjects_are_findings()
    {
        var grid = _site.Open().Grid!;
        NiftiWriter.Write(_site["conn/sub-04.nii.gz"], new NiftiVolume(grid, 1, [.. Enumerable.Repeat(2f, (int)grid.Voxels)]));
        File.Copy(_site["conn/sub-07.nii.gz"], _site["conn/sub-09.nii.gz"], overwrite: true);
        _site.With("paths.csv", text => text.Replace("conn/sub-12.nii.gz", "conn/sub-11.nii.gz", StringComparison.Ordinal));
        var report = _site.Check();
        Assert.Empty(report.Faults);
        Assert.Equal(
            ["paths.csv:5: the volume has the same value everywhere: it has no correlation with any map", "paths.csv:10: the same volume as in line 8, of another subject", "paths.csv:13: the same volume as in line 12, of another subject"],
            report.Findings.Where(finding => finding.File == "paths.csv").Select(finding => finding.ToString()));
    }

    public void Dispose() => _site.Dispose();
}
