using System.Runtime.InteropServices;
using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Tests.Cohort.Nifti;

/// <summary>Maps of double precision that single precision does not hold.</summary>
public sealed class SingleRoundingTests
{
    private const int Voxels = 64;

    [Fact]
    public void A_map_of_numbers_below_single_precision_is_told_apart_from_zeros()
    {
        Assert.Contains("all values are below those of single precision", Assert.ThrowsAny<NiftiException>(() => Place(voxel => (Wave(voxel) + 0.1) * 1e-60)).Message, StringComparison.Ordinal);
        Assert.IsType<MapPlacement.Placed>(Place(_ => 0));
        // Single voxels of a map of p may be as small as that.
        Assert.IsType<MapPlacement.Placed>(Place(voxel => voxel < 9 ? 1e-60 : Wave(voxel)));
    }

    [Fact]
    public void A_map_whose_differences_an_offset_hides_is_refused_with_what_mends_it()
    {
        Assert.EndsWith("does not hold: subtract the offset", Assert.IsType<MapPlacement.Refused>(Place(voxel => Wave(voxel) + 1e6)).Reason, StringComparison.Ordinal);
        // The same inside a brain, outside of which all is 0.
        Assert.IsType<MapPlacement.Refused>(Place(voxel => voxel % 2 == 0 ? 0 : Wave(voxel) + 1e6));
        var second = Assert.IsType<MapPlacement.Refused>(Place(voxel => voxel < Voxels ? Wave(voxel) : Wave(voxel) + 1e6, maps: 2));
        Assert.StartsWith("map 2 of 2: its values are 1e+06 on average", second.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(10, 1)]
    [InlineData(1000, 100)]
    [InlineData(0, 1e-30)]
    [InlineData(0, 1e30)]
    [InlineData(0.1, 0)]
    [InlineData(1, 1e-14)]
    public void Ordinary_maps_are_placed(double offset, double factor)
    {
        Assert.IsType<MapPlacement.Placed>(Place(voxel => (factor * Wave(voxel)) + offset));
        Assert.IsType<MapPlacement.Placed>(Place(voxel => voxel % 3 == 0 ? double.NaN : voxel % 2 == 0 ? 0 : (factor * Wave(voxel)) + offset));
    }

    [Fact]
    public void Volumes_that_single_precision_does_not_hold_are_a_finding()
    {
        using var site = new SmallSite();
        var affine = SmallSite.Grid.Affine;
        var file = new NiftiFile(type: NiftiType.Float64, dims: [11, 9, 7], data: Bytes(Enumerable.Range(0, (int)SmallSite.Grid.Voxels), voxel => Wave(voxel) + 1e6));
        for (var i = 0; i < 12; i++)
            file.Set($"srow[{i}]", affine[i / 4, i % 4]);
        File.WriteAllBytes(site["conn/4.nii.gz"], file.Whole);
        var report = SiteCheck.Run(site.Open(), null, null, TestContext.Current.CancellationToken);
        Assert.Empty(report.Faults);
        Assert.StartsWith("paths.csv:6: in 1 of 11 volumes, this the first, single precision does not hold the values: its values are 1e+06", Assert.Single(report.Findings, finding => finding.Message.Contains("single precision", StringComparison.Ordinal)).ToString(), StringComparison.Ordinal);
    }

    private static double Wave(int voxel) => Math.Sin(voxel * 1.37);

    private static byte[] Bytes(IEnumerable<int> voxels, Func<int, double> valueOf) => MemoryMarshal.AsBytes<double>(voxels.Select(valueOf).ToArray()).ToArray();

    private static MapPlacement Place(Func<int, double> valueOf, int maps = 1)
    {
        var file = new NiftiFile(type: NiftiType.Float64, dims: maps == 1 ? [4, 4, 4] : [4, 4, 4, maps], data: Bytes(Enumerable.Range(0, maps * Voxels), valueOf));
        using var reader = NiftiReader.Open(new MemoryStream(file.Whole));
        return MapPlacement.Read(reader, reader.Header.Grid);
    }
}
