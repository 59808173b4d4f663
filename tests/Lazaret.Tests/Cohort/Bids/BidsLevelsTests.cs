using Lazaret.Cohort.Bids;
using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort.Bids;

/// <summary>What a data set's JSON files say of values, and what it does not mean.</summary>
public sealed class BidsLevelsTests : IDisposable
{
    private readonly BidsFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void A_level_that_means_unknown_is_missing()
    {
        _data.Write("phenotype/bdi.tsv", "participant_id\ttotal\n" + string.Concat(BidsFolder.Subjects.Select((subject, i) => $"{subject}\t{(i == 2 ? 9 : i % 2)}\n")));
        _data.Write("phenotype/bdi.json", """{"total":{"Levels":{"0":"no","1":"yes","9":"unknown"}}}""");
        var view = _data.Import(Proposed());
        Assert.Empty(view.Faults);
        Assert.Equal(2, view.Outcomes["bdi_total"].Count(double.IsNaN));
        Assert.DoesNotContain(9, view.Outcomes["bdi_total"]);
    }

    [Theory]
    [InlineData("""{"age":{"Levels":{"-9":"missing"},"Units":"years"}}""")]
    [InlineData("""{"age":{"Levels":{"40":"the youngest","67":"the oldest"}}}""")]
    public void Levels_that_most_values_are_not_make_no_category(string json)
    {
        _data.Write("participants.json", json);
        var view = _data.Import(Proposed());
        Assert.Empty(view.Faults);
        Assert.Equal(18, view.Attributes["age"].Count(value => value.Length > 0));
    }

    [Fact]
    public void No_two_columns_are_proposed_under_one_name()
    {
        _data.Write("phenotype/a.tsv", "participant_id\tb_c\tc\n" + string.Concat(BidsFolder.Subjects.Select((subject, i) => $"{subject}\t{i}\t{i}\n")));
        _data.Write("phenotype/a_b.tsv", "participant_id\tb_c\tc\n" + string.Concat(BidsFolder.Subjects.Select((subject, i) => $"{subject}\t{i}\t{i}\n")));
        var names = Proposed().Outcomes.Select(entry => entry.Name).ToList();
        Assert.Equal(names.Distinct(StringComparer.Ordinal), names);
        Assert.Empty(_data.Import(Proposed()).Faults);
    }

    [Fact]
    public void Series_and_anatomy_beside_the_maps_are_no_maps()
    {
        foreach (var subject in BidsFolder.Subjects)
            _data.WriteMap($"derivatives/prep/{subject}_desc-preproc_bold.nii.gz", 5);
        Assert.Equal(BidsFolder.Pattern, Proposed().Maps);
    }

    private BidsMapping Proposed() => BidsProposal.Of(BidsDataset.Read(_data.Path, new Lazaret.Cohort.Faults.FaultList<Fault>()));
}
