using System.Globalization;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Queries;

namespace Lazaret.Tests.Cohort.Tables;

/// <summary>Tables and volumes that can be read, and would mean something else than whoever wrote them: each is told.</summary>
public sealed class MisleadingTableTests : IDisposable
{
    private static readonly CohortQuery Plain = new() { Outcome = "score", Statistic = default };

    private readonly FieldSite _site = new();

    [Theory]
    [InlineData(200, "", "1.234", "age has exactly three decimals in 1 of 60 rows, this the first, and none in all others")]
    [InlineData(0, "", "1.234", null)]
    [InlineData(200, "", "0.234", null)]
    [InlineData(200, ".5", "1.234", null)]
    public void A_point_between_thousands_is_a_finding(int from, string decimals, string odd, string? said)
    {
        _site.Set("subjects.csv", 2, row => row == 3 ? odd : string.Create(CultureInfo.InvariantCulture, $"{from + row}{decimals}"));
        var findings = _site.Check().Findings.Where(finding => finding.Message.Contains("three decimals", StringComparison.Ordinal)).ToList();
        if (said is null)
            Assert.Empty(findings);
        else
            Assert.StartsWith(said, Assert.Single(findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Beside_decimal_commas_a_point_is_not_told_to_become_one_where_it_may_be_between_thousands()
    {
        foreach (var file in new[] { "subjects.csv", "outcomes.csv", "paths.csv" })
            _site.With(file, text => text.Replace(',', ';'));
        _site.Set("subjects.csv", 2, row => row switch { 0 => "1.234", 1 => "950,5", 2 => "12.5", _ => $"{40 + row}" }, ';');
        _site.Set("outcomes.csv", 2, row => $"{row},5", ';');
        _site.Write("site.yaml", "separator: ';'\ndecimal: ','\nmissing: [\"-999,0\"]\nvariables:\n  age: {bins: [18, \"50,5\", 1000]}\n");
        var faults = _site.Open().Faults.Select(fault => fault.ToString()).ToList();
        Assert.Equal(2, faults.Count);
        Assert.Contains("age has a point, before decimals or between thousands", faults[0], StringComparison.Ordinal);
        Assert.EndsWith("decimals follow a comma: write a comma here too", faults[1], StringComparison.Ordinal);
        Assert.Equal([18, 50.5, 1000], Assert.IsType<Lazaret.Cohort.Tables.VariableDeclaration.Number>(Assert.Single(_site.Open().Declaration.Variables!)).Edges);
        _site.Set("subjects.csv", 2, row => row == 0 ? "-999" : $"{40 + row}", ';');
        Assert.Equal("", _site.Open().Attributes["age"][0]);
    }

    [Theory]
    [InlineData("NA ")]
    [InlineData("<NA>")]
    [InlineData("N.A.")]
    [InlineData("#NULL!")]
    [InlineData("#DIV/0!")]
    [InlineData("\u2013")]
    [InlineData("k.A.")]
    [InlineData("not available")]
    [InlineData("  ")]
    [InlineData("#NV")]
    [InlineData("#ZAHL!")]
    [InlineData("fehlend")]
    [InlineData("leer ")]
    public void A_text_that_means_a_missing_value_is_a_level_only_with_a_word(string text)
    {
        _site.Write("site.yaml", "missing: [n/a, leer]\n");
        _site.Set("subjects.csv", 3, row => row < 2 ? text : row % 2 == 0 ? "F" : "M");
        Assert.Contains(_site.Check().Findings, finding => finding.Message.StartsWith($"sex has the level '{text}' or one like it in 2 of 60 rows", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("subjects.csv", 0, "NA", "subject_id is 'NA' or the like in 1 of 60 rows")]
    [InlineData("outcomes.csv", 1, "unknown", "visit is 'unknown' or the like in 1 of 60 rows")]
    public void A_key_that_means_nobody_is_a_finding(string file, int column, string text, string said)
    {
        _site.Set(file, column, row => row == 4 ? text : null);
        Assert.Contains(_site.Check().Findings, finding => finding.File == file && finding.Message.StartsWith(said, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("m\u00C3\u00A4nnlich", "is UTF-8 that a program took for Latin-1 or Windows-1252, in 2 of 60 rows")]
    [InlineData("gro\u00C3\u0178", "is UTF-8 that a program took for Latin-1 or Windows-1252, in 2 of 60 rows")]
    [InlineData("\u00C3\u0153brige", "is UTF-8 that a program took for Latin-1 or Windows-1252, in 2 of 60 rows")]
    [InlineData("M\u2013\u00DC", null)]
    [InlineData("m\uFFFDnnlich", "holds U+FFFD, which stands for a letter that was lost, in 2 of 60 rows")]
    [InlineData("m\u00E4nnlich", null)]
    public void Letters_that_were_lost_are_a_finding(string text, string? said)
    {
        _site.Set("subjects.csv", 3, row => row < 2 ? text : row % 2 == 0 ? "weiblich" : "m\u00E4nnlich");
        var findings = _site.Check().Findings.Where(finding => finding.Message.Contains("save the table anew", StringComparison.Ordinal)).ToList();
        if (said is null)
            Assert.Empty(findings);
        else
            Assert.Contains(said, Assert.Single(findings).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("M\u00FCller", "M\u00C3\u00BCller", "letters that were read in another encoding")]
    [InlineData("01", "patient-01", "letters before the number")]
    [InlineData("01", "P01", "letters before the number")]
    [InlineData("sub-x", "'sub-x", "quotation marks")]
    public void Why_a_row_joins_to_nothing_is_said(string here, string there, string difference)
    {
        _site.Set("subjects.csv", 0, row => row == 4 ? here : null);
        _site.Set("outcomes.csv", 0, row => row == 4 ? there : null);
        _site.Set("paths.csv", 0, row => row == 4 ? here : null);
        Assert.Contains(_site.Open().Faults, fault => fault.File == "outcomes.csv" && fault.Message.Contains($"only because of {difference} in subject_id", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("12-Jan-19")]
    [InlineData("7 March 2019")]
    [InlineData("07.03.2019")]
    public void A_column_of_which_half_are_dates_is_a_finding(string date)
    {
        _site.Set("subjects.csv", 3, row => row % 2 == 0 ? date.Replace("7", $"{1 + (row % 9)}", StringComparison.Ordinal) : "offen");
        Assert.Contains(_site.Check().Findings, finding => finding.Message.StartsWith("sex holds dates", StringComparison.Ordinal));
    }

    [Fact]
    public void A_value_on_the_last_edge_is_within_the_bins()
    {
        _site.Set("subjects.csv", 2, row => row == 0 ? "79" : "50");
        _site.Write("site.yaml", "variables:\n  age: {bins: [40, 60, 79]}\n");
        Assert.DoesNotContain(_site.Check().Findings, finding => finding.Message.Contains("bins", StringComparison.Ordinal));
    }

    [Fact]
    public void What_lies_in_the_view_under_nearly_the_right_name_is_a_fault()
    {
        _site.Write("site.yml", "missing: [NA]\n");
        Directory.Move(_site["masks"], _site["Masks"]);
        Assert.Equal(["Masks: is not read: the name is masks", "site.yml: is not read: the name is site.yaml"], _site.Open().Faults.Select(fault => fault.ToString()));
        Directory.Move(_site["Masks"], _site["masks"]);
        File.Delete(_site["site.yml"]);
        Directory.CreateDirectory(_site["masks/dbs"]);
        Assert.StartsWith("masks/dbs: is a folder, and not looked into", Assert.Single(_site.Open().Faults).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Subject_ID;Visit;age;sex")]
    [InlineData("subject_id; visit; age; sex")]
    public void A_separator_is_named_however_the_columns_are_spelled(string header)
    {
        _site.With("subjects.csv", text => $"{header}\n{text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..].Replace(',', ';')}");
        Assert.Contains(_site.Open().Faults, fault => fault.ToString().StartsWith("subjects.csv:1: fields are separated by ';', expected ','", StringComparison.Ordinal));
    }

    [Fact]
    public void A_column_with_spaces_around_its_name_is_a_finding()
    {
        _site.With("subjects.csv", text => text.Replace("visit,age,", "visit,age ,", StringComparison.Ordinal));
        Assert.Contains(_site.Check().Findings, finding => finding.Message.Contains("has spaces around its name", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("78-80", "it is a range")]
    [InlineData("5-Jan-19", "it is a date")]
    [InlineData("01. Mai", "it is a date")]
    [InlineData("Jan 05", "it is a date")]
    [InlineData("1-May", "it is a date")]
    [InlineData("(78)", "there are brackets around it")]
    [InlineData("78/79", "several numbers or a remark stand in it")]
    [InlineData("057Y", "a unit follows it")]
    public void The_advice_fits_what_stands_in_the_cell(string cell, string advice)
    {
        _site.Set("subjects.csv", 2, row => row == 4 ? cell : $"{40 + (row % 30)}");
        Assert.Contains(advice, Assert.Single(_site.Open().Faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Few_ages_as_DICOM_writes_them_are_no_category()
    {
        _site.Set("subjects.csv", 2, row => $"05{row % 7}Y");
        Assert.DoesNotContain("age", _site.Open().Attributes.Keys);
        Assert.Contains("a unit follows it", Assert.Single(_site.Open().Faults).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "site.yaml: is a pointer of Git LFS")]
    [InlineData("../.git/annex/objects/Xx/Yy/MD5E-s1--0.yaml/MD5E-s1--0.yaml", "site.yaml: is a pointer of git-annex")]
    [InlineData("template_file: .git/annex/objects/none.nii.gz\n", "site.yaml: template_file cannot be read")]
    public void What_stands_in_place_of_a_declaration_is_named_for_what_it_is_and_a_path_in_one_is_none(string text, string said)
    {
        _site.Write("site.yaml", text);
        Assert.StartsWith(said, Assert.Single(_site.Open().Faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_in_another_unit_than_it_says_is_a_fault_and_not_the_whole_grid()
    {
        var mask = NiftiVolume.Read(_site["masks/side.nii.gz"]);
        NiftiWriter.Write(_site["masks/side.nii.gz"], mask with { Grid = Scaled(mask.Grid, 1000) });
        Assert.Contains("is in another unit than xyzt_units says", Assert.Single(_site.Check().Faults).ToString(), StringComparison.Ordinal);
        Assert.ThrowsAny<NiftiException>(() => _site.Ask(Plain with { Mask = "side" }));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(0.001)]
    public void Volumes_that_are_all_in_another_unit_than_they_say_are_a_fault_of_the_site(double times)
    {
        foreach (var file in Directory.EnumerateFiles(_site["conn"]))
        {
            var volume = NiftiVolume.Read(file);
            NiftiWriter.Write(file, volume with { Grid = Scaled(volume.Grid, times) });
        }

        Assert.Contains(_site.Open().Faults, fault => fault.Message.Contains("wide, as no head is", StringComparison.Ordinal));
    }

    public void Dispose() => _site.Dispose();

    private static Grid Scaled(Grid grid, double times) => grid with { Affine = grid.Affine.Scaled(times) };
}
