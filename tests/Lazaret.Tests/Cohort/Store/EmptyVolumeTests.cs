using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Store;

namespace Lazaret.Tests.Cohort.Store;

public sealed class EmptyVolumeTests : IDisposable
{
    private readonly SmallSite _site = new();

    [Fact]
    public void A_volume_without_a_finite_voxel_cannot_be_used_and_is_not_read_again_for_it()
    {
        NiftiWriter.Write(_site["conn/4.nii.gz"], new NiftiVolume(SmallSite.Grid, 1, [.. Enumerable.Repeat(float.NaN, (int)SmallSite.Grid.Voxels)]));
        Assert.Contains("no finite voxel", Assert.Single(Ingest().Unusable).Message, StringComparison.Ordinal);
        var again = Ingest();
        Assert.Equal((0, 1), (again.Read, again.Unusable.Count));
        using var store = CohortStore.Open(_site.Store);
        Assert.Equal(VolumeState.Unusable, store.StateOf(_site.Open().Rows[4]).State);
    }

    public void Dispose() => _site.Dispose();

    private IngestReport Ingest() => StoreIngest.Run(_site.Open(), _site.Store, null, null, TestContext.Current.CancellationToken);
}
