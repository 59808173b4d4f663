using System.Text.Json.Nodes;
using Lazaret.Cohort.Nifti;
using Lazaret.Tests.Cohort;

namespace Lazaret.Tests.EndToEnd;

/// <summary>What <c>lazaret cohort run</c> tells a steward beside its answer.</summary>
public sealed class CohortRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_steward_is_told_where_a_subject_counts_twice_and_which_visits_there_are()
    {
        foreach (var (n, more) in ((int, string[])[])[(25, ["--map", TinySite.Map("main.nii.gz")]), (22, ["--map", TinySite.Map("main.nii.gz"), "--filters", """{"visit":["6mo","12mo"]}"""])])
        {
            var run = await NodeProcess.RunAsync(_folder.Path, ["cohort", "run", "--outcome", "UPDRS_change", .. more], ("DATA_VIEW", TinySite.Folder));
            Assert.Equal((0, n), (run.ExitCode, (int)JsonNode.Parse(run.Output)!["n"]!));
            Assert.Contains("""n counts rows here, and p takes the rows of one person for independent: filters: subjects are here at several visits: name the one that is meant, as {"visit":"…"}; allowed: 12mo, 6mo""", run.Error, StringComparison.Ordinal);
        }

        var pinned = await NodeProcess.RunAsync(_folder.Path, ["cohort", "run", "--outcome", "UPDRS_change", "--map", TinySite.Map("main.nii.gz"), "--filters", """{"visit":"6mo"}"""], ("DATA_VIEW", TinySite.Folder));
        Assert.Equal(0, pinned.ExitCode);
        // What n does not say: the tables have lost a row.
        Assert.Equal(
            ["lazaret: paths.csv:8:3: conn_path names a file that does not exist: put the file there or correct the path", $"lazaret: faults of the data view: 1; rows that are left: 26. 'lazaret site check {TinySite.Folder}' lists all"],
            pinned.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Why_a_map_has_no_R_is_told_and_p_of_permutations_is_not_below_itself()
    {
        using var site = new FieldSite();
        var map = NiftiVolume.Read(site["scores_map.nii.gz"]);
        NiftiWriter.Write(_folder["zero.nii"], map with { Values = new float[map.Values.Length] });
        var inside = new float[map.Values.Length];
        inside[0] = 1;
        NiftiWriter.Write(_folder["hole.nii"], map with { Values = [0, .. map.Values[1..]] });
        Directory.CreateDirectory(site["masks"]);
        NiftiWriter.Write(site["masks/off.nii.gz"], map with { Values = inside });
        NiftiWriter.Write(site["masks/high.nii.gz"], map with { Values = inside });
        site.Write("site.yaml", "masks: {high: {above: 5}}\n");
        await AskAsync("the map is zero everywhere inside the mask", _folder["zero.nii"]);
        await AskAsync("the map is zero everywhere inside the mask", _folder["hole.nii"], "--mask", "off");
        await AskAsync("the map is nowhere inside the mask, which is empty on the site's grid", site["scores_map.nii.gz"], "--mask", "high");

        var run = await NodeProcess.RunAsync(_folder.Path, ["cohort", "run", "--outcome", "score", "--map", site["scores_map.nii.gz"], "--null", "permutation", "--alternative", "greater", "--seed", "8"], ("DATA_VIEW", site.Path));
        var answer = JsonNode.Parse(run.Output)!;
        Assert.Equal("0.001", answer["p"]!.ToJsonString());
        Assert.Null(answer["p_below"]);

        async Task AskAsync(string why, string file, params string[] more)
        {
            var told = await NodeProcess.RunAsync(_folder.Path, ["cohort", "run", "--outcome", "score", "--map", file, .. more], ("DATA_VIEW", site.Path));
            Assert.Equal((0, true), (told.ExitCode, JsonNode.Parse(told.Output)!["R"] is null));
            Assert.Contains(why, told.Error, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _folder.Dispose();
}
