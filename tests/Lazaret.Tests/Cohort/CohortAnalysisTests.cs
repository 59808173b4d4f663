using System.Text.Json;
using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort;

public sealed class CohortAnalysisTests
{
    private static readonly string[] Refused = ["q11", "q12", "q14", "q15"];
    private static readonly JsonElement Expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(TinySite.Folder, "expected.json"))).RootElement.GetProperty("queries");

    public static TheoryData<string> Queries => [.. Expected.EnumerateArray().Select(query => query.GetProperty("id").GetString()!)];

    [Theory]
    [MemberData(nameof(Queries))]
    public void A_query_agrees_with_numpy_and_scipy_or_is_refused(string id)
    {
        var expected = Expected.EnumerateArray().Single(query => query.GetProperty("id").GetString() == id);
        var view = TinySite.Open();
        if (Refused.Contains(id[..3]))
            Assert.IsType<QueryParse.Refused>(Parse(expected, view, Asker.Requester));
        if (id.StartsWith("q11", StringComparison.Ordinal) || id.StartsWith("q12", StringComparison.Ordinal) || id.StartsWith("q15", StringComparison.Ordinal))
        {
            Assert.IsType<QueryParse.Refused>(Parse(expected, view, Asker.Steward));
            return;
        }

        var query = Assert.IsType<QueryParse.Accepted>(Parse(expected, view, Asker.Steward)).Query;
        var map = NiftiVolume.Read(Path.Combine(TinySite.Folder, expected.GetProperty("map").GetString()!));
        var result = Assert.Single(new CohortAnalysis(view).Run(query, map, TestContext.Current.CancellationToken));

        AssertClose(expected.GetProperty("float64_sums"), result, 1e-12, 1e-12);
        AssertClose(expected.GetProperty("float32_reference"), result, 1e-6, 1e-5);
    }

    [Fact]
    public void A_batch_answers_like_its_maps_one_by_one()
    {
        var view = TinySite.Open();
        var singles = new[] { "main.nii.gz", "nan.nii.gz", "int16.nii.gz" }.Select(name => NiftiVolume.Read(TinySite.Map(name))).ToArray();
        var batch = new NiftiVolume(singles[0].Grid, 3, [.. singles.SelectMany(map => map.Values)]);
        var query = new CohortQuery { Outcome = "UPDRS_change", Statistic = default, Mask = "STN" };
        var analysis = new CohortAnalysis(view);
        Assert.Equal(
            singles.SelectMany(map => analysis.Run(query, map, TestContext.Current.CancellationToken)),
            analysis.Run(query, batch, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Covariates_are_taken_out_and_cost_degrees_of_freedom()
    {
        var view = TinySite.Open();
        var map = NiftiVolume.Read(TinySite.Map("main.nii.gz"));
        var plain = new CohortQuery { Outcome = "UPDRS_change", Statistic = default };
        var analysis = new CohortAnalysis(view);
        var scores = analysis.Score(plain with { Covariates = ["YBOCS_change", "age", "dx"] }, map, TestContext.Current.CancellationToken);

        // YBOCS_change is missing in two of the 25 rows; dx has three levels.
        Assert.Equal(23, scores.Selection.Rows.Count);
        Assert.Equal(4, scores.Selection.Covariates.Count);
        var result = Assert.Single(scores.Correlate(default));
        Assert.NotEqual(Assert.Single(analysis.Run(plain, map, TestContext.Current.CancellationToken)).R, result.R);
        Assert.Equal(Lazaret.Cohort.Statistics.Pearson.P(result.R!.Value, 23 - 2 - 4), result.P);
    }

    [Fact]
    public void A_covariate_of_numbers_that_is_declared_a_category_has_no_order()
    {
        using var site = new SmallSite();
        var subjects = File.ReadAllText(site["subjects.csv"]);
        var answers = new[] { ("1", "2", "9"), ("north", "south", "west") }.Select(names =>
        {
            var line = 0;
            site.Write("subjects.csv", string.Concat(subjects.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(row => $"{row},{(line++ == 0 ? "center" : (line % 3) switch { 0 => names.Item1, 1 => names.Item2, _ => names.Item3 })}\n")));
            site.Write("site.yaml", $"variables:\n  center: {{levels: ['{names.Item1}', '{names.Item2}', '{names.Item3}']}}\n");
            var view = site.Open();
            Assert.Empty(view.Faults);
            var query = new CohortQuery { Outcome = "y", Statistic = default, Covariates = ["center"] };
            return Assert.Single(new CohortAnalysis(view).Run(query, new NiftiVolume(SmallSite.Grid, 1, SmallSite.RandomMap(42)), TestContext.Current.CancellationToken));
        }).ToArray();
        Assert.Equal(answers[1], answers[0]);
    }

    [Fact]
    public void A_subject_that_shares_no_finite_voxel_with_the_map_is_dropped()
    {
        using var site = new TemporaryFolder();
        var grid = new Grid(2, 1, 1, Affine.Identity);
        site.Write("subjects.csv", "subject_id,visit\na,1\nb,1\nc,1\nd,1\n");
        site.Write("outcomes.csv", "subject_id,visit,y\na,1,1\nb,1,3\nc,1,2\nd,1,4\n");
        site.Write("paths.csv", "subject_id,visit,conn_path\na,1,a.nii\nb,1,b.nii\nc,1,c.nii\nd,1,d.nii\n");
        float[][] volumes = [[1, 2], [float.NaN, 5], [5, float.NegativeInfinity], [4, 9]];
        for (var i = 0; i < 4; i++)
            NiftiWriter.Write(site[$"{"abcd"[i]}.nii"], new NiftiVolume(grid, 1, volumes[i]));
        var scores = new CohortAnalysis(DataView.Open(site.Path))
            .Score(new CohortQuery { Outcome = "y", Statistic = default }, new NiftiVolume(grid, 1, [2, float.NaN]), TestContext.Current.CancellationToken);
        Assert.Equal([2, double.NaN, 10, 8], scores.Scores[0]);
        Assert.Equal(3, Assert.Single(scores.Correlate(default)).N);
    }

    [Fact]
    public void A_volume_that_went_bad_is_named_by_its_line_and_left_out()
    {
        using var site = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(TinySite.Folder, "*.csv").Append(Path.Combine(TinySite.Folder, "conn", "sub-0000.nii.gz")))
        {
            Directory.CreateDirectory(site["conn"]);
            File.Copy(file, site[Path.GetRelativePath(TinySite.Folder, file)]);
        }

        File.WriteAllBytes(site["conn/sub-0001.nii.gz"], File.ReadAllBytes(site["conn/sub-0000.nii.gz"])[..^9]);
        var view = DataView.Open(site.Path);
        Assert.Equal(2, view.Rows.Count);
        var scores = new CohortAnalysis(view)
            .Score(new CohortQuery { Outcome = "YBOCS_change", Statistic = default }, NiftiVolume.Read(TinySite.Map("main.nii.gz")), TestContext.Current.CancellationToken);
        var fault = Assert.Single(scores.Unusable);
        Assert.Equal("paths.csv:28: no sound volume: gzip: the file is cut off: copy it again", fault.ToString());
        Assert.Equal(1, Assert.Single(scores.Correlate(default)).N);
    }

    private static QueryParse Parse(JsonElement query, DataView view, Asker asker) => CohortQuery.Parse(
        new QueryFields
        {
            Outcome = query.GetProperty("outcome").GetString(),
            Stat = query.GetProperty("stat").GetString(),
            Mask = query.GetProperty("mask").GetString(),
            Filters = query.GetProperty("filters").GetRawText(),
        },
        Catalog.Of(view, minimumCohort: 1),
        asker);

    private static void AssertClose(JsonElement expected, CohortResult actual, double toleranceR, double toleranceP)
    {
        Assert.Equal(expected.GetProperty("n").GetInt32(), actual.N);
        if (expected.GetProperty("R").ValueKind == JsonValueKind.Null)
        {
            Assert.Null(actual.R);
            Assert.Null(actual.P);
            return;
        }

        Assert.Equal(expected.GetProperty("R").GetDouble(), actual.R!.Value, toleranceR);
        var p = expected.GetProperty("p").GetDouble();
        Assert.Equal(p, actual.P!.Value, p * toleranceP);
    }
}
