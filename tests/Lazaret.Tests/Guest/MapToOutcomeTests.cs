using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Store;
using Lazaret.Guest;

namespace Lazaret.Tests.Guest;

public sealed class MapToOutcomeTests : IDisposable
{
    private readonly TemporaryFolder _work = new();

    [Fact]
    public void One_map_is_answered_at_full_precision()
    {
        Assert.Equal((0, ""), Run(("OUTCOME", "UPDRS_change"), ("STAT", "spearman"), ("FILTERS", """{"visit":"6mo","dx":"PD"}""")));
        Assert.StartsWith("""{"n":6,"R":0.42857142857142855,"p":0.39650145772594""", Answer, StringComparison.Ordinal);
    }

    [Fact]
    public void The_score_is_the_one_that_was_asked_for()
    {
        Assert.Equal((0, ""), Run(("OUTCOME", "UPDRS_change"), ("SCORE", "dot")));
        Assert.StartsWith("""{"n":25,"R":0.53759244""", Answer, StringComparison.Ordinal);
        Assert.Equal((0, ""), Run(("OUTCOME", "UPDRS_change"), ("SCORE", "mean_inside")));
        Assert.DoesNotContain("0.53759244", Answer, StringComparison.Ordinal);
        Assert.Equal((2, "lazaret-guest: score: unknown score 'cosines'; allowed: dot, weighted_mean, mean_inside, cosine, spatial_pearson, spatial_spearman"), Run(("OUTCOME", "UPDRS_change"), ("SCORE", "cosines")));
    }

    [Fact]
    public void What_is_undefined_is_null()
    {
        Assert.Equal((0, ""), Run(("OUTCOME", "UPDRS_change"), ("MASK_NAME", "empty")));
        Assert.Equal("""{"n":25,"R":null,"p":null}""", Answer);
    }

    [Fact]
    public void A_batch_is_answered_as_results()
    {
        var map = NiftiVolume.Read(TinySite.Map("main.nii.gz"));
        NiftiWriter.Write(_work["batch.nii.gz"], map with { Maps = 2, Values = [.. map.Values, .. map.Values] });
        Assert.Equal((0, ""), Run(("OUTCOME", "UPDRS_change"), ("STAT", "kendall"), ("MAP_PATH", _work["batch.nii.gz"])));
        Assert.StartsWith("""{"results":[{"n":25,"R":0.""", Answer, StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_is_used_where_there_is_one()
    {
        StoreIngest.Run(TinySite.Open(), _work["cohort.store"], null, null, TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), Run(("OUTCOME", "UPDRS_change"), ("STAT", "spearman"), ("COHORT_STORE", _work["cohort.store"])));
        Assert.StartsWith("""{"n":25,"R":0.58060796910286""", Answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("COHORT_STORE", "/nowhere", 3, "the cohort store is missing")]
    [InlineData("COHORT_STORE", "/dev/null", 3, "the cohort store is another kind of file")]
    [InlineData("OUTCOME", "none", 2, "outcome: unknown outcome 'none'; allowed: UPDRS_change, YBOCS_change")]
    [InlineData("FILTERS", """{"age":60}""", 2, "filters: age takes")]
    [InlineData("MAP_PATH", "/dev/null", 2, "file: empty, or no regular file")]
    [InlineData("MAP_PATH", "", 3, "MAP_PATH must be set")]
    [InlineData("DATA_DIR", "/nowhere", 3, "the data view has no volume")]
    [InlineData("OUT_JSON", "/nowhere/out.json", 3, "Could not find")]
    public void Bad_input_ends_with_one_line_and_no_answer(string name, string value, int exitCode, string message)
    {
        var (code, complaint) = Run(("OUTCOME", "UPDRS_change"), (name, value));
        Assert.Equal(exitCode, code);
        Assert.StartsWith($"lazaret-guest: {message}", complaint, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', complaint);
        Assert.False(File.Exists(_work["out.json"]));
    }

    [Fact]
    public void A_map_on_a_distant_grid_is_refused_with_both_affines()
    {
        var far = new Grid(2, 2, 2, new Affine(1, 0, 0, 5000, 0, 1, 0, 0, 0, 0, 1, 0));
        NiftiWriter.Write(_work["far.nii"], new NiftiVolume(far, 1, new float[8]));
        var (code, complaint) = Run(("OUTCOME", "UPDRS_change"), ("MAP_PATH", _work["far.nii"]));
        Assert.Equal(2, code);
        Assert.Contains("[1, 0, 0, 5000]", complaint, StringComparison.Ordinal);
        Assert.Contains("[-8, 0, 0,", complaint, StringComparison.Ordinal);
    }

    public void Dispose() => _work.Dispose();

    private string Answer => File.ReadAllText(_work["out.json"]);

    private (int Code, string Complaint) Run(params (string Name, string Value)[] environment)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DATA_DIR"] = TinySite.Folder,
            ["MAP_PATH"] = TinySite.Map("main.nii.gz"),
            ["OUT_JSON"] = _work["out.json"],
        };
        foreach (var (name, value) in environment)
            all[name] = value;
        var complaint = "";
        var code = MapToOutcome.Run(name => all.GetValueOrDefault(name) is { Length: > 0 } value ? value : null, line => complaint += line);
        return (code, complaint);
    }
}
