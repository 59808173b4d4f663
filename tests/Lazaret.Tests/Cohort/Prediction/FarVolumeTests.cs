using System.Globalization;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Prediction;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Statistics.Permutations;
using Lazaret.Cohort.Store;

namespace Lazaret.Tests.Cohort.Prediction;

/// <summary>Cross-validations where one volume or outcome is far from all others, beside the definition in decimal numbers of 28 digits.</summary>
public sealed class FarVolumeTests
{
    private const int Subjects = 20;
    private const int Far = 8;

    public static MatrixTheoryData<string, string> Cases { get; } = new(["loo", "kfold", "group"], ["plain", "1e5", "1e7", "+1e7", "outcome", "outcome and 1e7"]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_volume_or_outcome_that_is_far_from_the_others_costs_no_digits(string scheme, string far)
    {
        using var site = new SmallSite(Subjects, seed: 31);
        if (far.EndsWith("1e5", StringComparison.Ordinal) || far.EndsWith("1e7", StringComparison.Ordinal))
        {
            var volume = NiftiVolume.Read(site[$"conn/{Far}.nii.gz"]).Values;
            var by = far.EndsWith("1e5", StringComparison.Ordinal) ? 1e5f : 1e7f;
            NiftiWriter.Write(site[$"conn/{Far}.nii.gz"], new NiftiVolume(SmallSite.Grid, 1, Array.ConvertAll(volume, value => far[0] == '+' ? value + by : value * by)));
        }

        var view = site.Open();
        StoreIngest.Run(view, site.Store, null, null, TestContext.Current.CancellationToken);
        using var store = CohortStore.Open(site.Store);
        var rows = new StoredColumns(store, [.. view.Rows.Select(row => store.Find(row)!)], mask: null);
        double[] outcome = [.. view.Outcomes["y"]];
        if (far.StartsWith("outcome", StringComparison.Ordinal))
            outcome[3] += 1e7;
        int[] folds = [.. Enumerable.Range(0, Subjects).Select(row => scheme switch { "loo" => row, "kfold" => row % 5, _ => row % 2 })];
        var volumes = Enumerable.Range(0, Subjects).Select(row => Read(rows, row)).ToArray();

        Compare(new CrossValidation(rows, outcome, folds, Statistic.Pearson).Predict(TestContext.Current.CancellationToken), outcome);
        var orders = Shuffles.Of(Subjects, [], [9], draws: 3, allIfFew: false);
        var permuted = new PermutedPredictions(rows, new PermutedOutcomes(outcome, folds, orders.Orders(), orders.Count)).Predict(TestContext.Current.CancellationToken);
        foreach (var (order, found) in orders.Orders().Zip(permuted))
            Compare(found, Array.ConvertAll(order, row => outcome[row]));

        void Compare(double[] found, double[] given)
        {
            var expected = Definition(volumes, given, folds);
            Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
            var (r, near) = (Correlation.Of(Statistic.Pearson, expected, given, []), Correlation.Of(Statistic.Pearson, found, given, []));
            Assert.Equal(1, ((Correlation.Defined)near).R / ((Correlation.Defined)r).R, 1e-9);
        }
    }

    private static double[] Definition(decimal?[][] volumes, double[] outcome, int[] folds)
    {
        var maps = folds.Distinct().ToDictionary(fold => fold, fold => Enumerable.Range(0, volumes[0].Length).Select(voxel =>
            Pearson([.. Enumerable.Range(0, Subjects).Where(row => folds[row] != fold && volumes[row][voxel] is not null).Select(row => (volumes[row][voxel]!.Value, Exact(outcome[row])))])).ToArray());
        return [.. folds.Select((fold, row) => (double)Pearson([.. maps[fold].Zip(volumes[row]).Where(pair => pair is { First: not null, Second: not null }).Select(pair => (pair.First!.Value, pair.Second!.Value))])!.Value)];
    }

    private static decimal? Pearson((decimal X, decimal Y)[] pairs)
    {
        if (pairs.Length < 3 || pairs.DistinctBy(pair => pair.X).Count() < 2 || pairs.DistinctBy(pair => pair.Y).Count() < 2)
            return null;
        var (meanX, meanY, xx, yy, xy) = (pairs.Average(pair => pair.X), pairs.Average(pair => pair.Y), 0m, 0m, 0m);
        foreach (var (x, y) in pairs)
            (xx, yy, xy) = (xx + (x - meanX) * (x - meanX), yy + (y - meanY) * (y - meanY), xy + (x - meanX) * (y - meanY));
        return xy / (Root(xx) * Root(yy));
    }

    private static decimal Root(decimal square)
    {
        var root = (decimal)Math.Sqrt((double)square);
        for (var i = 0; i < 3; i++)
            root = (root + square / root) / 2;
        return root;
    }

    private static decimal?[] Read(StoredColumns rows, int row)
    {
        var values = new float[rows.Count];
        rows.Row(row, values);
        return Array.ConvertAll(values, value => float.IsFinite(value) ? Exact(value) : (decimal?)null);
    }

    /// <summary>With all digits: a conversion would keep fifteen.</summary>
    private static decimal Exact(double value) => decimal.Parse(value.ToString("F28", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
