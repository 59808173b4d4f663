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
