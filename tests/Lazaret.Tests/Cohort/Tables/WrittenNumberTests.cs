using System.Text.RegularExpressions;
using Lazaret.Cohort.Tables;

namespace Lazaret.Tests.Cohort.Tables;

/// <summary>Columns whose numbers are written as people and spreadsheets write them, beside codes that hold digits.</summary>
public sealed class WrittenNumberTests : IDisposable
{
    private readonly FieldSite _site = new();

    /// <param name="form">How every age but those of the first five rows is written.</param>
    /// <param name="cure">What is said of each such cell.</param>
    [Theory]
    [InlineData(" {0}", "spaces or quotation marks around it")]
    [InlineData("{0} ", "spaces or quotation marks around it")]
    [InlineData("\u00A0{0}", "spaces or quotation marks around it")]
    [InlineData("'{0}", "spaces or quotation marks around it")]
    [InlineData("{0}y", "a unit follows it")]
    [InlineData("{0} years", "a unit follows it")]
    [InlineData("{0}%", "a unit follows it")]
    [InlineData("{0} mg/dL", "a unit follows it")]
    [InlineData("{0}J", "a unit follows it")]
    [InlineData("1 4{0}", "marks between thousands")]
    [InlineData("1'4{0}", "marks between thousands")]
    [InlineData("1\u202F4{0}", "marks between thousands")]
    [InlineData("\"1,450,0{0}\"", "marks between thousands")]
    [InlineData("\u2212{0}", "its sign is another character")]
    [InlineData("\u2212{0}.525", "its sign is another character")]
    [InlineData("\u2013{0}.525", "its sign is another character")]
    [InlineData("\u2212 {0}.525", "its sign is another character")]
    [InlineData("{0}.525-", "its sign is another character")]
    [InlineData("+ {0}.5", "spaces or quotation marks around it")]
    [InlineData("{0};5", "a semicolon parts it")]
    [InlineData("<{0}", "it is a bound and no value")]
    [InlineData("> {0}", "it is a bound and no value")]
    [InlineData("{0}+", "it is a bound and no value")]
    public void A_column_of_numbers_that_are_written_otherwise_is_a_fault_and_no_category(string form, string cure)
    {
        foreach (var plain in new[] { 0, 5 })
        {
            WriteAges((age, i) => i < plain ? age : form.Replace("{0}", age, StringComparison.Ordinal));
            var view = _site.Open();
            Assert.Matches($@"^subjects\.csv:\d+:3: age is no number in {60 - plain} of 60 rows: .*{Regex.Escape(cure)}.* \({60 - plain} like this: lines {plain + 2}, ", Assert.Single(view.Faults).ToString());
            Assert.DoesNotContain(Catalog.Of(view, minimumCohort: 0).Variables, variable => variable.Name == "age");
            // Levels that are declared are taken as they are.
            _site.Write("site.yaml", $"variables:\n  age: {{levels: [{string.Join(", ", File.ReadAllLines(_site["subjects.csv"]).Skip(1).Select(AgeOf).Distinct().Select(level => $"\"{level}\""))}]}}\n");
            Assert.Empty(_site.Open().Faults);
            File.Delete(_site["site.yaml"]);
            _site.Write("subjects.csv", File.ReadAllText(Path.Combine(FieldSite.Source, "subjects.csv")));
        }

        static string AgeOf(string line) => Regex.Match(line, "^[^,]*,[^,]*,(?:\"([^\"]*)\"|([^,]*)),", RegexOptions.None, TimeSpan.FromSeconds(1)) is var found && found.Groups[1].Success ? found.Groups[1].Value : found.Groups[2].Value;
    }

    [Fact]
    public void Several_ways_of_writing_numbers_in_one_column_are_told_each()
    {
        string[] forms = [" {0}", "{0}y", "\"{0},5\"", "<{0}", "1 4{0}"];
        WriteAges((age, i) => forms[i % forms.Length].Replace("{0}", age, StringComparison.Ordinal));
        var view = _site.Open();
        Assert.Equal(5, view.Faults.Select(fault => fault.Message).Distinct().Count());
        Assert.All(view.Faults, fault => Assert.Contains("(12 like this: lines ", fault.Message, StringComparison.Ordinal));
        Assert.DoesNotContain(Catalog.Of(view, minimumCohort: 0).Variables, variable => variable.Name == "age");
    }

    /// <param name="levels">What stands in the rows by turns.</param>
    [Theory]
    [InlineData("MCI2,MCI10,AD1")]
    [InlineData("site01,site02")]
    [InlineData("1a,2a,2b,3a")]
    [InlineData("1;2,1;3,2;3,1;2;3")]
    [InlineData("2a,3a,4a")]
    [InlineData("T1,T2,1.5T")]
    [InlineData("1.5T,3T")]
    [InlineData("18-25,26-40,41-65,66-90,91-95,96-97,98-99,60-70,71-72")]
    [InlineData("<18,18-65,>65")]
    [InlineData("18-39,40-59,60+")]
    [InlineData("<50,≥50")]
    [InlineData("F32.1,G20,F42.0")]
    [InlineData("2024-03-10,2024-03-11,2023-01-02")]
    [InlineData("10.03.2024,11.03.2024,12.04.2023")]
    [InlineData("03/10/2024,12/10/2024")]
    [InlineData("12:30,13:45")]
    [InlineData("placebo,5mg,10mg")]
    [InlineData("baseline,6mo,12mo")]
    [InlineData("1st,2nd,3rd,4th")]
    [InlineData("1-Jan,2-Feb")]
    [InlineData("1.2.3,1.2.4")]
    [InlineData("0+,A+,B-,AB-")]
    [InlineData("low,high,5%")]
    public void Codes_that_hold_digits_stay_categories(string levels)
    {
        var all = levels.Split(',');
        WriteAges((_, i) => all[i % all.Length]);
        var view = _site.Open();
        Assert.Empty(view.Faults);
        Assert.Equal(all.Order(StringComparer.Ordinal), Assert.IsType<Variable.Category>(Catalog.Of(view, minimumCohort: 0).Variables.Single(variable => variable.Name == "age")).Levels);
    }

    [Fact]
    public void A_comma_that_may_be_between_thousands_is_told_with_both_readings()
    {
        WriteAges((age, _) => $"\"1,4{age}\"");
        Assert.Matches("^subjects\\.csv:2:3: age has a comma in 60 of 60 rows, this the first, before decimals or between thousands: write 'decimal: \",\"'", Assert.Single(_site.Open().Faults).ToString());
        WriteAges((age, i) => i == 7 ? $"\"1,4{age}\"" : age);
        Assert.Contains("is no number in 1 of 60 rows: its comma is before decimals or between thousands", Assert.Single(_site.Open().Faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_few_decimal_commas_are_told_as_such_in_attributes_and_outcomes()
    {
        WriteAges((age, i) => i % 10 == 3 ? $"\"{age},5\"" : age);
        _site.With("outcomes.csv", text => text.Replace("-0.102", "\"-0,102\"", StringComparison.Ordinal));
        var faults = _site.Open().Faults;
        Assert.Equal(2, faults.Count);
        Assert.Contains("(6 like this: lines 5, 15, 25, 35, 45 and 1 more)", faults[0].Message, StringComparison.Ordinal);
        Assert.All(faults, fault => Assert.Contains("it has a decimal comma: write a point, or 'decimal: \",\"' into site.yaml", fault.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void Numbers_among_many_codes_for_missing_stay_numbers_and_the_line_that_mends_it_is_told()
    {
        WriteAges((age, i) => i % 3 == 0 ? age : "NA");
        var view = _site.Open();
        Assert.Contains("age is no number in 40 of 60 rows: if it means that the value is missing, write 'missing: [n/a, NA]' into site.yaml", Assert.Single(view.Faults).ToString(), StringComparison.Ordinal);
        Assert.Equal(20, view.Attributes["age"].Count(age => age.Length > 0));
        _site.Write("site.yaml", "missing: [n/a, NA]\n");
        Assert.Empty(_site.Open().Faults);
    }

    [Fact]
    public void A_name_in_both_tables_is_a_fault_that_names_both_columns()
    {
        _site.With("outcomes.csv", text => string.Concat(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((line, i) => $"{line},{(i == 0 ? "age" : $"{i}")}\n")));
        Assert.StartsWith("outcomes.csv:1:4: age is a column of subjects.csv too, there in place 3", Assert.Single(_site.Check().Faults).ToString(), StringComparison.Ordinal);
        _site.Write("site.yaml", "outcomes: {score: {}}\n");
        Assert.Empty(_site.Check().Faults);
    }

    public void Dispose() => _site.Dispose();

    private void WriteAges(Func<string, int, string> write) => _site.Write("subjects.csv", string.Concat(File.ReadAllLines(Path.Combine(FieldSite.Source, "subjects.csv")).Select((line, i) =>
        i == 0 ? $"{line}\n" : line.Split(',') is var cells ? $"{cells[0]},{cells[1]},{write(cells[2], i - 1)},{cells[3]}\n" : "")));
}
