using System.Diagnostics;
using System.Text.Json;
using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Store;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.Cohort;

/// <summary>Scores, statistics, intervals and areas beside Debian's numpy, scipy and nibabel, on a site that is made anew.</summary>
public sealed class IndependentReferenceTests
{
    private const string Python = "/usr/bin/python3";

    [Fact]
    public async Task Every_score_with_every_statistic_agrees_with_scipy()
    {
        ServerProcess.Require("/usr/lib/python3/dist-packages/scipy/__init__.py", "python3-scipy");
        ServerProcess.Require("/usr/lib/python3/dist-packages/nibabel/__init__.py", "python3-nibabel");
        using var site = new SmallSite(subjects: 37, seed: 18);
        var random = new Random(18);
        site.Write("subjects.csv", "subject_id,visit,dx,age\n" + string.Concat(Enumerable.Range(0, 37).Select(i => $"s{i:00},1,{(i % 3 == 0 ? "A" : "B")},{random.Next(20, 90)}\n")));
        site.Write("outcomes.csv", "subject_id,visit,y,ties,responder\n" + string.Concat(Enumerable.Range(0, 37).Select(i => FormattableString.Invariant($"s{i:00},1,{random.NextDouble():R},{random.Next(5)},{random.Next(2)}\n"))));
        for (var map = 0; map < 3; map++)
            NiftiWriter.Write(site[$"map{map}.nii"], new NiftiVolume(SmallSite.Grid, 1, SmallSite.RandomMap(900 + map, holes: map)));
        Question[] questions =
        [
            .. from score in ScoreNames.All
               from stat in new[] { "pearson", "spearman", "kendall" }
               from mask in new[] { null, "M" }
               from outcome in new[] { "y", "ties", "responder" }
               select new Question(score, stat, mask, outcome, $"map{random.Next(3)}.nii", AlternativeNames.All[random.Next(3)], stat != "kendall" && random.Next(2) == 0),
        ];
        site.Write("queries.json", JsonSerializer.Serialize(questions, JsonSerializerOptions.Web));
        var expected = await ReadAsync(site.Path);

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
                Covariates = asked.Covariates ? ["age", "dx"] : [],
            };
            var scores = new CohortAnalysis(view, store).Score(query, NiftiVolume.Read(site[asked.Map]), TestContext.Current.CancellationToken);
            var result = Assert.Single(scores.Correlate(query.Statistic, AlternativeNames.Read(asked.Alternative)));
            Assert.Equal(expected[i]["n"], result.N);
            Near("r", result.R, 1e-9);
            Near("p", result.P, 1e-6 * expected[i]["p"]);
            if (asked.Stat != "kendall")
            {
                Assert.Equal((int)expected[i]["df"], result.DegreesOfFreedom);
                Near("low", result.Interval?.Low, 1e-9);
                Near("high", result.Interval?.High, 1e-9);
            }

            if (asked.Outcome == "responder" && !asked.Covariates)
            {
                Near("auc", result.Area?.Area, 1e-12);
                Near("auc_p", result.Area?.P, 1e-9);
            }

            void Near(string name, double? actual, double tolerance) =>
                Assert.True(Math.Abs(expected[i][name] - actual!.Value) <= tolerance, $"{asked}: {name} is {actual}, expected {expected[i][name]}");
        }
    }

    private static async Task<Dictionary<string, double>[]> ReadAsync(string folder)
    {
        var start = new ProcessStartInfo(Python, [Path.Combine(AppContext.BaseDirectory, "Cohort", "data", "reference.py"), folder]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var complaint = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var answer = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await complaint);
        return JsonSerializer.Deserialize<Dictionary<string, double>[]>(answer)!;
    }

    private sealed record Question(string Score, string Stat, string? Mask, string Outcome, string Map, string Alternative, bool Covariates);
}
