using System.Globalization;
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

    [Fact]
    public void What_is_wrong_alike_in_many_rows_is_said_once_with_the_first_lines()
    {
        _site.With("subjects.csv", text => Regex.Replace(text, "^(sub-[0-5][0-9],6mo,)[0-9]+,", "$1unknown,", RegexOptions.Multiline, TimeSpan.FromSeconds(1)).Replace("unknown,F", "40,F", StringComparison.Ordinal));
        _site.With("outcomes.csv", text => Regex.Replace(text, @"(\d)\.(\d)", "$1,$2", RegexOptions.None, TimeSpan.FromSeconds(1)));
        var faults = _site.Open().Faults.Select(fault => fault.ToString()).ToList();
        Assert.Equal(2, faults.Count);
        Assert.Matches(@"^outcomes\.csv:2: 4 fields, expected 3: put a field that holds a comma in quotes \(\d+ like this: lines 2, 3, 4, 5, 6 and \d+ more\)$", faults[0]);
        Assert.Matches(@"^subjects\.csv:\d+:3: age is no number in \d+ of 60 rows: .+ \(\d+ like this: lines \d+, \d+, \d+, \d+, \d+ and \d+ more\)$", faults[1]);
    }

    [Theory]
    [InlineData("19{0:00}-03-1{1}", "holds dates, which count as levels of a category")]
    [InlineData("1{1}.03.19{0:00}", "holds dates, which count as levels of a category")]
    [InlineData("19{0:00}-03-1{1}T08:30:00", "holds dates, which count as levels of a category")]
    [InlineData("19{0:00}031{1}", "holds dates, which count as numbers of eight digits")]
    [InlineData("came late on day {0}", "has 60 texts in 60 rows, each a level of a category: if these are names or remarks, leave the column out")]
    public void Columns_of_dates_and_remarks_are_findings_until_they_are_left_out(string text, string told)
    {
        var row = 0;
        _site.With("subjects.csv", table => string.Join('\n', table.TrimEnd('\n').Split('\n').Select(line => $"{line},{(row++ == 0 ? "extra" : string.Format(CultureInfo.InvariantCulture, text, row, row % 10))}")) + "\n");
        Assert.Contains($"subjects.csv:1:5: extra {told}", Assert.Single(_site.Check().Findings, finding => finding.File == "subjects.csv").ToString(), StringComparison.Ordinal);
        _site.Write("site.yaml", "variables:\n  age: {bins: [0, 50, 100]}\n  sex: {levels: [F, M]}\n");
        Assert.DoesNotContain(_site.Check().Findings, finding => finding.File == "subjects.csv");
    }

    [Theory]
    [InlineData("subjects.csv", "{0} kg", 0)]
    [InlineData("subjects.csv", "\"{0},5\"", 0)]
    [InlineData("outcomes.csv", "on {0}.3.2019", 0)]
    [InlineData("outcomes.csv", "2019-03-{0:00}", 1)]
    public void Numbers_in_another_way_of_writing_are_no_names_and_dates_of_outcomes_no_levels(string table, string text, int findings)
    {
        var row = 0;
        _site.With(table, all => string.Join('\n', all.TrimEnd('\n').Split('\n').Select(line => $"{line},{(row++ == 0 ? "extra" : string.Format(CultureInfo.InvariantCulture, text, table == "outcomes.csv" ? (row % 28) + 1 : row + 40))}")) + "\n");
        var found = _site.Check().Findings.Where(finding => finding.File == table).ToList();
        Assert.Equal(findings, found.Count);
        Assert.All(found, finding => Assert.Contains("extra holds dates, which count as missing values", finding.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Subject_ID", "upper and lower case")]
    [InlineData("subject-id", "hyphens, underscores or points")]
    [InlineData("subject_id ", "spaces")]
    [InlineData("Subject ID", "several of these")]
    public void A_column_that_is_nearly_named_as_it_must_be_is_told(string written, string difference)
    {
        _site.With("outcomes.csv", text => text.Replace("subject_id,", $"{written},", StringComparison.Ordinal));
        Assert.StartsWith($"outcomes.csv:1: column subject_id is missing: '{written}' differs from it in {difference}", Assert.Single(_site.Open().Faults).ToString(), StringComparison.Ordinal);
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

    [Theory]
    [InlineData("sub-", "", "the prefix 'sub-' or 'ses-'", 60)]
    [InlineData("sub-0", "sub-", "leading zeros", 9)]
    [InlineData("sub-05", "sub-05 ", "spaces", 1)]
    [InlineData("sub-05", "SUB-05", "upper and lower case", 1)]
    [InlineData("sub-05", "sub_05", "hyphens, underscores or points", 1)]
    [InlineData("sub-05", "sub\u201305", "hyphens, underscores or points", 1)]
    [InlineData("sub-05", "sub-\u200E05", "spaces", 1)]
    [InlineData("sub-05", "sub-\uFF10\uFF15", "the width of letters or digits", 1)]
    [InlineData("sub-05", "\u0455ub-05", "letters of another script that look alike", 1)]
    [InlineData("sub-05", "SUB5", "several of these: spaces, Unicode form, case, prefix, leading zeros, hyphens", 1)]
    public void Identifiers_that_nearly_meet_are_a_fault_with_the_difference_and_how_many(string before, string after, string difference, int count)
    {
        _site.With("outcomes.csv", text => text.Replace(before, after, StringComparison.Ordinal));
        var report = _site.Check();
        Assert.Contains(report.Faults, fault => fault.ToString().Contains($": {count} of 60 rows {(count == 1 ? "has" : "have")} no match in subjects.csv only because of {difference} in", StringComparison.Ordinal));
        Assert.Contains(report.Findings, finding => finding.ToString() == (count == 60 ? "outcomes.csv: no row has a match in subjects.csv" : $"outcomes.csv: {count} of 60 rows {(count == 1 ? "has" : "have")} no match in subjects.csv"));
        Assert.Equal(2 * count, report.Lost);
    }

    [Theory]
    [InlineData("M\u00FCller", "Mu\u0308ller", "the Unicode form")]
    [InlineData("\u0419ov", "\u0418\u0306ov", "the Unicode form")]
    [InlineData("\u03AC1", "\u03B1\u03011", "the Unicode form")]
    [InlineData("Tr\u1EA7n", "Tra\u0302\u0300n", "the Unicode form")]
    [InlineData("\uAE40\uBBFC", "\u1100\u1175\u11B7\u1106\u1175\u11AB", "the Unicode form")]
    [InlineData("\u304C1", "\u304B\u30991", "the Unicode form")]
    [InlineData("\u06231", "\u0627\u06541", "the Unicode form")]
    [InlineData("WEISS", "Wei\u00DF", "upper and lower case of ß, ς, ı or İ")]
    [InlineData("Weiss", "WEI\u1E9E", "upper and lower case of ß, ς, ı or İ")]
    [InlineData("AL\u0130", "ali", "upper and lower case of ß, ς, ı or İ")]
    [InlineData("\u039D\u0399\u039A\u039F\u03A3", "\u03BD\u03B9\u03BA\u03BF\u03C2", "upper and lower case of ß, ς, ı or İ")]
    [InlineData("ALI", "al\u0131", "upper and lower case of ß, ς, ı or İ")]
    public void Identifiers_in_two_writings_of_a_name_nearly_meet(string one, string other, string difference)
    {
        _site.With("subjects.csv", text => text.Replace("sub-05", one, StringComparison.Ordinal));
        foreach (var table in new[] { "outcomes.csv", "paths.csv" })
            _site.With(table, text => text.Replace("sub-05,", $"{other},", StringComparison.Ordinal));
        Assert.All(_site.Open().Faults, fault => Assert.Contains($"1 of 60 rows has no match in subjects.csv only because of {difference}", fault.ToString(), StringComparison.Ordinal));
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

    /// <param name="value">Of two subjects, in a column whose other values are given.</param>
    [Theory]
    [InlineData("-9", "0,1", true)]
    [InlineData("9", "0,1", true)]
    [InlineData("999", "0,0,0,1,2", true)]
    [InlineData("-99", "20,35,50,64,79", true)]
    [InlineData("99", "20,35,50,64,79", false)]
    [InlineData("-9", "-30,-8,4,12", false)]
    [InlineData("4321", "0,0,0,1,2", true)]
    [InlineData("3", "0,0,0,1,2", false)]
    public void A_number_that_stands_for_a_missing_one_is_a_finding_in_columns_of_few_or_uneven_values(string value, string others, bool isFound)
    {
        var values = others.Split(',');
        _site.With("subjects.csv", text => string.Concat(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((line, i) => $"{line},{(i == 0 ? "stage" : i is 9 or 30 ? value : values[i % values.Length])}\n")));
        Assert.Equal(isFound, _site.Check().Findings.Any(finding => finding.ToString().StartsWith("subjects.csv:10:5: stage is ", StringComparison.Ordinal) && finding.Message.Contains(" in 2 of 60 rows", StringComparison.Ordinal)));
        _site.Write("site.yaml", $"missing: ['{value}']\n");
        Assert.DoesNotContain(_site.Check().Findings, finding => finding.Message.StartsWith("stage is", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("M ", "spaces")]
    [InlineData("m", "upper and lower case")]
    [InlineData("\u00A0m", "spaces, Unicode form and case")]
    public void Levels_that_are_one_but_for_how_they_are_written_are_a_finding(string level, string difference)
    {
        _site.With("subjects.csv", text => text.Replace("sub-04,6mo,", "sub-04,6mo,", StringComparison.Ordinal));
        var line = File.ReadAllLines(_site["subjects.csv"]).Index().Skip(2).First(line => line.Item.EndsWith(",M", StringComparison.Ordinal));
        _site.With("subjects.csv", text => text.Replace($"{line.Item}\n", $"{line.Item[..^1]}{level}\n", StringComparison.Ordinal));
        Assert.Contains(_site.Check().Findings, finding => finding.ToString().StartsWith($"subjects.csv:{line.Index + 1}:4: sex has levels that differ by {difference} alone, 2 in 1 groups", StringComparison.Ordinal)
            || (finding.File == "subjects.csv" && finding.Message.StartsWith($"sex has levels that differ by {difference} alone, 2 in 1 groups", StringComparison.Ordinal)));
        // Declared, it is a fault of its own.
        _site.Write("site.yaml", "variables:\n  sex: {levels: [F, M]}\n");
        Assert.Contains("is none of the declared levels", Assert.Single(_site.Check().Faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void One_number_that_is_written_in_two_ways_is_two_levels_and_a_finding()
    {
        _site.With("subjects.csv", text => string.Concat(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((line, i) => $"{line},{(i == 0 ? "centre" : i == 7 ? "1.0" : $"{i % 3}")}\n")));
        Assert.Contains(_site.Check().Findings, finding => finding.ToString().StartsWith("subjects.csv:8:5: centre has levels that differ by how a number is written alone", StringComparison.Ordinal));
        _site.With("subjects.csv", text => text.Replace(",1.0\n", ",1\n", StringComparison.Ordinal));
        // Whether they are codes, nobody but the site can say.
        Assert.StartsWith("centre holds a few whole numbers: a filter takes them as levels, a covariate as one number", Assert.Single(_site.Check().Findings, OfCentre).Message, StringComparison.Ordinal);
        _site.Write("site.yaml", "variables:\n  centre: {levels: [0, 1, 2]}\n");
        Assert.DoesNotContain(_site.Check().Findings, OfCentre);

        static bool OfCentre(Fault finding) => finding.Message.StartsWith("centre", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "is a pointer of Git LFS")]
    [InlineData("/annex/objects/MD5E-s12345--0123456789abcdef.csv\n", "is a pointer of git-annex")]
    [InlineData("PK\u0003\u0004\u0014", "is a zip archive, as Excel's workbooks are")]
    [InlineData("<!DOCTYPE html>\n<html>", "is a page of the web")]
    public void What_stands_in_place_of_a_table_is_named_for_what_it_is(string start, string name)
    {
        _site.Write("outcomes.csv", start);
        Assert.StartsWith($"outcomes.csv: {name}", Assert.Single(_site.Open().Faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_a_mask_or_a_template_whose_content_git_annex_has_elsewhere_is_named()
    {
        const string Link = ".git/annex/objects/Xx/Yy/MD5E-s1--0/MD5E-s1--0";
        foreach (var file in new[] { "outcomes.csv", "masks/roi.nii.gz", "template.nii.gz" })
        {
            File.Delete(_site[file]);
            File.CreateSymbolicLink(_site[file], (file.Contains('/') ? "../" : "") + Link);
        }

        _site.Write("site.yaml", "template_file: template.nii.gz\n");
        var faults = _site.Open().Faults.Select(fault => fault.ToString()).ToList();
        Assert.All(new[] { "outcomes.csv: is", "masks/roi.nii.gz: is", "site.yaml: template_file is" }, place => Assert.Contains(faults, fault => fault.StartsWith($"{place} a link of git-annex", StringComparison.Ordinal)));
        Assert.DoesNotContain("roi", _site.Open().Masks);
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
