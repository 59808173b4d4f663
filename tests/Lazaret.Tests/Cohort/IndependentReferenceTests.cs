using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Prediction;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Store;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.Cohort;

/// <summary>Scores, statistics, intervals, areas and nulls beside Debian's numpy, scipy and nibabel, on sites that are made anew, with gaps in their tables.</summary>
public sealed class IndependentReferenceTests
{
    private const string Python = "/usr/bin/python3";

    private const int Draws = 199;
    private const int Surrogates = 9;

    private static readonly byte[] SurrogateSeed = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    [Theory]
    [InlineData(18, 37)]
    [InlineData(19, 52)]
    [InlineData(20, 71)]
    public async Task Random_queries_over_scores_statistics_masks_filters_covariates_and_nulls_agree_with_scipy(int seed, int subjects)
    {
        ServerProcess.Require("/usr/lib/python3/dist-packages/scipy/__init__.py", "python3-scipy");
        ServerProcess.Require("/usr/lib/python3/dist-packages/nibabel/__init__.py", "python3-nibabel");
        using var site = new SmallSite(subjects, seed);
        var random = new Random(seed);
        site.Write("subjects.csv", "subject_id,visit,dx,age\n" + string.Concat(Enumerable.Range(0, subjects).Select(i => $"s{i:00},1,{(i % 3 == 0 ? "A" : "B")},{OrGap(random.Next(20, 90))}\n")));
        site.Write("outcomes.csv", "subject_id,visit,y,ties,responder\n" + string.Concat(Enumerable.Range(0, subjects).Select(i => $"s{i:00},1,{OrGap(random.NextDouble())},{OrGap(random.Next(5))},{OrGap(random.Next(2))}\n")));
        for (var map = 0; map < 3; map++)
            NiftiWriter.Write(site[$"map{map}.nii"], new NiftiVolume(SmallSite.Grid, 1, SmallSite.RandomMap(900 + map, holes: map)));
        NiftiWriter.Write(site["smooth.nii"], new NiftiVolume(SmallSite.Grid, 1, SmoothMap(seed)));
        Question[] questions =
        [
            .. Enumerable.Range(0, 170).Select(_ => new Question(
                Any(ScoreNames.All), Any("pearson", "spearman", "kendall"), Any<string?>(null, "M"), Any("y", "ties", "responder"), Any("map0.nii", "map1.nii", "map2.nii", "smooth.nii"),
                Any(AlternativeNames.All), Covariates: random.Next(2) == 0, Any<string?>([null, .. NullNames.All]), IsWithin: random.Next(2) == 0, Any<string?>(null, "dx", "age")) { Draws = Draws, Surrogates = Surrogates }.ToAllowed()),
        ];
        site.Write("queries.json", JsonSerializer.Serialize(questions, JsonSerializerOptions.Web));
        var expected = await ReadAsync<Dictionary<string, double>[]>("reference.py", site.Path);

        var view = site.Open();
        Assert.Empty(view.Faults);
        StoreIngest.Run(view, site.Store, null, null, TestContext.Current.CancellationToken);
        using var store = CohortStore.Open(site.Store);
        for (var i = 0; i < questions.Length; i++)
        {
            var asked = questions[i];
            var query = new CohortQuery
            {
                Outcome = asked.Outcome,
                Score = Enum.GetValues<Score>().Single(score => ScoreNames.Of(score) == asked.Score),
                Statistic = Enum.Parse<Statistic>(asked.Stat, ignoreCase: true),
                Mask = asked.Mask,
                Alternative = AlternativeNames.Read(asked.Alternative),
                Filters = asked.Filter switch { "dx" => [new Filter.OneOf("dx", ["B"])], "age" => [new Filter.Within("age", 30, 70, MaxIncluded: false)], _ => [] },
                Covariates = asked.Covariates ? ["age", "dx"] : [],
                Null = asked.Null is null ? null : Enum.GetValues<NullModel>().Single(model => NullNames.Of(model) == asked.Null),
                Within = asked.IsWithin ? "dx" : null,
            };
            var (analysis, map) = (new CohortAnalysis(view, store), NiftiVolume.Read(site[asked.Map]));
            var scores = analysis.Score(query, map, TestContext.Current.CancellationToken);
            var result = Assert.Single(query.Null switch
            {
                NullModel.Permutation => PermutedResults.Of(scores, query, SHA256.HashData("18"u8), Draws),
                NullModel.Spatial => [PermutedResults.OfSurrogates(scores with { Surrogates = SurrogateScores.Of(analysis, query, map, SurrogateSeed, Surrogates, TestContext.Current.CancellationToken) }, query)],
                _ => scores.Correlate(query.Statistic, query.Alternative),
            });
            Assert.Equal(expected[i]["n"], result.N);
            Near("r", result.R, 1e-9);
            Near("p", result.P, 1e-6 * expected[i]["p"]);
            if (asked.Stat != "kendall")
            {
                Assert.Equal((int)expected[i]["df"], result.DegreesOfFreedom);
                Near("low", result.Interval?.Low, 1e-9);
                Near("high", result.Interval?.High, 1e-9);
            }

            if (asked.Null == "degree")
            {
                Near("r_degree", result.BesideDegree?.R, 1e-9);
                Near("p_degree", result.BesideDegree?.P, 1e-6 * expected[i]["p_degree"]);
            }

            if (asked.Outcome == "responder" && !asked.Covariates)
            {
                Near("auc", result.Area?.Area, 1e-12);
                Near("auc_p", result.Area?.P, 1e-9);
            }

            void Near(string name, double? actual, double tolerance) =>
                Assert.True(Math.Abs(expected[i][name] - actual!.Value) <= tolerance, $"{asked}: {name} is {actual}, expected {expected[i][name]}");
        }

        string OrGap(double value) => random.Next(15) == 0 ? "n/a" : value.ToString("R", CultureInfo.InvariantCulture);

        T Any<T>(params IReadOnlyList<T> of) => of[random.Next(of.Count)];
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1e7f)]
    public async Task Cross_validations_by_all_schemes_agree_with_scipy(float far)
    {
        ServerProcess.Require("/usr/lib/python3/dist-packages/scipy/__init__.py", "python3-scipy");
        ServerProcess.Require("/usr/lib/python3/dist-packages/nibabel/__init__.py", "python3-nibabel");
        using var site = new SmallSite(subjects: 17, seed: 25);
        // One volume in other units, with nothing that is not finite.
        NiftiWriter.Write(site["conn/4.nii.gz"], new NiftiVolume(SmallSite.Grid, 1, Array.ConvertAll(SmallSite.RandomMap(26), value => value * far)));
        var folds = new Dictionary<string, int[]> { ["loo"] = [.. Enumerable.Range(0, 17)], ["kfold"] = [.. Enumerable.Range(0, 17).Select(i => i % 5)], ["group"] = [.. Enumerable.Range(0, 17).Select(i => i % 2)] };
        site.Write("folds.json", JsonSerializer.Serialize(folds));
        var expected = await ReadAsync<Dictionary<string, double[]>>("cross_validation.py", site.Path);

        var view = site.Open();
        StoreIngest.Run(view, site.Store, null, null, TestContext.Current.CancellationToken);
        using var store = CohortStore.Open(site.Store);
        var rows = new StoredColumns(store, [.. view.Rows.Select(row => store.Find(row)!)], mask: null);
        foreach (var (name, predictions) in expected)
        {
            var statistic = Enum.Parse<Statistic>(name.Split('/')[1], ignoreCase: true);
            var found = new CrossValidation(rows, view.Outcomes["y"], folds[name.Split('/')[0]], statistic).Predict(TestContext.Current.CancellationToken);
            double[] all = [.. found, ((Correlation.Defined)Correlation.Of(statistic, found, view.Outcomes["y"], [])).R];
            Assert.All(predictions.Zip(all), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
        }
    }

    /// <summary>Waves as long as the grid, with a little noise: its surrogates must be smoothed.</summary>
    private static float[] SmoothMap(int seed)
    {
        var (random, grid) = (new Random(seed), SmallSite.Grid);
        return [.. Enumerable.Range(0, (int)grid.Voxels).Select(voxel =>
            (float)(Math.Sin(voxel % grid.X * 0.6 + seed) + Math.Cos(voxel / grid.X % grid.Y * 0.5) + Math.Sin(voxel / (grid.X * grid.Y) * 0.8) + 0.05 * random.NextDouble()))];
    }

    private static async Task<T> ReadAsync<T>(string script, string folder)
    {
        var start = new ProcessStartInfo(Python, [Path.Combine(AppContext.BaseDirectory, "Cohort", "data", script), folder]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var complaint = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var answer = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await complaint);
        return JsonSerializer.Deserialize<T>(answer)!;
    }

    private sealed record Question(string Score, string Stat, string? Mask, string Outcome, string Map, string Alternative, bool Covariates, string? Null, bool IsWithin, string? Filter)
    {
        public int Draws { get; init; }

        public int Surrogates { get; init; }

        public Question ToAllowed() => this with { Covariates = Covariates && Stat != "kendall", IsWithin = IsWithin && Null == "permutation", Null = Stat == "kendall" && Null == "degree" ? null : Null };
    }
}
