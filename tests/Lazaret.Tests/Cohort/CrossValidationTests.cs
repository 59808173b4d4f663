using System.Security.Cryptography;
using System.Text.Json;
using Lazaret.Cohort;
using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Prediction;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Statistics.Permutations;
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

    /// <param name="together">Rows in a fold.</param>
    /// <param name="ones">Of an outcome of zeros and ones, how many are one; 0 for an outcome of numbers.</param>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(2, 2)]
    [InlineData(1, 4)]
    public void Predictions_of_outcomes_in_other_orders_are_what_a_cross_validation_of_them_gives(int together, int ones)
    {
        using var site = new SmallSite(subjects: 14, seed: 23);
        var view = site.Open();
        StoreIngest.Run(view, site.Store, null, null, TestContext.Current.CancellationToken);
        using var store = CohortStore.Open(site.Store);
        var rows = new StoredColumns(store, [.. view.Rows.Select(row => store.Find(row)!)], mask: null);
        double[] outcome = ones == 0 ? view.Outcomes["y"] : [.. Enumerable.Range(0, 14).Select(row => row < ones ? 1.0 : 0)];
        int[] folds = [.. Enumerable.Range(0, 14).Select(row => row / together)];
        var orders = Shuffles.Of(14, [], [7], draws: 53, allIfFew: false);
        var predicted = new PermutedPredictions(rows, new PermutedOutcomes(outcome, folds, orders.Orders(), orders.Count)).Predict(TestContext.Current.CancellationToken);
        Assert.Equal(53, predicted.Length);
        var undefined = 0;
        foreach (var (order, found) in orders.Orders().Zip(predicted))
        {
            var expected = new CrossValidation(rows, Array.ConvertAll(order, row => outcome[row]), folds, Statistic.Pearson).Predict(TestContext.Current.CancellationToken);
            Assert.Equal(expected.Select(double.IsFinite), found.Select(double.IsFinite));
            Assert.All(expected.Zip(found).Where(pair => double.IsFinite(pair.First)), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
            undefined += expected.Count(prediction => !double.IsFinite(prediction));
        }

        // Where both ones are left out together, nothing varies in the others.
        Assert.Equal(ones == 2, undefined > 0);
    }

    [Fact]
    public void A_permuted_cross_validation_is_wrong_in_five_of_a_hundred_nulls()
    {
        using var site = new SmallSite(subjects: 20, seed: 24);
        var view = site.Open();
        StoreIngest.Run(view, site.Store, null, null, TestContext.Current.CancellationToken);
        using var store = CohortStore.Open(site.Store);
        var query = new CohortQuery { Outcome = "y", Statistic = Statistic.Pearson, Folds = FoldScheme.Loo, Mask = "M", Null = NullModel.Permutation };
        var random = new Random(24);
        var positives = 0;
        for (var round = 0; round < 2000; round++)
        {
            var selection = CohortSelection.Of(view, query) with { Outcome = [.. Enumerable.Range(0, 20).Select(_ => Math.Exp(2 * random.NextDouble()))] };
            var seed = SHA256.HashData(BitConverter.GetBytes(round));
            var scores = CohortPrediction.Of(view, store, query, selection, [.. Enumerable.Range(0, 20)], withReach: false, (seed, 99), TestContext.Current.CancellationToken);
            var result = PermutedResults.OfPredictions(view, scores, query, seed);
            Assert.Equal(99, result.Permutation!.Orders);
            positives += result.P <= 0.05 ? 1 : 0;
        }

        Assert.InRange(positives / 2000.0, 0.04, 0.06);
    }

    [Fact]
    public void Its_p_is_that_of_the_fields_own_tools()
    {
        using var folder = new TemporaryFolder();
        var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(Site, "scores.json"))).RootElement.GetProperty("permutation_loo_pearson");
        var view = DataView.Open(Site);
        StoreIngest.Run(view, folder["cohort.store"], null, null, TestContext.Current.CancellationToken);
        using var store = CohortStore.Open(folder["cohort.store"]);
        var query = new CohortQuery { Outcome = "score", Statistic = Statistic.Pearson, Folds = FoldScheme.Loo, Null = NullModel.Permutation, Alternative = Alternative.Greater };
        var (selection, seed) = (CohortSelection.Of(view, query), SHA256.HashData([1]));
        var scores = CohortPrediction.Of(view, store, query, selection, CohortPrediction.FoldsOf(view, query, selection, []), withReach: false, (seed, 400), TestContext.Current.CancellationToken);
        var result = PermutedResults.OfPredictions(view, scores, query, seed);
        Assert.Equal(expected.GetProperty("r").GetDouble(), result.R!.Value, 1e-9);
        // Theirs rests on 99 orders: its standard error is 0.045.
        Assert.Equal(expected.GetProperty("p_greater_plus_one").GetDouble(), result.P!.Value, 0.1);
        Assert.Equal(expected.GetProperty("null_mean").GetDouble(), CohortPrediction.PermutedR(selection, [.. selection.Rows.Select(_ => true)], scores.Surrogates, Statistic.Pearson, seed).Average()!.Value, 0.06);
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
