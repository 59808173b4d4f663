using Lazaret.Cohort.Faults;

namespace Lazaret.Tests.Cohort;

public sealed class FaultListTests
{
    [Fact]
    public void The_first_faults_are_kept_and_the_others_counted_without_a_word()
    {
        var faults = new FaultList<string>(2);
        var worded = 0;
        for (var i = 1; i <= 5; i++)
        {
            faults.Add(i, number =>
            {
                worded++;
                return $"fault {number}";
            });
        }

        Assert.Equal((2, 3, 5, 2), (faults.Count, faults.More, faults.Total, worded));
        Assert.Equal(["fault 1", "fault 2", "and 3 more"], faults.Lines());
    }

    [Fact]
    public void What_another_list_only_counted_is_counted_too()
    {
        FaultList<int> numbers = new(2) { 1, 2, 3 };
        var faults = new FaultList<string>(3) { "first" };
        faults.AddRange(numbers, number => $"{number}");
        Assert.Equal(["first", "1", "2", "and 1 more"], faults.Lines());
    }

    [Theory]
    [InlineData("plain", "'plain'")]
    [InlineData("two\nlines\u001b[31m", "'two\\u{000A}lines\\u{001B}[31m'")]
    [InlineData("turned\u202Eround\u200B", "'turned\\u{202E}round\\u{200B}'")]
    public void A_strangers_text_is_quoted_on_one_line(string text, string quoted) => Assert.Equal(quoted, Quoted.Text(text));

    [Fact]
    public void A_strangers_text_is_quoted_up_to_a_line() => Assert.Equal($"'{new string('x', 60)}…'", Quoted.Text(new string('x', 1 << 20)));
}
