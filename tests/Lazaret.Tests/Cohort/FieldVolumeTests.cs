using System.IO.Compression;
using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Store;

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
    public void A_mask_of_several_labels_is_a_finding()
    {
        var mask = NiftiVolume.Read(_site["masks/side.nii.gz"]);
        NiftiWriter.Write(_site["masks/atlas.nii.gz"], mask with { Values = [.. mask.Values.Select((value, voxel) => value > 0 ? 1 + (voxel % 4) : 0)] });
        Assert.Contains("have another value than the largest, 4, and count all the same", Assert.Single(_site.Check().Findings, finding => finding.File == "masks/atlas.nii.gz").Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_site.Check().Findings, finding => finding.File == "masks/side.nii.gz");
    }

    [Fact]
    public void A_mask_stored_the_other_way_round_is_the_same_region()
    {
        Assert.Equal(0.309384, _site.Ask(Plain with { Mask = "side" }).R!.Value, 1e-6);
        Assert.Equal(0.309384, _site.Ask(Plain with { Mask = "side_ras" }).R!.Value, 1e-6);
        Assert.DoesNotContain(_site.Check().Findings, finding => finding.File == "masks/side_ras.nii.gz");
    }

    [Fact]
    public void A_mask_that_is_resampled_is_a_finding()
    {
        var mask = NiftiVolume.Read(_site["masks/side.nii.gz"]);
        var (shifted, coarse) = (mask.Grid.Affine * new Affine([1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0]), mask.Grid.Affine * new Affine([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]));
        // One voxel is cut off on a side: what is left is copied.
        NiftiWriter.Write(_site["masks/cropped.nii.gz"], Resampling.Onto(mask, new Grid(mask.Grid.X - 1, mask.Grid.Y, mask.Grid.Z, shifted), Interpolation.Nearest).Volume);
        NiftiWriter.Write(_site["masks/coarse.nii.gz"], Resampling.Onto(mask, new Grid(mask.Grid.X / 2, mask.Grid.Y / 2, mask.Grid.Z / 2, coarse), Interpolation.Nearest).Volume);
        var findings = _site.Check().Findings.Where(finding => finding.File.StartsWith("masks/c", StringComparison.Ordinal)).Select(finding => finding.ToString());
        Assert.StartsWith($"masks/coarse.nii.gz: is resampled, each voxel taking the value of the mask's nearest: the mask is {mask.Grid.X / 2}×", Assert.Single(findings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_that_resampling_empties_says_so()
    {
        var site = NiftiVolume.Read(_site["masks/side.nii.gz"]).Grid;
        var fine = new Grid(2 * site.X, 2 * site.Y, 2 * site.Z, site.Affine * new Affine([0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0.5, 0]));
        // The only voxel of it lies between two of the site's.
        var values = new float[fine.Voxels];
        values[1] = 1;
        NiftiWriter.Write(_site["masks/tiny.nii.gz"], new NiftiVolume(fine, 1, values));
        Assert.StartsWith($"masks/tiny.nii.gz: the mask is empty once it is resampled, each voxel taking the value of the mask's nearest: the mask is {fine.X}×", Assert.Single(_site.Check().Faults, fault => fault.File == "masks/tiny.nii.gz").ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MNI152", true)]
    [InlineData("MNI152NLin2009bAsym", false)]
    [InlineData("MNIPediatricAsym:cohort-1", false)]
    public void A_template_that_the_field_does_not_know_by_this_name_is_a_finding(string template, bool isFinding)
    {
        _site.Write("site.yaml", $"template: \"{template}\"\n");
        Assert.Equal(isFinding, _site.Check().Findings.Any(finding => finding.ToString() == $"site.yaml: template: '{template}' names no template of volumes in TemplateFlow, such as MNI152NLin2009cAsym: requesters who name their map's space as the field does are refused"));
    }

    [Fact]
    public void Volumes_of_another_scale_than_the_others_are_a_finding()
    {
        Rescale("conn/sub-02.nii.gz", value => value * 1000);
        Rescale("conn/sub-05.nii.gz", value => value * 1000);
        Rescale("conn/sub-07.nii.gz", value => value / 1000);
        var findings = Findings();
        Assert.Equal(2, findings.Count);
        Assert.StartsWith("paths.csv:3: in 2 of 60 volumes, this the first, the largest value is more than 100 times larger than is usual here", findings[0], StringComparison.Ordinal);
        Assert.StartsWith("paths.csv:8: in 1 of 60 volumes, this the first, the largest value is more than 100 times smaller than is usual here", findings[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_with_one_broken_voxel_is_a_finding()
    {
        var voxel = 0;
        Rescale("conn/sub-02.nii.gz", value => voxel++ == 100 ? -1e30f : value);
        Assert.Contains("or have a broken voxel", Assert.Single(Findings()), StringComparison.Ordinal);
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
            ["paths.csv:5: the volume has the same value everywhere: it has no correlation with any map, and counts in the dot product all the same", "paths.csv:10: the same volume as in line 8, of another subject", "paths.csv:13: the same volume as in line 12, of another subject"],
            report.Findings.Where(finding => finding.File == "paths.csv").Select(finding => finding.ToString()));
    }

    [Fact]
    public void A_volume_with_its_axes_flipped_or_swapped_is_brought_onto_the_grid()
    {
        var before = _site.Ask(Plain);
        var volume = NiftiVolume.Read(_site["conn/sub-03.nii.gz"]);
        var (x, y, z) = (volume.Grid.X, volume.Grid.Y, volume.Grid.Z);
        var a = volume.Grid.Affine;
        // The first axis from the other end, and the last two in each other's place.
        var turned = new Grid(x, z, y, a * new Affine(-1, 0, 0, x - 1, 0, 0, 1, 0, 0, 1, 0, 0));
        NiftiWriter.Write(_site["conn/sub-03.nii.gz"], Resampling.Onto(volume, turned, Interpolation.Nearest).Volume);
        var view = _site.Open();
        Assert.Empty(_site.Check().Faults);
        Assert.Equal(before.R!.Value, _site.Ask(Plain).R!.Value, 1e-12);
        Assert.Equal(60, StoreIngest.Run(view, _site["state/cohort.store"], null, null, TestContext.Current.CancellationToken).Rows);
        Assert.Equal(0, StoreIngest.Run(view, _site["state/cohort.store"], null, null, TestContext.Current.CancellationToken).Read);
        Assert.Equal(60, StoreIngest.Run(view, _site["state/cohort.store"], force: true, null, null, TestContext.Current.CancellationToken).Read);

        NiftiWriter.Write(_site["conn/sub-03.nii.gz"], volume with { Grid = volume.Grid with { Affine = a * new Affine(1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0) } });
        Assert.Contains("the volume is not on the site's grid", Assert.Single(_site.Check().Faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_first_volume_that_lies_alone_on_its_grid_is_named_as_the_odd_one()
    {
        var first = File.ReadAllLines(_site["paths.csv"])[1].Split(',')[2];
        var volume = NiftiVolume.Read(_site[first]);
        NiftiWriter.Write(_site[first], volume with { Grid = volume.Grid with { Affine = volume.Grid.Affine * new Affine(1, 0, 0, 0.5, 0, 1, 0, 0, 0, 0, 1, 0) } });
        var report = _site.Check();
        Assert.Contains("59 of 60 volumes lie off the grid, which is that of the first volume", Assert.Single(report.Findings, finding => finding.File == "site.yaml").Message, StringComparison.Ordinal);
        Assert.Contains("the volume is not on the site's grid", report.Faults[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_series_in_place_of_a_volume_is_named()
    {
        var volume = NiftiVolume.Read(_site["conn/sub-03.nii.gz"]);
        NiftiWriter.Write(_site["conn/sub-03.nii.gz"], volume with { Maps = 2, Values = [.. volume.Values, .. volume.Values] });
        Assert.Equal("paths.csv:4: a series of 2 volumes, expected one", Assert.Single(_site.Check().Faults).ToString());
    }

    [Fact]
    public void Holes_in_a_volume_are_a_finding_with_counts_and_so_are_masks_that_lose_voxels()
    {
        Assert.DoesNotContain(_site.Check().Findings, finding => finding.Message.Contains("has holes", StringComparison.Ordinal));
        var volume = NiftiVolume.Read(_site["conn/sub-03.nii.gz"]);
        var roi = NiftiVolume.Read(_site["masks/roi.nii.gz"]);
        int[] inside = [.. Enumerable.Range(0, roi.Values.Length).Where(voxel => roi.Values[voxel] > 0)];
        int[] outside = [.. Enumerable.Range(0, roi.Values.Length).Except(inside).Take(20)];
        var values = volume.Values.ToArray();
        foreach (var voxel in inside.Take(7).Concat(outside))
            values[voxel] = float.NaN;
        // A block of two by two by two voxels at the far corner, and a zero by itself, which is a value.
        var (x, y, z) = (volume.Grid.X, volume.Grid.Y, volume.Grid.Z);
        for (var corner = 0; corner < 8; corner++)
            values[((z - 1 - (corner >> 2)) * y + (y - 1 - ((corner >> 1) & 1))) * x + (x - 1 - (corner & 1))] = 0;
        values[inside[^1]] = 0;
        NiftiWriter.Write(_site["conn/sub-03.nii.gz"], volume with { Values = values });
        var report = _site.Check();
        Assert.Empty(report.Faults);
        var finding = Assert.Single(report.Findings, finding => finding.Message.Contains("has holes", StringComparison.Ordinal));
        Assert.StartsWith("paths.csv:4: the volume has holes: 35 of the 792 voxels that most volumes have (4.42 %), 27 not finite and 8 zero", finding.ToString(), StringComparison.Ordinal);
        Assert.Contains($"; 7 of the {inside.Length} voxels in roi", finding.Message, StringComparison.Ordinal);
        Assert.Contains(report.Findings, finding => finding.ToString() == $"masks/roi.nii.gz: 1 of 60 volumes have holes inside, up to 7 of {inside.Length} voxels");
    }

    [Fact]
    public void A_mask_where_most_volumes_have_nothing_is_a_finding()
    {
        var roi = NiftiVolume.Read(_site["masks/roi.nii.gz"]);
        int[] inside = [.. Enumerable.Range(0, roi.Values.Length).Where(voxel => roi.Values[voxel] > 0)];
        foreach (var file in Directory.GetFiles(_site["conn"]))
        {
            var volume = NiftiVolume.Read(file);
            foreach (var voxel in inside.Take(9))
                volume.Values[voxel] = 0;
            NiftiWriter.Write(file, volume);
        }

        Assert.Contains(_site.Check().Findings, finding => finding.ToString() == FormattableString.Invariant($"masks/roi.nii.gz: 9 of the {inside.Length} voxels inside ({100.0 * 9 / inside.Length:0.##} %) are zero or not finite in most volumes"));
    }

    [Fact]
    public void Greyordinates_are_named() => Assert.EndsWith(
        "CIFTI-2, greyordinates, no volume",
        Assert.Throws<NiftiException>(() => NiftiVolume.Read(FieldSite.Case("grayordinates.dscalar.nii"))).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData(null, "MNI152NLin6Asym", null)]
    [InlineData("MNI152NLin6Asym", "MNI152NLin6Asym", null)]
    [InlineData("mni152nlin6asym", "MNI152NLin6Asym", null)]
    [InlineData("ours", "ours", null)]
    [InlineData("MNI152NLin2009cAsym", "MNI152NLin6Asym", "nonlinear warp")]
    [InlineData("MNI152NLin6ASym", "mni152nlin6asym", null)]
    [InlineData("MNI152NLin6Asym:res-2", "MNI152NLin6Asym", null)]
    [InlineData("MNI152NLin6Asym", "MNI152NLin6Asym:res-02", null)]
    [InlineData("MNIInfant:cohort-2:res-1", "MNIInfant:cohort-1", "nonlinear warp")]
    [InlineData("dhcpAsym", "MNI152NLin6Asym", "nonlinear warp")]
    [InlineData("MNIInfant:cohort-2", "MNIInfant:cohort-2", null)]
    [InlineData("MNIInfant:cohort-2", "MNIInfant:cohort-1", "nonlinear warp")]
    [InlineData("fsaverage", "MNI152NLin6Asym", "fsaverage is a surface")]
    [InlineData("MNI", "MNI152NLin6Asym", "unknown space")]
    [InlineData("MNI152NLin6Asym", null, "does not say")]
    public void A_map_of_another_template_is_refused(string? space, string? template, string? why)
    {
        if (why is null)
            Assert.Null(TemplateSpace.Fault(space, template));
        else
            Assert.Contains(why, TemplateSpace.Fault(space, template), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sform_and_a_qform_that_disagree_are_a_finding()
    {
        var file = new MemoryStream();
        using (var packed = new GZipStream(File.OpenRead(_site["conn/sub-03.nii.gz"]), CompressionMode.Decompress))
            packed.CopyTo(file);
        var bytes = file.ToArray();
        // nifti1.h: qform_code at 252, the quaternion and offset from 256, pixdim from 76.
        BitConverter.TryWriteBytes(bytes.AsSpan(252), (short)1);
        foreach (var (at, value) in new[] { (76, 1f), (80, 2f), (84, 2f), (88, 2f), (256, 0f), (260, 0f), (264, 0f), (268, 500f), (272, 0f), (276, 0f) })
            BitConverter.TryWriteBytes(bytes.AsSpan(at), value);
        File.WriteAllBytes(_site["conn/sub-03.nii.gz"], bytes);
        Assert.Contains(_site.Check().Findings, finding => finding.ToString().StartsWith("paths.csv:4: sform and qform put its voxels up to", StringComparison.Ordinal));
    }

    private void Rescale(string file, Func<float, float> change)
    {
        var volume = NiftiVolume.Read(_site[file]);
        NiftiWriter.Write(_site[file], volume with { Values = [.. volume.Values.Select(change)] });
    }

    private List<string> Findings() => [.. _site.Check().Findings.Where(finding => finding.Message.Contains("largest value is more", StringComparison.Ordinal)).Select(finding => finding.ToString())];

    public void Dispose() => _site.Dispose();
}
