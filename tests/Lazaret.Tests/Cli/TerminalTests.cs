using Lazaret.Node.Cli.Printing;
using Spectre.Console;

namespace Lazaret.Tests.Cli;

public sealed class TerminalTests
{
    private const string Hostile = "a\u001b]0;owned\u0007\u009b2J\u202eb";
    private const string Shown = "a\\u{001B}]0;owned\\u{0007}\\u{009B}2J\\u{202E}b";

    [Fact]
    public void Whatever_is_written_in_whatever_way_is_shown_as_what_it_is()
    {
        using var output = new StringWriter { NewLine = "\n" };
        using (var writer = new PlainWriter(output) { NewLine = "\n" })
        {
            writer.WriteLine(Hostile);
            writer.Write(Hostile);
            writer.WriteLine();
            writer.WriteLine("{0}", Hostile);
            writer.WriteLine(Hostile.ToCharArray());
            writer.WriteLine(Hostile.AsSpan());
            writer.WriteLine(new System.Text.StringBuilder(Hostile));
            writer.WriteLine((object)Hostile);
            foreach (var character in Hostile)
                writer.Write(character);
            writer.Flush();
        }

        Assert.Equal(string.Join('\n', Enumerable.Repeat(Shown, 8)), output.ToString());
    }

    [Fact]
    public async Task The_asynchronous_ways_are_no_way_around()
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await using var writer = new PlainWriter(output) { NewLine = "\n" };
        await writer.WriteLineAsync(Hostile);
        await writer.WriteAsync(Hostile);
        await writer.WriteLineAsync(Hostile.AsMemory(), TestContext.Current.CancellationToken);
        await writer.WriteAsync(Hostile.ToCharArray());
        Assert.Equal($"{Shown}\n{Shown}{Shown}\n{Shown}", output.ToString());
    }

    [Fact]
    public void Lines_and_tabs_stay_lines_and_tabs()
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var writer = new PlainWriter(output) { NewLine = "\n" };
        writer.WriteLine("a\r\n\tb\n名前 \U0001F600");
        Assert.Equal("a\n\tb\n名前 \U0001F600\n", output.ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_bar_that_nobody_sees_move_is_not_written(bool isSeen)
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(output) });
        Terminal.Progress(console, isSeen).Start(context =>
        {
            context.AddTask("Sealing records").Value = 50;
            context.Refresh();
        });
        Assert.Equal(isSeen, output.ToString().Contains("Sealing records", StringComparison.Ordinal));
    }

    [Fact]
    public void Tables_show_hostile_cells_and_keep_their_own_colors()
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.Standard, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 140;
        console.Pipeline.Attach(new PlainTables());
        console.Write(new Table().Title(Markup.Escape($"t{Hostile}")).AddColumns("x").AddRow($"[green]{Markup.Escape(Hostile)}[/]").AddRow("plain\ntwo"));
        console.MarkupLineInterpolated($"[bold]{Hostile}[/]");
        var text = output.ToString();
        Assert.Contains($"\u001b[32m{Shown}\u001b[0m", text, StringComparison.Ordinal);
        Assert.Contains($"t{Shown}", text, StringComparison.Ordinal);
        Assert.Contains($"\u001b[1m{Shown}\u001b[0m", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b]", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u009b', text);
        Assert.DoesNotContain('\u202e', text);
        Assert.DoesNotContain("u{000A}", text, StringComparison.Ordinal);
    }
}
