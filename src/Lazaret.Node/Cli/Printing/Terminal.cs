using Spectre.Console;

namespace Lazaret.Node.Cli.Printing;

/// <summary>Adapts what is printed to where it goes: a pipe gets wide tables and no escape sequences, and no text of others can send escape sequences to a terminal.</summary>
internal static class Terminal
{
    private const int PipeWidth = 140;

    /// <summary>The console for what a person reads, while a program reads the standard output.</summary>
    public static IAnsiConsole Error { get; private set; } = AnsiConsole.Console;

    /// <summary>A bar of what is done. Where nobody sees it move, as in a file or a pipe, nothing is written: there its first step would stay.</summary>
    public static Progress Progress() => Progress(AnsiConsole.Console, isSeen: !Console.IsOutputRedirected);

    /// <inheritdoc cref="Progress()"/>
    internal static Progress Progress(IAnsiConsole console, bool isSeen) =>
        (isSeen ? console : AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(TextWriter.Null) })).Progress();

    /// <summary>Called before anything is printed: after it every text goes through <see cref="PlainWriter"/> or <see cref="PlainTables"/>.</summary>
    public static void Fit()
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Capabilities.Ansi = false;
            AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
            AnsiConsole.Profile.Width = PipeWidth;
        }

        // First, so that they keep the consoles themselves: their own escapes are colors.
        Error = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        foreach (var console in (IAnsiConsole[])[AnsiConsole.Console, Error])
            console.Pipeline.Attach(new PlainTables());
        Console.SetOut(new PlainWriter(Console.Out));
        Console.SetError(new PlainWriter(Console.Error));
    }
}
