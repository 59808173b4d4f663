using System.Text.Json;
using Lazaret.Cohort.Prediction;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Store;
using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort;

public sealed class CrossValidationTests
{
    private static readonly string Site = Path.Combine(AppContext.BaseDirectory, "Cohort", "data", "scores_site");

    [Theory]
    [InlineData(Statistic.Pearson)]
    [InlineData(Statistic.Spearman)]
    public void Every_scheme_agrees_with_the_fields_own_tools(Statistic statistic)
    {
        using var folder = new TemporaryFolder();
        var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(Site, "scores.json"))).RootElement.GetProperty($"rmap_{statistic.ToString().ToLowerInvariant()}");
        var view = DataView.Open(Site);
        StoreIngest.Run(view, folder["cohort.store"], null, null, TestContext.Current.CancellationToken);
        using var store = CohortStore.Open(folder["cohort.store"]);
        var rows = new StoredColumns(store, [.. view.Rows.Select(row => store.Find(row)!)], mask: null);
        var outcome = view.Outcomes["score"];
        string[] subjects = [.. view.Rows.Select(row => row.SubjectId)];
        foreach (var (name, folds) in new[]
        {
            ("loo", Folds.Of(FoldScheme.Loo, subjects, [], [])),
            ("kfold5_i_mod_5", [.. Enumerable.Range(0, 60).Select(i => i % 5)]),
            ("leave_one_group_out_sex", Folds.Of(FoldScheme.Group, subjects, view.Attributes["sex"], [])),
        })
        {
            var predicted = new CrossValidation(rows, outcome, folds, statistic).Predict(TestContext.Current.CancellationToken);
            var result = (Correlation.Defined)Correlation.Of(statistic, predicted, outcome, []);
            Assert.True(Math.Abs(expected.GetProperty(name)[0].GetDouble() - result.R) < 1e-9, $"{name}: {result.R:R}, expected {expected.GetProperty(name)[0]}");
            Assert.Equal(expected.GetProperty(name)[1].GetDouble(), result.P, 1e-6 * result.P);
            if (name == "loo")
                Assert.All(expected.GetProperty("loo_first_three").EnumerateArray().Zip(predicted), pair => Assert.Equal(pair.First.GetDouble(), pair.Second, 1e-9));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Sums_over_voxels_are_what_the_definition_says_of_volumes_with_holes_and_rows_left_out_together(int together)
    {
        using var site = new SmallSite(subjects: 14, seed: 21);
        var view = site.Open();
        StoreIngest.Run(view, site.Store, null, null, TestContext.Current.CancellationToken);
        using var store = CohortStore.Open(site.Store);
        var rows = new StoredColumns(store, [.. view.Rows.Select(row => store.Find(row)!)], mask: null);
        var outcome = view.Outcomes["y"];
        int[] folds = [.. Enumerable.Range(0, 14).Select(row => row / together)];
        var predicted = new CrossValidation(rows, outcome, folds, Statistic.Pearson).Predict(TestContext.Current.CancellationToken);
        double[][] volumes = [.. view.Rows.Select((_, row) => Read(rows, row))];
        for (var row = 0; row < 14; row++)
        {
            var (map, own) = (new List<double>(), new List<double>());
            for (var voxel = 0; voxel < rows.Count; voxel++)
            {
                int[] others = [.. Enumerable.Range(0, 14).Where(other => folds[other] != folds[row] && double.IsFinite(volumes[other][voxel]))];
                if (!double.IsFinite(volumes[row][voxel]) || Correlation.Of(Statistic.Pearson, Array.ConvertAll(others, other => volumes[other][voxel]), Array.ConvertAll(others, other => outcome[other]), []) is not Correlation.Defined(var r, _))
                    continue;
                map.Add(r);
                own.Add(volumes[row][voxel]);
            }

            Assert.Equal(((Correlation.Defined)Correlation.Of(Statistic.Pearson, [.. map], [.. own], [])).R, predicted[row], 1e-9);
        }
    }

    [Fact]
    public void What_a_prediction_takes_from_whom_is_a_product_of_voxels_for_any_number_of_rows()
    {
        using var site = new SmallSite(subjects: 7, seed: 22);
        var view = site.Open();
        StoreIngest.Run(view, site.Store, null, null, TestContext.Current.CancellationToken);
        using var store = CohortStore.Open(site.Store);
        var rows = new StoredColumns(store, [.. view.Rows.Select(row => store.Find(row)!)], mask: null);
        int[] folds = [0, 1, 2, 2, 3, 4, 5];
        var reach = Reach.Of(rows, folds, TestContext.Current.CancellationToken);
        double[][] volumes = [.. Enumerable.Range(0, 7).Select(row => Read(rows, row))];
        double[][] byRow = Array.ConvertAll(volumes, Standard);
        double[][] byVoxel = [.. Enumerable.Range(0, rows.Count).Select(voxel => Standard(Array.ConvertAll(volumes, volume => volume[voxel])))];
        for (var i = 0; i < 7; i++)
        {
            for (var j = 0; j < 7; j++)
                Assert.Equal(folds[i] == folds[j] ? 0 : Enumerable.Range(0, rows.Count).Sum(voxel => byRow[i][voxel] * byVoxel[voxel][j]), reach[i][j], 1e-5);
        }
    }

    private static double[] Read(StoredColumns rows, int row)
    {
        var values = new float[rows.Count];
        rows.Row(row, values);
        return Array.ConvertAll(values, value => (double)value);
    }

    /// <summary>Centred and of length 1 over what is finite, and 0 elsewhere.</summary>
    private static double[] Standard(double[] values)
    {
        var unit = Pearson.Centre([.. values.Where(double.IsFinite)]);
        var next = 0;
        return Array.ConvertAll(values, value => unit is not null && double.IsFinite(value) ? unit[next++] : 0);
    }

    [Fact]
    public void Parts_are_drawn_by_subject_and_by_the_seed()
    {
        string[] subjects = [.. Enumerable.Range(0, 23).SelectMany(i => new[] { $"s{i:00}", $"s{i:00}" })];
        var folds = Folds.Of(FoldScheme.Kfold, subjects, [], [1]);
        Assert.All(Enumerable.Range(0, 23), i => Assert.Equal(folds[2 * i], folds[2 * i + 1]));
        Assert.Equal([10, 10, 10, 8, 8], folds.CountBy(fold => fold).Select(fold => fold.Value).OrderDescending());
        Assert.Equal(folds, Folds.Of(FoldScheme.Kfold, subjects, [], [1]));
        Assert.NotEqual(folds, Folds.Of(FoldScheme.Kfold, subjects, [], [2]));
    }
}
