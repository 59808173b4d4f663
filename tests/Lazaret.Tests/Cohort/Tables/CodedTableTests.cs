using System.Globalization;

namespace Lazaret.Tests.Cohort.Tables;

/// <summary>Codes that count as numbers, names that differ by next to nothing, and decimals that separate columns: each is told, and ordinary data are not.</summary>
public sealed class CodedTableTests : IDisposable
{
    private readonly FieldSite _site = new();

    [Theory]
    [InlineData("'M'", true)]
    [InlineData("\u2018M\u2019", true)]
    [InlineData("\u201EM\u201C", true)]
    [InlineData("'M", true)]
    [InlineData("M'", false)]
    public void A_level_in_quotation_marks_is_a_finding(string level, bool isFinding)
    {
        _site.Set("subjects.csv", 3, row => row < 3 ? level : row % 2 == 0 ? "F" : "M");
        Assert.Equal(isFinding, Findings("sex has levels that differ by quotation marks alone, 2 in 1 groups").Count == 1);
    }

    [Fact]
    public void Identifiers_with_a_point_and_a_zero_are_paired_with_their_own_number()
    {
        foreach (var file in new[] { "subjects.csv", "outcomes.csv", "paths.csv" })
            _site.Set(file, 0, row => file == "outcomes.csv" ? $"{row + 1}.0" : $"{row + 1}");
        Assert.Equal(
            "outcomes.csv:2: 60 of 60 rows have no match in subjects.csv only because of '.0' at the end in subject_id or visit; the first should match line 2 there",
            Assert.Single(_site.Open().Faults).ToString());
    }

    [Fact]
    public void A_point_between_digits_is_no_mark_between_words()
    {
        _site.Set("subjects.csv", 0, row => row == 4 ? "15" : null);
        _site.Set("paths.csv", 0, row => row == 4 ? "15" : null);
        _site.Set("outcomes.csv", 0, row => row == 4 ? "1.5" : null);
        Assert.Empty(_site.Open().Faults);
    }

    [Theory]
    [InlineData("subjects.csv", "Sex", "columns 'sex' and 'Sex' differ by upper and lower case alone")]
    [InlineData("subjects.csv", "Visit", "columns 'visit' and 'Visit' differ by upper and lower case alone")]
    [InlineData("outcomes.csv", "SCORE", "columns 'score' and 'SCORE' differ by upper and lower case alone")]
    [InlineData("outcomes.csv", "score2", null)]
    [InlineData("outcomes.csv", "sc_ore", null)]
    public void Columns_that_differ_by_how_they_are_written_are_a_finding(string file, string column, string? said)
    {
        Add(file, column, row => $"{row}.5");
        var findings = _site.Check().Findings.Where(finding => finding.Message.StartsWith("columns ", StringComparison.Ordinal)).ToList();
        if (said is null)
            Assert.Empty(findings);
        else
            Assert.StartsWith(said, Assert.Single(findings).Message, StringComparison.Ordinal);
        _site.Write("site.yaml", "variables:\n  sex: {levels: [F, M]}\noutcomes:\n  score: {}\n");
        Assert.Empty(Findings("columns "));
    }

    [Theory]
    [InlineData("site", 12, true)]
    [InlineData("Centre", 12, true)]
    [InlineData("scan_site", 12, true)]
    [InlineData("ScannerId", 12, true)]
    [InlineData("site", 2, false)]
    [InlineData("hospital_days", 12, false)]
    [InlineData("website", 12, false)]
    [InlineData("education", 12, false)]
    public void A_column_of_many_whole_numbers_that_is_called_like_a_code_is_a_finding(string name, int values, bool isFinding)
    {
        Add("subjects.csv", name, row => $"{100 + (row % values)}");
        Assert.Equal(isFinding, Findings($"{name} is called like a code").Count == 1);
        _site.Write("site.yaml", $"variables:\n  {name}: {{bins: [100, 105, 112]}}\n");
        Assert.Empty(Findings($"{name} "));
    }

    [Fact]
    public void A_zero_among_the_ages_of_adults_is_a_finding()
    {
        _site.Set("subjects.csv", 2, row => row % 15 == 0 ? "0" : $"{40 + (row % 40)}");
        Assert.StartsWith("age is 0 in 4 of 60 rows, this the first", Assert.Single(Findings("age is ")), StringComparison.Ordinal);
        _site.Set("subjects.csv", 2, row => row % 15 == 0 ? "0" : $"{row % 80}");
        Assert.Empty(Findings("age is "));
    }

    [Theory]
    [InlineData(50, 80, "0")]
    [InlineData(30, 79, "0")]
    [InlineData(18, 90, "0")]
    [InlineData(20, 75, "99")]
    [InlineData(30, 79, "1")]
    [InlineData(18, 90, "120")]
    [InlineData(30, 79, "45.5", "0")]
    public void A_code_beside_ages_of_any_range_is_a_finding(int from, int to, params string[] codes)
    {
        var random = new Random(from);
        _site.Set("subjects.csv", 2, row => row % 20 == 3 ? codes[^1] : row == 0 ? codes[0] : $"{random.Next(from, to + 1)}");
        Assert.StartsWith($"age is {codes[^1]} in ", Assert.Single(Findings("age is ")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ages")]
    [InlineData("total")]
    [InlineData("few points")]
    [InlineData("education")]
    [InlineData("counts")]
    [InlineData("doses")]
    [InlineData("grades")]
    [InlineData("MMSE")]
    [InlineData("pain")]
    public void Whole_numbers_of_any_range_without_a_code_are_no_finding(string column)
    {
        int[] education = [0, 0, 4, 6, 8, 9, 10, 10, 11, 12, 12, 12, 13, 14, 15, 16, 16, 17, 18, 20];
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            _site.Set("subjects.csv", 2, _ => $"{(int)(column switch
            {
                "ages" => random.Next(18, 91),
                "total" => Math.Max(0, 30 + (14 * Normal())),
                "few points" => Math.Max(0, 8 + (12 * Normal())),
                "education" => education[random.Next(education.Length)],
                "counts" => random.Next(5) == 0 ? 0 : Math.Exp(1.5 + (1.4 * Normal())),
                "doses" => random.Next(12) == 0 ? 0 : 25 * Math.Round(Math.Max(100, 900 + (350 * Normal())) / 25),
                "grades" => random.Next(3),
                "MMSE" => Math.Max(0, 30.5 - Math.Abs(3 * Normal())),
                _ => random.Next(12) == 0 ? 0 : random.Next(1, 101),
            })}");
            Assert.DoesNotContain(Findings("age is "), finding => finding.Contains("nowhere near it else", StringComparison.Ordinal));

            double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        }
    }

    [Fact]
    public void A_zero_among_decimals_is_a_finding()
    {
        _site.Set("outcomes.csv", 2, row => row % 20 == 3 ? "0" : Number(12.31 + (row * 0.5)));
        Assert.StartsWith("score is 0 in 3 of 60 rows, this the first", Assert.Single(Findings("score is ")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lesions")]
    [InlineData("change")]
    [InlineData("score")]
    [InlineData("dose")]
    [InlineData("stimulation")]
    [InlineData("volume")]
    [InlineData("once")]
    public void A_zero_that_is_a_value_is_no_finding(string column)
    {
        int[] lesions = [0, 0, 1, 2, 5];
        Func<int, double> valueOf = column switch
        {
            "lesions" => row => lesions[row % 5] * (row > 50 ? 3 : 1),
            "change" => row => row % 20 == 3 ? 0 : (row - 30) * 0.73,
            "score" => row => row % 5,
            "dose" => row => row % 10 == 0 ? 0 : 100 + (row % 3 * 10.5),
            "stimulation" => row => row % 2 == 0 ? 0 : 2.05 + (row * 0.01),
            "volume" => row => row % 20 == 3 ? 0 : 0.35 * Math.Pow(1.1, row),
            _ => row => row == 3 ? 0 : 12.31 + (row * 0.5),
        };
        _site.Set("outcomes.csv", 2, row => Number(valueOf(row)));
        Assert.Empty(Findings("score is 0"));
    }

    [Fact]
    public void A_decimal_comma_that_fills_the_next_column_is_a_finding()
    {
        _site.Set("outcomes.csv", 2, row => $"{20 + (row % 17)}");
        Add("outcomes.csv", "ybocs", row => row % 4 == 0 ? $"0{1 + (row % 9)}" : $"{10 + row}");
        Assert.StartsWith("ybocs has a leading zero in 15 of 60 rows, this the first: if it is the end of a number with a decimal comma", Assert.Single(Findings("ybocs ")), StringComparison.Ordinal);
        // Behind decimals, or in the first column, there is no comma to be parted at.
        _site.Set("outcomes.csv", 2, row => $"{row}.5");
        Assert.Empty(Findings("ybocs "));
        _site.Set("outcomes.csv", 2, row => row % 4 == 0 ? $"0{1 + (row % 9)}" : $"{10 + row}");
        Assert.Empty(Findings("score has a leading zero"));
        _site.Set("outcomes.csv", 3, row => $"0{row % 9}");
        Assert.Empty(Findings("ybocs "));
        _site.Set("outcomes.csv", 3, row => $"0.{1 + (row % 9)}");
        Assert.Empty(Findings("ybocs "));
    }

    [Theory]
    [InlineData("scores_site")]
    [InlineData("tiny_site")]
    public void Sample_sites_have_no_finding_but_rows_that_join_to_nothing(string name)
    {
        var view = Lazaret.Cohort.Tables.DataView.Open(Path.Combine(Path.GetDirectoryName(FieldSite.Source)!, name));
        Assert.DoesNotContain(view.Findings, finding => !finding.Message.Contains("no match in", StringComparison.Ordinal));
    }

    public void Dispose() => _site.Dispose();

    private List<string> Findings(string start) => [.. _site.Open().Findings.Select(finding => finding.Message).Where(message => message.StartsWith(start, StringComparison.Ordinal))];

    private void Add(string file, string column, Func<int, string> valueOf) =>
        _site.With(file, text => string.Concat(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((line, at) => $"{line},{(at == 0 ? column : valueOf(at - 1))}\n")));

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
