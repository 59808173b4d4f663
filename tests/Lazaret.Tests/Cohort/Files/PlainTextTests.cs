using Lazaret.Cohort.Files;

namespace Lazaret.Tests.Cohort.Files;

public sealed class PlainTextTests
{
    [Theory]
    [InlineData("\u0000", "\\u{0000}")]
    [InlineData("a\u0007b", "a\\u{0007}b")]
    [InlineData("\u001b[2J", "\\u{001B}[2J")]
    [InlineData("\r", "\\u{000D}")]
    [InlineData("\u007f", "\\u{007F}")]
    [InlineData("\u009b31m", "\\u{009B}31m")]
    [InlineData("\u00ad", "\\u{00AD}")]
    [InlineData("\u061c", "\\u{061C}")]
    [InlineData("\u200b\u200d", "\\u{200B}\\u{200D}")]
    [InlineData("\u200e\u200f", "\\u{200E}\\u{200F}")]
    [InlineData("\u2028\u2029", "\\u{2028}\\u{2029}")]
    [InlineData("\u202aevil\u202e", "\\u{202A}evil\\u{202E}")]
    [InlineData("\u2066\u2069", "\\u{2066}\\u{2069}")]
    [InlineData("\ufeff", "\\u{FEFF}")]
    [InlineData("\U000E0041", "\\u{E0041}")]
    [InlineData("Zoë \U0001F600 名前 עברית", "Zoë \U0001F600 名前 עברית")]
    [InlineData("[red]", "[red]")]
    public void What_does_not_show_as_it_is_is_shown_by_its_number(string text, string shown)
    {
        Assert.Equal(shown, PlainText.Line(text));
        Assert.Equal(shown, Lines(text));
        Assert.Equal(text == shown, PlainText.FindUnplain(text) is null);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_shown_by_its_number()
    {
        Assert.Equal("\\u{D83D}x", PlainText.Line("\ud83dx"));
        Assert.Equal("x\\u{DE00}", PlainText.Line("x\ude00"));
        Assert.Equal("\\u{D83D}", PlainText.FindUnplain("\ud83d"));
    }

    [Fact]
    public void Line_breaks_and_tabs_are_kept_in_lines_and_shown_in_one_line()
    {
        Assert.Equal("a\n\tb\\u{000D}", Lines("a\r\n\tb\r"));
        Assert.Equal("a\\u{000D}\\u{000A}\\u{0009}b", PlainText.Line("a\r\n\tb"));
        Assert.Equal("\\u{000A}", PlainText.FindUnplain("a\nb"));
        Assert.Null(PlainText.FindUnplain("a\nb", "\n\t"));
    }

    private static string Lines(string text)
    {
        using var writer = new StringWriter();
        PlainText.Write(text, writer, lines: true);
        return writer.ToString();
    }
}
