using System.Diagnostics;
using System.Text.Json;
using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Store;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.Cohort;

public sealed class OutcomeMapTests
{
    private const string Python = "/usr/bin/python3";

    [Theory]
    [InlineData("plain")]
    [InlineData("flipped")]
    public async Task Means_over_parcels_are_those_of_the_R_map_that_scipy_finds(string parcellation)
    {
        ServerProcess.Require("/usr/lib/python3/dist-packages/scipy/__init__.py", "python3-scipy");
        ServerProcess.Require("/usr/lib/python3/dist-packages/nibabel/__init__.py", "python3-nibabel");
        using var site = Site();
        var expected = await ReadAsync(site.Path, parcellation);
        var view = site.Open();
        Assert.Empty(view.Faults);
        StoreIngest.Run(view, site.Store, null, null, TestContext.Current.CancellationToken);
        using var store = CohortStore.Open(site.Store);
        foreach (var (name, means) in expected)
        {
            var query = new CohortQuery
            {
                Outcome = "y",
                Statistic = Enum.Parse<Statistic>(name.Split('/')[1], ignoreCase: true),
                Filters = name[0] == 'A' ? [new Filter.OneOf("dx", ["A"])] : [],
                Parcellation = parcellation,
            };
            var weights = CohortOutcomeMap.Of(view, store, query, CohortSelection.Of(view, query), fewest: 10, TestContext.Current.CancellationToken);
            Assert.Empty(weights.Unusable);
            foreach (var (parcel, of) in view.Parcellations.Single(known => known.Name == parcellation).Parcels.Zip(weights.Scores))
            {
                if (means[parcel.Name] is not { } mean)
                    Assert.All(of, weight => Assert.Equal(double.NaN, weight));
                else
                    Assert.Equal(mean, MeanCorrelation.Of(query.Statistic, of, weights.Selection.Outcome)!.Value, 1e-12);
            }
        }

        Assert.Equal([true, true, false, false], expected["/pearson"].Values.Select(mean => mean is not null));
    }

    [Fact]
    public void A_parcel_that_does_not_vary_in_the_cohort_has_weights_of_0_and_one_that_nobody_has_none()
    {
        using var site = Site();
        for (var subject = 0; subject < 11; subject++)
        {
            // Of the first parcel's voxels only those with dx B, the odd ones, have any connectivity.
            var volume = NiftiVolume.Read(site[$"conn/{subject}.nii.gz"]).Values;
            for (var voxel = 0; voxel < volume.Length; voxel++)
                volume[voxel] = voxel / 77 != 0 ? volume[voxel] : subject % 2 == 0 ? 0 : subject + voxel;
            NiftiWriter.Write(site[$"conn/{subject}.nii.gz"], new NiftiVolume(SmallSite.Grid, 1, volume));
        }

        var view = site.Open();
        StoreIngest.Run(view, site.Store, null, null, TestContext.Current.CancellationToken);
        using var store = CohortStore.Open(site.Store);
        var query = new CohortQuery { Outcome = "y", Statistic = Statistic.Pearson, Filters = [new Filter.OneOf("dx", ["A"])], Parcellation = "plain" };
        var weights = CohortOutcomeMap.Of(view, store, query, CohortSelection.Of(view, query), fewest: 10, TestContext.Current.CancellationToken).Scores;
        Assert.All(weights[0], weight => Assert.Equal(0, weight));
        Assert.Contains(weights[1], weight => weight != 0);
        Assert.All(weights[3], weight => Assert.Equal(double.NaN, weight));
    }

    /// <summary>Parcels of 77 voxels, of 80, of 6, and one of voxels that somebody lacks.</summary>
    private static SmallSite Site()
    {
        var site = new SmallSite();
        for (var subject = 0; subject < 11; subject++)
        {
            var volume = SmallSite.RandomMap(70 + subject);
            // The same everywhere in all of them.
            volume[5] = 2;
            volume[20] = subject == 4 ? float.NaN : volume[20];
            for (var voxel = 600; voxel < 640; voxel++)
                volume[voxel] = subject == 7 ? float.PositiveInfinity : volume[voxel];
            NiftiWriter.Write(site[$"conn/{subject}.nii.gz"], new NiftiVolume(SmallSite.Grid, 1, volume));
        }

        Directory.CreateDirectory(site["parcellations"]);
        site.Write("site.yaml", "parcellations: [plain, flipped]\n");
        var labels = new float[SmallSite.Grid.Voxels];
        foreach (var (first, count, label) in new[] { (0, 77, 3), (200, 80, 7), (400, 6, 8), (600, 40, 12) })
            labels.AsSpan(first, count).Fill(label);
        foreach (var (name, grid) in new[] { ("plain", SmallSite.Grid), ("flipped", SmallSite.Grid with { Affine = new Affine(-2, 0, 0, 10, 0, 2, 0, -8, 0, 0, 2, -6) }) })
        {
            site.Write($"parcellations/{name}.csv", "index,name\n3,front\n7,back\n8,nucleus\n12,hole\n");
            NiftiWriter.Write(site[$"parcellations/{name}.nii.gz"], new NiftiVolume(grid, 1, labels));
        }

        return site;
    }

    private static async Task<Dictionary<string, Dictionary<string, double?>>> ReadAsync(string folder, string parcellation)
    {
        var start = new ProcessStartInfo(Python, [Path.Combine(AppContext.BaseDirectory, "Cohort", "data", "outcome_map.py"), folder, parcellation]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var complaint = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var answer = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await complaint);
        return JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, double?>>>(answer)!;
    }
}
