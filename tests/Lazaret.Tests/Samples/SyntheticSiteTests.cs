using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Tables;
using Lazaret.SampleSite;

namespace Lazaret.Tests.Samples;

public sealed class SyntheticSiteTests : IDisposable
{
    private static readonly SyntheticSiteOptions Coarse = new() { VoxelMm = 6 };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lazaret-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_view_is_sound_and_holds_what_the_options_say()
    {
        var truth = Create(Coarse);
        var view = DataView.Open(truth.View);

        Assert.Empty(view.Faults);
        Assert.Empty(view.Notes);
        Assert.Equal(3 * 60, view.Rows.Count);
        Assert.Equal(60, truth.Loadings.Count);
        Assert.Equal(["GPi", "M1", "STN", "brain"], view.Masks);
        Assert.Equal(["6mo", "12mo"], Visits("UPDRS_change"));
        Assert.Equal(["6mo", "12mo"], Visits("YBOCS_change"));
        Assert.All(view.Outcomes.Values, outcome => Assert.Equal(2 * (60 - 3 - 1 - 1), outcome.Count(double.IsFinite)));
        Assert.False(File.Exists(Path.Combine(truth.View, Path.GetFileName(truth.Map))));

        IEnumerable<string> Visits(string outcome) =>
            view.Attributes["visit"].Zip(view.Outcomes[outcome]).Where(row => double.IsFinite(row.Second)).Select(row => row.First).Distinct();
    }

    [Fact]
    public void At_two_millimetres_the_grid_is_the_usual_one_of_the_template()
    {
        var truth = Create(new SyntheticSiteOptions { Subjects = 20, VoxelMm = 2 });

        var grid = DataView.Open(truth.View).Grid!;

        Assert.Equal((91, 109, 91, 2.0), (grid.X, grid.Y, grid.Z, grid.ResolutionMm));
        Assert.Equal((-90, -126, -72), grid.Affine.Apply(0, 0, 0));
    }

    [Theory]
    [InlineData(0.62)]
    [InlineData(-0.4)]
    [InlineData(1)]
    public void The_planted_correlation_is_that_of_the_sample_in_every_group(double correlation)
    {
        var truth = Create(Coarse with { Correlation = correlation });
        var view = DataView.Open(truth.View);

        foreach (var (name, outcome) in view.Outcomes)
        {
            var rows = Enumerable.Range(0, view.Rows.Count).Where(row => double.IsFinite(outcome[row])).ToArray();
            foreach (var group in rows.GroupBy(row => (view.Attributes["dx"][row], view.Attributes["visit"][row])).Append<IEnumerable<int>>(rows))
            {
                var found = Correlation.Of(
                    Statistic.Pearson,
                    [.. group.Select(row => truth.Loadings[view.Rows[row].SubjectId])],
                    [.. group.Select(row => outcome[row])],
                    []);
                Assert.Equal(truth.Correlations[name], Assert.IsType<Correlation.Defined>(found).R, 4);
            }
        }
    }

    [Theory]
    [InlineData(1, 60)]
    [InlineData(2, 24)]
    public void Scoring_with_the_true_map_finds_the_planted_correlation(int seed, int subjects)
    {
        var truth = Create(new SyntheticSiteOptions { Seed = seed, Subjects = subjects });

        Assert.Equal(0.62, Score(truth, truth.Map, "UPDRS_change", null), 0.03);
        Assert.Equal(0.62, Score(truth, truth.Map, "UPDRS_change", "brain"), 0.03);
        Assert.Equal(0.62, Score(truth, truth.Map, "UPDRS_change", "STN"), 0.06);
        Assert.Equal(0, Score(truth, truth.Map, "YBOCS_change", null), 0.06);
    }

    [Fact]
    public void The_null_map_is_orthogonal_to_the_true_one_inside_every_mask()
    {
        var truth = Create(Coarse);
        var view = DataView.Open(truth.View);
        var map = NiftiVolume.Read(truth.Map).Values;
        var other = NiftiVolume.Read(truth.NullMap).Values;

        foreach (var mask in view.Masks.Select(name => NiftiVolume.Read(view.MaskPath(name)).Values))
            Assert.Equal(0, Dot(map, other, mask) / Math.Sqrt(Dot(map, map, mask) * Dot(other, other, mask)), 1e-5);

        static double Dot(float[] a, float[] b, float[] mask) => Enumerable.Range(0, a.Length).Sum(i => (double)a[i] * b[i] * mask[i]);
    }

    [Fact]
    public void The_same_seed_makes_the_same_files_and_another_seed_others()
    {
        string[] files = [.. new[] { Coarse, Coarse, Coarse with { Seed = 2 } }.Select(options => Fingerprint(Create(options)))];

        Assert.Equal(files[0], files[1]);
        Assert.NotEqual(files[0], files[2]);

        static string Fingerprint(PlantedTruth truth) => string.Join('\n',
            from path in Directory.EnumerateFiles(Path.GetDirectoryName(truth.View)!, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            let content = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)))
            select $"{Path.GetRelativePath(Path.GetDirectoryName(truth.View)!, path)} {content}");
    }

    [Fact]
    public void Every_option_out_of_range_is_named_and_nothing_is_written()
    {
        var error = Assert.Throws<ArgumentException>(() => CreateIn(
            _folder.FullName, new SyntheticSiteOptions { Subjects = 19, VoxelMm = double.NaN, Correlation = 1.1, MissingOutcomes = 0.31 }));

        Assert.StartsWith("Subjects: 20 to 9000; VoxelMm: 1 to 6; Correlation: -1 to 1; MissingOutcomes: 0 to 0.3", error.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    [Fact]
    public void A_site_is_not_overwritten()
    {
        var folder = Path.GetDirectoryName(Create(Coarse).View)!;

        Assert.Throws<IOException>(() => CreateIn(folder, Coarse));
    }

    private PlantedTruth Create(SyntheticSiteOptions options) => CreateIn(Path.Combine(_folder.FullName, Path.GetRandomFileName()), options);

    private static PlantedTruth CreateIn(string folder, SyntheticSiteOptions options) =>
        SyntheticSite.Create(folder, options, cancellationToken: TestContext.Current.CancellationToken);

    private static double Score(PlantedTruth truth, string map, string outcome, string? mask)
    {
        var query = new CohortQuery { Outcome = outcome, Statistic = Statistic.Pearson, Mask = mask };
        var results = new CohortAnalysis(DataView.Open(truth.View)).Run(query, NiftiVolume.Read(map), TestContext.Current.CancellationToken);
        return Assert.Single(results).R!.Value;
    }
}
