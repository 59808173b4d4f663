using Lazaret.Cohort;
using Lazaret.Cohort.Kernels;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Prediction;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Store;

namespace Lazaret.Tests.Cohort.Kernels;

public sealed class OrderedSumsTests
{
    private const int Subjects = 12;

    /// <summary>So large that several threads are at work.</summary>
    private static readonly Grid Grid = new(50, 50, 40, SmallSite.Grid.Affine);

    [Fact]
    public void Whichever_thread_ends_first_R_maps_and_what_predictions_take_are_the_same_to_the_last_digit()
    {
        using var site = new SmallSite(Subjects);
        Directory.Delete(site["masks"], recursive: true);
        Directory.CreateDirectory(site["parcellations"]);
        site.Write("site.yaml", "parcellations: [whole]\n");
        site.Write("parcellations/whole.csv", "index,name\n1,whole\n");
        NiftiWriter.Write(site["parcellations/whole.nii.gz"], new NiftiVolume(Grid, 1, [.. Enumerable.Repeat(1f, (int)Grid.Voxels)]));
        var random = new Random(41);
        for (var subject = 0; subject < Subjects; subject++)
            NiftiWriter.Write(site[$"conn/{subject}.nii.gz"], new NiftiVolume(Grid, 1, [.. Enumerable.Range(0, (int)Grid.Voxels).Select(_ => random.NextSingle())]));
        var view = site.Open();
        Assert.Empty(view.Faults);
        StoreIngest.Run(view, site.Store, null, null, TestContext.Current.CancellationToken);
        using var store = CohortStore.Open(site.Store);
        var query = new CohortQuery { Outcome = "y", Statistic = Statistic.Pearson, Parcellation = "whole" };
        var rows = new StoredColumns(store, [.. view.Rows.Select(row => store.Find(row)!)], mask: null);
        var (weights, reach) = (Weights(), Reached());
        for (var run = 0; run < 20; run++)
        {
            Assert.Equal(weights, Weights());
            Assert.Equal(reach, Reached());
        }

        double[] Weights() => CohortOutcomeMap.Of(view, store, query, CohortSelection.Of(view, query), fewest: 10, TestContext.Current.CancellationToken).Scores[0];

        double[][] Reached() => Reach.Of(rows, [.. Enumerable.Range(0, Subjects)], TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_ends_a_sum_ends_it_for_all_threads()
    {
        foreach (var at in new[] { 0, 5, 63, 200 })
        {
            Action<int, int> add = (block, _) =>
            {
                if (block == at)
                    throw new IOException("gone");
            };
            var failed = await Assert.ThrowsAsync<AggregateException>(() => Task.Run(() => OrderedSums.Add(201, () => 0, add, _ => { }, CancellationToken.None), TestContext.Current.CancellationToken));
            Assert.Equal("gone", Assert.Single(failed.InnerExceptions).Message);
        }

        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Run(() => OrderedSums.Add(1000, () => 0, (block, _) => stop.Cancel(), _ => { }, stop.Token), TestContext.Current.CancellationToken));
    }
}
