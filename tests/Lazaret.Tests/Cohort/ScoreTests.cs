using System.Security.Cryptography;
using System.Text.Json;
using Lazaret.Cohort;
using Lazaret.Cohort.Kernels;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Store;
using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort;

public sealed class ScoreTests
{
    private static readonly string Site = Path.Combine(AppContext.BaseDirectory, "Cohort", "data", "scores_site");

    public static TheoryData<Score> Scores => [.. Enum.GetValues<Score>()];

    public static TheoryData<KernelWidth> Widths => [.. Enum.GetValues<KernelWidth>()];

    [Theory]
    [MemberData(nameof(Scores))]
    public void Every_score_agrees_with_the_fields_own_tools_from_volumes_and_from_the_store(Score score)
    {
        using var folder = new TemporaryFolder();
        var name = score == Score.MeanInside ? "mean_inside_positive" : ScoreNames.Of(score);
        var expected = Expected("map_scores").GetProperty(name);
        var view = DataView.Open(Site);
        var map = NiftiVolume.Read(Path.Combine(Site, "scores_map.nii.gz"));
        StoreIngest.Run(view, folder["cohort.store"], null, null, TestContext.Current.CancellationToken);
        using var store = CohortStore.Open(folder["cohort.store"]);
        foreach (var analysis in new[] { new CohortAnalysis(view), new CohortAnalysis(view, store) })
        {
            var query = new CohortQuery { Outcome = "score", Score = score, Statistic = default };
            var scores = analysis.Score(query, map, TestContext.Current.CancellationToken);
            Assert.All(expected.GetProperty("first_three").EnumerateArray().Zip(scores.Scores[0]), pair => Assert.Equal(pair.First.GetDouble(), pair.Second, 1e-9 * Math.Max(1, Math.Abs(pair.Second))));
            foreach (var statistic in new[] { Statistic.Pearson, Statistic.Spearman })
            {
                var (r, p) = (expected.GetProperty(statistic.ToString().ToLowerInvariant())[0].GetDouble(), expected.GetProperty(statistic.ToString().ToLowerInvariant())[1].GetDouble());
                var result = Assert.Single(scores.Correlate(statistic));
                Assert.Equal(60, result.N);
                Assert.Equal(r, result.R!.Value, 1e-9);
                Assert.Equal(p, result.P!.Value, 1e-6 * p);
                if (statistic == Statistic.Pearson)
                    Assert.All(expected.GetProperty("pearson_ci95_fisher").EnumerateArray().Zip([result.Interval!.Value.Low, result.Interval.Value.High]), pair => Assert.Equal(pair.First.GetDouble(), pair.Second, 1e-9));
            }
        }
    }

    [Fact]
    public void Covariates_permutations_and_false_discoveries_agree_with_the_fields_own_tools()
    {
        var plain = new CohortQuery { Outcome = "score", Statistic = Statistic.Pearson };
        var adjusted = plain with { Covariates = ["age", "sex"] };
        var partial = Assert.Single(Scores(adjusted).Correlate(Statistic.Pearson));
        Assert.Equal(Of("partial_age_sex", "r"), partial.R!.Value, 1e-9);
        Assert.Equal(Of("partial_age_sex", "p_t"), partial.P!.Value, 1e-6 * partial.P.Value);

        // Both p are drawn, so that they differ by chance: by a standard error of at most 0.002 each.
        AssertP(plain, "permutation_dot_pearson", "p_two_sided_plus_one");
        AssertP(plain with { Alternative = Alternative.Greater }, "permutation_dot_pearson", "p_greater_plus_one");
        AssertP(plain with { Within = "sex" }, "permutation_within_sex", "p_two_sided_plus_one");
        AssertP(adjusted, "partial_age_sex", "p_freedman_lane");

        double[] p = Numbers("p"), q = Numbers("q");
        Assert.All(FalseDiscovery.Q(p).Zip(q), pair => Assert.Equal(pair.Second, pair.First, 1e-12));

        void AssertP(CohortQuery query, string block, string name) =>
            Assert.Equal(Of(block, name), Assert.Single(PermutedResults.Of(Scores(query), query, SHA256.HashData([1]), 9999)).P!.Value, 0.006);

        double Of(string block, string name) => Expected(block).GetProperty(name).GetDouble();

        double[] Numbers(string name) => [.. Expected("fdr_bh").GetProperty(name).EnumerateArray().Select(number => number.GetDouble())];

        CohortScores Scores(CohortQuery query) => new CohortAnalysis(DataView.Open(Site)).Score(query, NiftiVolume.Read(Path.Combine(Site, "scores_map.nii.gz")), TestContext.Current.CancellationToken);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void The_store_scores_like_the_volumes_whatever_is_missing_in_either(KernelWidth width)
    {
        Assert.SkipUnless(Product.Of(width) is not null, "This processor has no such registers.");
        using var site = new SmallSite();
        var voxels = (int)SmallSite.Grid.Voxels;
        // Next to a mean of a thousand what varies is small; a constant has no correlation; two voxels have none either.
        Write(0, [.. SmallSite.RandomMap(77).Select(value => 1000 + value)]);
        Write(1, [.. Enumerable.Repeat(3.5f, voxels)]);
        Write(2, [.. Enumerable.Repeat(float.NaN, voxels - 2), 1, 2]);
        Write(3, [.. SmallSite.RandomMap(78).Select(value => MathF.Round(value * 4))]);
        var view = site.Open();
        StoreIngest.Run(view, site.Store, null, null, TestContext.Current.CancellationToken);
        using var store = CohortStore.Open(site.Store);
        foreach (var maps in new[] { 1, 4 })
        {
            var batch = new NiftiVolume(SmallSite.Grid, maps, [.. Enumerable.Range(0, maps).SelectMany(i => SmallSite.RandomMap(100 + i, holes: i % 3).Select(value => i == 3 ? 50 + value : value))]);
            foreach (var (score, mask) in Enum.GetValues<Score>().SelectMany(score => new[] { (score, null), (score, (string?)"M") }))
            {
                var query = new CohortQuery { Outcome = "y", Score = score, Statistic = default, Mask = mask };
                var expected = new CohortAnalysis(view).Score(query, batch, TestContext.Current.CancellationToken);
                var actual = new CohortAnalysis(view, store) { Product = Product.Of(width)! }.Score(query, batch, TestContext.Current.CancellationToken);
                for (var map = 0; map < maps; map++)
                    Assert.All(expected.Scores[map].Zip(actual.Scores[map]), pair => Assert.Equal(pair.First, pair.Second, double.IsNaN(pair.First) ? 0 : 1e-12 * Math.Max(1, Math.Abs(pair.First))));
                if (score is Score.SpatialPearson or Score.SpatialSpearman)
                    Assert.Equal([1, 2], Enumerable.Range(0, 3).Where(row => double.IsNaN(actual.Scores[0][row])));
            }
        }

        void Write(int subject, float[] values) => NiftiWriter.Write(site[$"conn/{subject}.nii.gz"], new NiftiVolume(SmallSite.Grid, 1, values));
    }

    [Fact]
    public void The_order_of_values_is_that_of_a_sort_with_ties_told()
    {
        var random = new Random(4);
        float[] values = [0, -0f, 1e-45f, -1e-45f, float.MaxValue, float.MinValue, .. Enumerable.Range(0, 5000).Select(_ => MathF.Round((random.NextSingle() - 0.5f) * 1000) / 7)];
        Assert.Equal(Ranks.Of([.. values.Select(value => (double)value)]), ValueOrder.DoubledRanks(values).Select(rank => rank / 2.0));
    }

    [Fact]
    public void A_maps_question_is_the_same_whenever_no_volume_can_score_it_otherwise()
    {
        using var site = new SmallSite();
        var view = site.Open();
        var map = SmallSite.RandomMap(5, holes: 1);
        Assert.Equal(Of(Score.MeanInside, map), Of(Score.MeanInside, [.. map.Select(value => value > 0 ? value * value + 1 : value)]));
        Assert.Equal(Of(Score.SpatialSpearman, map), Of(Score.SpatialSpearman, [.. map.Select(value => value * value * value)]));
        Assert.All(Of(Score.SpatialPearson, map).Zip(Of(Score.SpatialPearson, [.. map.Select(value => value + 2)])), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        Assert.All(Of(Score.SpatialPearson, [.. Enumerable.Repeat(0.1f, map.Length)]), value => Assert.Equal(0, value));

        float[] Of(Score score, float[] values) => new MaskedMap(view, "M", score).Of(values);
    }

    private static JsonElement Expected(string block) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Site, "scores.json"))).RootElement.GetProperty(block);
}
