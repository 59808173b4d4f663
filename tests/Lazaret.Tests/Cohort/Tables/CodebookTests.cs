using System.Globalization;

namespace Lazaret.Tests.Cohort.Tables;

/// <summary>Codes of a codebook, of which a column has several, and what else only shows when a column is looked at whole.</summary>
public sealed class CodebookTests : IDisposable
{
    private readonly FieldSite _site = new();

    [Theory]
    [InlineData("0,1,2,3,4,5,6", "-7,-8,-9", "-9 or -8 or -7 in 9 of 60 rows")]
    [InlineData("20,31,49", "-77,-88,-99", "-99 or -88 or -77 in 9 of 60 rows")]
    [InlineData("0,1,2,3,4,5,6", "77,88,99", "77 or 88 or 99 in 9 of 60 rows")]
    [InlineData("0,1,2,3,4", "7,8,9", "7 or 8 or 9 in 9 of 60 rows")]
    [InlineData("10,24,37,49", "-1,-3", "-3 or -1 in 6 of 60 rows")]
    [InlineData("7,8,9", "77", "77 in 3 of 60 rows")]
    [InlineData("0,1,2,3,4,5,6,7", "8,9", null)]
    [InlineData("-12,0,5,14", "-1,-2,-3", null)]
    [InlineData("0,1,4,6", "-1,-2,-3", null)]
    [InlineData("20,35,60,75", "77,88", null)]
    public void Codes_are_found_together(string values, string codes, string? said)
    {
        var (plain, coded) = (values.Split(','), codes.Split(','));
        SetAges(row => row < 3 * coded.Length ? coded[row % coded.Length] : plain[row % plain.Length]);
        var finding = _site.Check().Findings.SingleOrDefault(finding => finding.File == "subjects.csv" && finding.Message.Contains("nowhere near it else", StringComparison.Ordinal));
        Assert.Equal(said is not null, finding is not null);
        if (said is not null)
            Assert.StartsWith($"age is {said}, this the first", finding!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SUB-05", "upper and lower case")]
    [InlineData("sub-5", "leading zeros")]
    [InlineData("sub-05\u00A0", "spaces")]
    public void One_person_in_two_spellings_of_one_table_is_a_finding(string spelling, string difference)
    {
        foreach (var table in new[] { "subjects.csv", "outcomes.csv", "paths.csv" })
            _site.With(table, text => text.Replace("sub-06,", $"{spelling},", StringComparison.Ordinal));
        Assert.Equal($"subject_id differs from that of line 6 by {difference} alone, and so do 2 in 1 groups: they count as different people", Assert.Single(_site.Check().Findings, finding => finding is { File: "subjects.csv", Line: 7 }).Message);
    }

    [Fact]
    public void Values_outside_the_declared_bins_are_a_finding()
    {
        SetAges(row => row < 2 ? "17" : "40");
        _site.Write("site.yaml", "variables:\n  age: {bins: [18, 30, 60]}\n");
        Assert.Equal("age lies outside its declared bins in 2 of 60 rows, this the first: no filter finds them", Assert.Single(_site.Check().Findings, finding => finding.Message.Contains("bins", StringComparison.Ordinal)).Message);
    }

    [Theory]
    [InlineData("", "missing: [n/a, NA, \"?\"]")]
    [InlineData("missing: [-999]\n", "missing: [\"-999\", NA, \"?\"]")]
    public void What_to_write_for_missing_keeps_what_is_declared_and_has_all_texts_of_the_column(string yaml, string advice)
    {
        SetAges(row => row switch { 1 => "NA", 2 => "?", _ => string.Create(CultureInfo.InvariantCulture, $"{40 + (row % 30)}") });
        _site.Write("site.yaml", yaml);
        Assert.All(_site.Open().Faults, fault => Assert.Contains(advice, fault.ToString(), StringComparison.Ordinal));
        Assert.Equal(2, _site.Open().Faults.Count);
    }

    public void Dispose() => _site.Dispose();

    private void SetAges(Func<int, string> ageOf) => _site.Set("subjects.csv", 2, ageOf);
}
