using System.Globalization;
using System.Text;
using System.Text.Json;
using Lazaret.Node.Cli;

namespace Lazaret.Tests.Fhir.Units;

/// <summary>What <c>lazaret fhir units</c> says of 387 published cases. In <c>data</c>: kind, from, to, value, expected, molar mass, note.</summary>
public sealed class UcumCasesTests
{
    private static readonly string[][] Rows =
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Fhir", "Units", "data", "ucum_cases.tsv")).Skip(1).Select(line => line.Split('\t')),
    ];

    public static TheoryData<string> Kinds() => [.. Rows.Select(row => row[0]).Distinct(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_published_case_is_answered_as_published(string kind)
    {
        var rows = Rows.Where(row => row[0] == kind).ToList();
        var lines = rows.Select(row => kind == "canonical"
            ? $"{row[1]}\t{row[4].Split(' ')[1]}\t1\t"
            : $"{row[1]}\t{row[2]}\t{row[3]}\t{row[5]}");

        var answers = await AnswerAsync(string.Join('\n', lines));

        var wrong = rows.Zip(answers).Where(pair => !Agrees(kind, pair.First[4], pair.Second));
        Assert.Empty(wrong.Select(pair => $"{string.Join(" | ", pair.First.Take(6))}: {pair.Second}"));
        Assert.Equal(rows.Count, answers.Count);
    }

    [Fact]
    public async Task Cells_are_not_trimmed_and_lines_need_no_end() =>
        Assert.Equal([true, false, false, true], (await AnswerAsync("kg\r\n kg\nkg \nkg")).Select(answer => answer.GetProperty("from_valid").GetBoolean()));

    [Fact]
    public async Task Cells_of_any_length_are_answered_in_little_memory()
    {
        var answers = await AnswerAsync($"{new string('m', 1_000_000)}\t{new string('(', 1_000_000)}m\t{new string('9', 1_000_000)}\nkg\tg\t1\n");

        Assert.False(answers[0].GetProperty("from_valid").GetBoolean());
        Assert.Equal("1000", answers[1].GetProperty("value").GetString());
    }

    [Theory]
    [InlineData("kg\tg\tx\t")]
    [InlineData("kg\tg\t 1\t")]
    [InlineData("kg\tg\t1.\t")]
    [InlineData("kg\tg\t.-1\t")]
    [InlineData("kg\tg\t--1\t")]
    [InlineData("kg\tg\t1,5\t")]
    [InlineData("kg\tg\t1e99999\t")]
    [InlineData("kg\tg\tNaN\t")]
    [InlineData("mg\tmmol\t1\t-180")]
    [InlineData("mg\tmmol\t1\tx")]
    public async Task What_is_no_number_gives_no_value(string line)
    {
        var answer = Assert.Single(await AnswerAsync(line));

        Assert.Equal(JsonValueKind.Null, answer.GetProperty("value").ValueKind);
        Assert.Equal("refuse", answer.GetProperty("verdict").GetString());
    }

    private static bool Agrees(string kind, string expected, JsonElement answer) => kind switch
    {
        "validity" or "open" => answer.GetProperty("from_valid").GetBoolean() == (expected == "valid"),
        "commensurable" or "equal" => answer.GetProperty(kind).GetBoolean() == (expected == "yes"),
        "policy" => answer.GetProperty("verdict").GetString() == expected,
        _ when expected == "refuse" => answer.GetProperty("value").ValueKind == JsonValueKind.Null && answer.GetProperty("verdict").GetString() == "refuse",
        _ => IsNear(answer.GetProperty("value").GetString(), expected.Split(' ')[0]),
    };

    private static bool IsNear(string? text, string expected)
    {
        if (text is null)
            return false;
        var (value, wanted) = (double.Parse(text, CultureInfo.InvariantCulture), double.Parse(expected, CultureInfo.InvariantCulture));
        return Math.Abs(value - wanted) <= (wanted == 0 ? 1e-9 : Math.Abs(wanted) * 1e-12);
    }

    private static async Task<IReadOnlyList<JsonElement>> AnswerAsync(string lines)
    {
        await using var output = new StringWriter(new StringBuilder(), CultureInfo.InvariantCulture);
        await UnitsCommand.AnswerAsync(new StringReader(lines), output, TestContext.Current.CancellationToken);
        return [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];
    }
}
