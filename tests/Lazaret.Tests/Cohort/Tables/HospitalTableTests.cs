using System.Text.RegularExpressions;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort.Tables;

/// <summary>Tables as spreadsheets and registries write them.</summary>
public sealed class HospitalTableTests : IDisposable
{
    private static readonly CohortQuery ByAge = new() { Outcome = "score", Statistic = default, Covariates = ["age"] };

    private readonly FieldSite _site = new();

    [Theory]
    [InlineData("NA")]
    [InlineData("89+")]
    [InlineData("unknown")]
    [InlineData("78 ")]
    [InlineData("78,5")]
    [InlineData("#N/A")]
    public void A_column_of_numbers_with_one_cell_of_text_names_the_cell_and_stays_a_number(string cell)
    {
        _site.With("subjects.csv", text => text.Replace("sub-05,6mo,78,F", $"sub-05,6mo,{(cell.Contains(',') ? $"\"{cell}\"" : cell)},F", StringComparison.Ordinal));
        var view = _site.Open();
        Assert.StartsWith("subjects.csv:6:3: age is no number in 1 of 60 rows", Assert.Single(view.Faults).ToString(), StringComparison.Ordinal);
        Assert.IsType<Variable.Number>(Assert.Single(Catalog.Of(view, minimumCohort: 0).Variables, variable => variable.Name == "age"));
        var result = _site.Ask(ByAge);
        Assert.Equal(59, result.N);
        Assert.Equal(0.469009, result.R!.Value, 1e-6);
        Assert.Equal(0.000204364, result.P!.Value, 1e-9);
    }

    [Theory]
    [InlineData("n/a", "")]
    [InlineData("NA", "missing: [NA, n/a, \"\", -999]\n")]
    [InlineData("-999", "missing: [NA, n/a, \"\", -999]\n")]
    [InlineData("-999.0", "missing: [NA, n/a, \"\", -999]\n")]
    [InlineData("", "")]
    public void What_is_declared_missing_is_missing_and_nothing_else(string cell, string yaml)
    {
        _site.With("subjects.csv", text => text.Replace("sub-05,6mo,78,F", $"sub-05,6mo,{cell},F", StringComparison.Ordinal)).Write("site.yaml", yaml);
        Assert.Empty(_site.Open().Faults);
        Assert.Equal((59, 0.469009), (_site.Ask(ByAge).N, Math.Round(_site.Ask(ByAge).R!.Value, 6)));
    }

    [Fact]
    public void Missing_text_in_a_category_is_no_level()
    {
        _site.With("subjects.csv", text => text.Replace("sub-05,6mo,78,F", "sub-05,6mo,78,n/a", StringComparison.Ordinal));
        Assert.Equal(["F", "M"], Assert.IsType<Variable.Category>(Catalog.Of(_site.Open(), minimumCohort: 0).Variables.Single(variable => variable.Name == "sex")).Levels);
    }

    [Fact]
    public void A_category_with_a_number_among_its_texts_names_the_number_and_is_not_offered()
    {
        _site.With("subjects.csv", text => text.Replace("sub-05,6mo,78,F", "sub-05,6mo,78,2", StringComparison.Ordinal));
        var view = _site.Open();
        Assert.StartsWith("subjects.csv:6:4: sex is a number in 1 of 60 rows", Assert.Single(view.Faults).ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Catalog.Of(view, minimumCohort: 0).Variables, variable => variable.Name == "sex");
        _site.Write("site.yaml", "variables:\n  sex: {levels: [F, M, '2']}\n");
        Assert.Empty(_site.Open().Faults);
    }

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
        Assert.StartsWith("outcomes.csv:2:3: score has a point", Assert.Single(_site.Open().Faults).ToString(), StringComparison.Ordinal);
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
    public void A_level_that_looks_like_a_code_for_missing_is_a_finding_until_it_is_declared()
    {
        _site.With("subjects.csv", text => text.Replace("sub-05,6mo,78,F", "sub-05,6mo,78,NA", StringComparison.Ordinal));
        Assert.Contains(_site.Check().Findings, finding => finding.ToString().StartsWith("subjects.csv:6:4: sex has the level 'NA' or one like it in 1 of 60 rows", StringComparison.Ordinal));
        foreach (var yaml in new[] { "missing: [NA]\n", "variables:\n  sex: {levels: [F, M, NA]}\n" })
        {
            _site.Write("site.yaml", yaml);
            Assert.DoesNotContain(_site.Check().Findings, finding => finding.File == "subjects.csv");
        }
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

    [Theory]
    [InlineData("sub-", "", "the prefix 'sub-' or 'ses-'", 60)]
    [InlineData("sub-0", "sub-", "leading zeros", 9)]
    [InlineData("sub-05", "sub-05 ", "spaces", 1)]
    [InlineData("sub-05", "SUB-05", "upper and lower case", 1)]
    public void Identifiers_that_nearly_meet_are_a_fault_with_the_difference_and_how_many(string before, string after, string difference, int count)
    {
        _site.With("outcomes.csv", text => text.Replace(before, after, StringComparison.Ordinal));
        var report = _site.Check();
        Assert.Contains(report.Faults, fault => fault.ToString().Contains($": {count} of 60 rows meet none of subjects.csv only because of {difference} in", StringComparison.Ordinal));
        Assert.Contains(report.Findings, finding => finding.ToString() == (count == 60 ? "outcomes.csv: no row meets one of subjects.csv" : $"outcomes.csv: {count} of 60 rows meet none of subjects.csv"));
        Assert.Equal(2 * count, report.Lost);
    }

    [Fact]
    public void Identifiers_of_two_Unicode_forms_nearly_meet()
    {
        _site.With("subjects.csv", text => text.Replace("sub-05", "M\u00FCller", StringComparison.Ordinal));
        foreach (var table in new[] { "outcomes.csv", "paths.csv" })
            _site.With(table, text => text.Replace("sub-05,", "Mu\u0308ller,", StringComparison.Ordinal));
        Assert.All(_site.Open().Faults, fault => Assert.Contains("1 of 60 rows meet none of subjects.csv only because of the Unicode form", fault.ToString(), StringComparison.Ordinal));
        Assert.Equal(2, _site.Open().Faults.Count);
    }

    [Fact]
    public void Codes_far_from_every_value_and_columns_that_do_not_vary_are_findings()
    {
        _site.With("subjects.csv", text => text.Replace("sub-05,6mo,78,F", "sub-05,6mo,-999,F", StringComparison.Ordinal));
        _site.With("outcomes.csv", text => string.Concat(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((line, i) => $"{line},{(i == 0 ? "flat" : "1")}\n")));
        var report = _site.Check();
        Assert.Empty(report.Faults);
        Assert.Contains(report.Findings, finding => finding.ToString().StartsWith("subjects.csv:6:3: age is more than 50 standard deviations from the median in 1 of 60 rows", StringComparison.Ordinal));
        Assert.Contains(report.Findings, finding => finding.ToString() == "outcomes.csv:1:4: flat is the same in all 60 rows");
        Assert.Equal(0, report.Lost);
    }

    [Fact]
    public void A_check_counts_what_there_is()
    {
        _site.With("outcomes.csv", text => text.Replace("sub-05,6mo,", "sub-99,6mo,", StringComparison.Ordinal));
        var report = _site.Check();
        Assert.Equal(("60 60 60", 59, 59, 2), (string.Join(' ', report.Lines.Values), report.Joined, report.Volumes, report.Lost));
        Assert.Equal(59, report.Outcomes["score"]);
        Assert.Equal(["roi", "roi_bg1e-5", "side", "side_ras"], report.Masks.Keys.Order(StringComparer.Ordinal));
    }

    public void Dispose() => _site.Dispose();
}
