using Lazaret.Cohort.Bids;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort.Bids;

/// <summary>Data sets that are legal or nearly so, and laid out otherwise than most.</summary>
public sealed class BidsLayoutTests : IDisposable
{
    private readonly BidsFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void Volumes_that_by_their_names_are_no_maps_are_listed_and_one_may_choose_them()
    {
        Directory.Delete(_data["derivatives"], recursive: true);
        foreach (var subject in BidsFolder.Subjects)
            _data.WriteMap($"derivatives/net/{subject}_desc-conn_bold.nii.gz", 5);
        var faults = new FaultList<Fault>();
        var dataset = BidsDataset.Read(_data.Path, faults);
        var proposed = BidsProposal.Of(dataset);
        Assert.Contains(proposed.Notes, note => note.StartsWith("by their names all volumes of subjects are what lies beside maps", StringComparison.Ordinal));
        Assert.Contains("volumes of 10 subjects: derivatives/net/{subject}_desc-conn_bold.nii.gz", proposed.Notes);
        Assert.Null(BidsView.Of(dataset, proposed, "bids.yaml", faults));
        Assert.Equal("bids.yaml: maps: nothing is chosen", Assert.Single(faults).ToString());
        Assert.Equal(10, _data.Import(BidsMapping.Read("maps: derivatives/net/{subject}_desc-conn_bold.nii.gz\n", "m.yaml", faults)).Rows.Count);
    }

    [Fact]
    public void A_data_set_that_is_a_derivative_has_its_volumes_at_its_root()
    {
        Directory.Delete(_data["derivatives"], recursive: true);
        _data.Write("dataset_description.json", "\uFEFF" + """{"Name":"Maps","BIDSVersion":"1.10.0","DatasetType":"derivative"}""");
        foreach (var subject in BidsFolder.Subjects)
            _data.WriteMap($"{subject}/func/{subject}_desc-conn_map.nii.gz", 5);
        Assert.Equal(10, _data.Import().Rows.Count);
    }

    [Fact]
    public void A_table_of_several_rows_a_subject_is_told_to_name_its_sessions()
    {
        _data.Write("phenotype/visits.tsv", "participant_id\tvisit\tscore\n" + string.Concat(BidsFolder.Subjects.SelectMany((subject, i) => new[] { $"{subject}\tpre\t{i}\n", $"{subject}\tpost\t{i + 5}\n" })));
        var proposed = BidsProposal.Of(BidsDataset.Read(_data.Path, new FaultList<Fault>()));
        Assert.Contains(proposed.Notes, note => note.StartsWith("left out: phenotype/visits.tsv#score (the rows of a subject differ in it", StringComparison.Ordinal) && note.Contains("session_id", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_a_decimal_comma_the_cure_is_a_point_for_no_declaration_counts_in_a_data_set()
    {
        _data.Write("phenotype/commas.tsv", "participant_id\tscore\n" + string.Concat(BidsFolder.Subjects.Select((subject, i) => $"{subject}\t{i},5\n")));
        var fault = Assert.Single(BidsProposal.Of(BidsDataset.Read(_data.Path, new FaultList<Fault>())).Faults).ToString();
        Assert.Contains("write a point before decimals", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("site.yaml", fault, StringComparison.Ordinal);
    }
}
