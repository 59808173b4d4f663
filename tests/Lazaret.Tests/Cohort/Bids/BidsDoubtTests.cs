using Lazaret.Cohort.Bids;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Tables;
using Lazaret.Tests.EndToEnd;

namespace Lazaret.Tests.Cohort.Bids;

/// <summary>What an import cannot know: which of two rows is right, what a number means, and which column is the outcome.</summary>
public sealed class BidsDoubtTests : IDisposable
{
    private const string Sessions = "ses-pre";

    private readonly BidsFolder _data = new();

    [Fact]
    public async Task Without_an_outcome_the_import_says_what_to_move_and_ends_with_1()
    {
        Directory.Delete(_data["phenotype"], recursive: true);
        var imported = await HostedNode.RunAsync(_data.MakePrivate("state"), ["site", "import-bids", _data.Path, "--out", _data.Beside("view")]);
        Assert.Equal(1, imported.ExitCode);
        Assert.Contains("no outcome: move one of age from attributes to outcomes in bids.yaml, and import again with --mapping", imported.Error, StringComparison.Ordinal);
        Assert.Null(BidsView.Of(Read([]), new BidsMapping { Maps = BidsFolder.Pattern, Outcomes = [new BidsEntry("age", new BidsColumn("participants.tsv", "age"))] }, "m", [])!.WithoutOutcome);
    }

    [Fact]
    public void Of_two_rows_about_one_person_values_in_which_they_differ_are_left_empty()
    {
        _data.Write("participants.tsv", File.ReadAllText(_data["participants.tsv"]) + "sub-02\t44\t2\tright\tn/a\nsub-05\t52\t1\tright\tcame on 2024-03-14\n");
        var faults = new FaultList<Fault>();
        var view = BidsView.Of(Read(faults), BidsProposal.Of(Read([])), "bids.yaml", faults)!;
        Assert.Equal(
            ["participants.tsv:13: the same subject and session as line 6: that one is used", "participants.tsv:12: the same subject and session as line 3: values in which they differ are left empty"],
            faults.Select(fault => fault.ToString()));
        var rows = view.Files["subjects.csv"].Split('\n');
        Assert.Contains($"sub-02,{Sessions},,2,right,off", rows);
        Assert.Contains($"sub-05,{Sessions},52,1,right,off", rows);
    }

    [Theory]
    [InlineData("site", true)]
    [InlineData("education", false)]
    public void A_column_that_is_called_like_a_code_is_a_remark_of_the_proposal(string name, bool isTold)
    {
        _data.Write("participants.tsv", string.Concat(File.ReadAllLines(_data["participants.tsv"]).Select((line, at) => $"{line}\t{(at == 0 ? name : $"{at}")}\n")));
        Assert.Equal(isTold, BidsProposal.Of(Read([])).Notes.Any(note => note.StartsWith($"participants.tsv#{name}: is called like a code", StringComparison.Ordinal)));
    }

    public void Dispose() => _data.Dispose();

    private BidsDataset Read(FaultList<Fault> faults) => BidsDataset.Read(_data.Path, faults);
}
