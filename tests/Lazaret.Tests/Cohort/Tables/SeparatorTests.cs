using System.Text.RegularExpressions;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort.Tables;

/// <summary>Tables whose fields are separated otherwise than by commas, and whose decimals follow one.</summary>
public sealed class SeparatorTests : IDisposable
{
    private static readonly CohortQuery ByAge = new() { Outcome = "score", Statistic = default, Covariates = ["age"] };

    private readonly FieldSite _site = new();

    [Theory]
    [InlineData(';', "';'", ";")]
    [InlineData('\t', "a tabulator", "\\t")]
    public void Another_separator_is_named_once_and_read_when_it_is_declared(char separator, string name, string declared)
    {
        foreach (var table in new[] { "subjects.csv", "outcomes.csv", "paths.csv" })
            _site.With(table, text => text.Replace(',', separator));
        var faults = _site.Open().Faults;
        Assert.Equal(3, faults.Count);
        Assert.All(faults, fault => Assert.Contains($"1: fields are separated by {name}, expected ','", fault.ToString(), StringComparison.Ordinal));

        _site.Write("site.yaml", $"separator: \"{declared}\"\n");
        Assert.Empty(_site.Open().Faults);
        Assert.Equal(60, _site.Open().Rows.Count);
    }

    [Fact]
    public void Tables_of_two_separators_are_told_to_have_one()
    {
        _site.With("outcomes.csv", text => text.Replace(',', ';'));
        _site.Write("site.yaml", "separator: \";\"\n");
        Assert.Equal(
            ["subjects.csv:1: fields are separated by ',', expected ';', as site.yaml says of all tables: write this one so too, or correct 'separator' there and write all others like this", "paths.csv:1: fields are separated by ',', expected ';', as site.yaml says of all tables: write this one so too, or correct 'separator' there and write all others like this"],
            _site.Open().Faults.Select(fault => fault.ToString()));
    }

    [Fact]
    public void A_separator_that_cannot_be_one_is_not_taken_for_the_tables_own()
    {
        _site.With("outcomes.csv", text => text.Replace(',', ';'));
        _site.Write("site.yaml", "separator: \"|\"\n");
        Assert.Contains(_site.Open().Faults, fault => fault.ToString().StartsWith("outcomes.csv:1: fields are separated by ';', expected ',': write 'separator: \";\"' into site.yaml", StringComparison.Ordinal));
    }

    [Fact]
    public void A_separator_that_is_never_read_is_named_too()
    {
        _site.With("outcomes.csv", text => text.Replace(',', '|'));
        Assert.Equal("outcomes.csv:1: fields are separated by '|', expected ',': write the table with commas, semicolons or tabulators", Assert.Single(_site.Open().Faults).ToString());
    }

    [Fact]
    public void A_table_of_one_column_has_no_separator_that_could_be_another()
    {
        using var folder = new TemporaryFolder();
        folder.Write("participants.tsv", "participant_id\nsub-01\n");
        var faults = new FaultList<Fault>();
        var table = CsvTable.Read(folder.Path, "participants.tsv", ["participant_id"], new TableFormat { Separator = '\t', SeparatorBy = "BIDS" }, faults);
        Assert.Empty(faults);
        Assert.Equal(["sub-01"], Assert.Single(table.Lines).Fields);
    }

    [Fact]
    public void A_decimal_comma_is_read_when_it_is_declared_and_a_point_is_then_a_fault()
    {
        var expected = _site.Ask(ByAge);
        foreach (var table in new[] { "subjects.csv", "outcomes.csv", "paths.csv" })
            _site.With(table, text => text.Replace(',', ';'));
        _site.With("outcomes.csv", text => text.Replace('.', ','));
        _site.Write("site.yaml", "separator: ';'\ndecimal: ','\n");
        Assert.Empty(_site.Open().Faults);
        Assert.Equal(expected, _site.Ask(ByAge));

        _site.With("outcomes.csv", text => text.Replace("-0,102", "-0.102", StringComparison.Ordinal));
        Assert.StartsWith("outcomes.csv:2:3: score has a point, though site.yaml says of all tables that decimals follow a comma: write a comma here too", Assert.Single(_site.Open().Faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_decimal_comma_that_is_not_declared_is_one_fault_a_column_and_makes_no_category()
    {
        _site.With("outcomes.csv", text => Regex.Replace(text, @"(-?\d+)\.(\d+)", "\"$1,$2\"", RegexOptions.None, TimeSpan.FromSeconds(1)));
        _site.With("subjects.csv", text => Regex.Replace(text, @",([5-9]\d),", ",\"$1,5\",", RegexOptions.None, TimeSpan.FromSeconds(1)));
        var view = _site.Open();
        Assert.Equal(2, view.Faults.Count);
        Assert.Matches(@"^subjects\.csv:2:3: age has a decimal comma in \d+ of 60 rows, this the first: write 'decimal: "",""' into site\.yaml$", view.Faults[0].ToString());
        Assert.StartsWith("outcomes.csv:2:3: score has a decimal comma in 60 of 60 rows", view.Faults[1].ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(view.Attributes["age"], text => text.Contains(',', StringComparison.Ordinal));
        _site.Write("site.yaml", "decimal: ','\n");
        Assert.Empty(_site.Open().Faults);
    }

    [Fact]
    public void Excels_first_line_is_named_or_read_when_it_is_declared()
    {
        foreach (var table in new[] { "subjects.csv", "outcomes.csv", "paths.csv" })
            _site.With(table, text => "sep=;\n" + text.Replace(',', ';'));
        Assert.All(_site.Open().Faults, fault => Assert.Contains(".csv:1: the first line is Excel's 'sep='", fault.ToString(), StringComparison.Ordinal));
        _site.Write("site.yaml", "separator: \";\"\n");
        Assert.Empty(_site.Open().Faults);
        Assert.Equal(60, _site.Open().Rows.Count);
    }

    public void Dispose() => _site.Dispose();
}
