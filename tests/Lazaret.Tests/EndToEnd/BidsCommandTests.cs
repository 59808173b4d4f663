using System.Text.Json.Nodes;
using Lazaret.Cohort.Bids;
using Lazaret.Tests.Cohort.Bids;

namespace Lazaret.Tests.EndToEnd;

/// <summary>From a BIDS data set to an answer, by commands.</summary>
public sealed class BidsCommandTests : IDisposable
{
    private readonly BidsFolder _data = new();

    public BidsCommandTests() => _data.MakePrivate("state");

    [Fact]
    public async Task A_data_set_becomes_a_view_that_answers_and_nothing_of_it_is_copied()
    {
        var before = Files();
        var view = _data.Beside("view");
        var imported = await RunAsync("site", "import-bids", _data.Path, "--out", view);
        Assert.True(imported.ExitCode == 0, imported.Error + imported.Output);
        Assert.Contains("20 volumes of the data set, 20 rows, attributes visit, age, sex, handedness, stimulation, outcomes bdi_total, updrs_total, responder.", imported.Output, StringComparison.Ordinal);
        Assert.Equal(before, Files());
        Assert.DoesNotContain(Directory.EnumerateFiles(view, "*", SearchOption.AllDirectories), file => file.EndsWith(".nii.gz", StringComparison.Ordinal));

        var check = await RunAsync("site", "check", view, "--json");
        Assert.True(check.ExitCode == 0, check.Output + check.Error);
        Assert.Equal(20, (int)JsonNode.Parse(check.Output)!["volumes"]!);
        var asked = await NodeProcess.RunAsync(
            _data.Beside("state"), ["cohort", "run", "--map", Directory.EnumerateFiles(_data.Path, "*_map.nii.gz", SearchOption.AllDirectories).Order().First(), "--outcome", "updrs_total", "--filters", """{"visit":"ses-post","sex":"1"}"""], ("DATA_VIEW", view));
        Assert.True(asked.ExitCode == 0, asked.Error);
        Assert.Equal(5, (int)JsonNode.Parse(asked.Output)!["n"]!);
    }

    [Fact]
    public async Task Where_something_must_be_chosen_the_mapping_is_written_and_a_changed_one_is_taken()
    {
        foreach (var subject in BidsFolder.Subjects)
            _data.WriteMap($"derivatives/other/{subject}_desc-x_map.nii.gz", 5);
        var (view, mapping) = (_data.Beside("view"), Path.Combine(_data.Beside("view"), BidsMapping.File));
        var unclear = await RunAsync("site", "import-bids", _data.Path, "--out", view);
        Assert.Equal(1, unclear.ExitCode);
        Assert.Contains("several patterns would do: choose one", unclear.Error, StringComparison.Ordinal);
        Assert.Equal([mapping], Directory.EnumerateFiles(view));
        await File.WriteAllTextAsync(mapping, (await File.ReadAllTextAsync(mapping, TestContext.Current.CancellationToken)).Replace("maps:\n", $"maps: {BidsFolder.Pattern} # ours\n", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var chosen = await RunAsync("site", "import-bids", _data.Path, "--out", view, "--mapping", mapping);
        Assert.True(chosen.ExitCode == 0, chosen.Error);
        Assert.Contains("# ours", await File.ReadAllTextAsync(mapping, TestContext.Current.CancellationToken), StringComparison.Ordinal);

        // What the steward wrote into site.yaml stays, and what it does not declare is told.
        var yaml = Path.Combine(view, "site.yaml");
        await File.WriteAllLinesAsync(yaml, [.. (await File.ReadAllLinesAsync(yaml, TestContext.Current.CancellationToken)).Where(line => !line.Contains("handedness", StringComparison.Ordinal)), "missing: [n/a, NA]"], TestContext.Current.CancellationToken);
        var again = await RunAsync("site", "import-bids", _data.Path, "--out", view, "--mapping", mapping);
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Contains("missing: [n/a, NA]", await File.ReadAllTextAsync(yaml, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("handedness: imported, but not declared in", again.Error, StringComparison.Ordinal);
        Assert.Contains("attributes visit, age, sex, stimulation,", again.Output, StringComparison.Ordinal);

        // Nor does a template stay unnoticed that is no longer the volumes'.
        foreach (var subject in BidsFolder.Subjects)
            _data.WriteMap($"derivatives/other/{subject}_space-MNI152NLin2009cAsym_desc-y_map.nii.gz", 5);
        await File.WriteAllTextAsync(mapping, (await File.ReadAllTextAsync(mapping, TestContext.Current.CancellationToken)).Replace(BidsFolder.Pattern, "derivatives/other/{subject}_space-MNI152NLin2009cAsym_desc-y_map.nii.gz", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var elsewhere = await RunAsync("site", "import-bids", _data.Path, "--out", view, "--mapping", mapping);
        Assert.Equal(1, elsewhere.ExitCode);
        const string Contrary = "template: is MNI152NLin6Asym, and the names of 10 of 10 volumes say MNI152NLin2009cAsym";
        Assert.Contains(Contrary, elsewhere.Error, StringComparison.Ordinal);
        Assert.Contains(Contrary, (await RunAsync("site", "check", view)).Output, StringComparison.Ordinal);

        var strange = _data.Beside("strange");
        Directory.CreateDirectory(strange);
        await File.WriteAllTextAsync(Path.Combine(strange, "subjects.csv"), "mine", TestContext.Current.CancellationToken);
        var refused = await RunAsync("site", "import-bids", _data.Path, "--out", strange);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("is not empty, and was made by no import", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_volume_that_is_not_here_is_told_and_so_are_subjects_that_are_lost()
    {
        File.Delete(Directory.EnumerateFiles(_data.Path, "sub-03_ses-pre_*_map.nii.gz", SearchOption.AllDirectories).Single());
        File.CreateSymbolicLink(_data[BidsFolder.Pattern.Replace("{subject}", "sub-03", StringComparison.Ordinal).Replace("{session}", "ses-pre", StringComparison.Ordinal)], "../../../../../.git/annex/objects/x");
        _data.Write("participants.tsv", (await File.ReadAllTextAsync(_data["participants.tsv"], TestContext.Current.CancellationToken)).Replace("sub-10", "sub-11", StringComparison.Ordinal));
        var imported = await RunAsync("site", "import-bids", _data.Path, "--out", _data.Beside("view"));
        Assert.Equal(1, imported.ExitCode);
        Assert.Contains("paths.csv:7:3: conn_path is a link of git-annex, whose content is not here: fetch it with 'git annex get'", imported.Error, StringComparison.Ordinal);
        Assert.Contains("1 of 10 participants have no volume that the pattern names", imported.Error, StringComparison.Ordinal);
        Assert.Contains("1 of 10 subjects with volumes are not in participants.tsv", imported.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _data.Dispose();

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) => NodeProcess.RunAsync(_data.Beside("state"), arguments);

    private string Files() => string.Join('\n', Directory.EnumerateFiles(_data.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(file => $"{file} {new FileInfo(file).Length}"));
}
