using Spectre.Console;

namespace Lazaret.Node.Cli.Printing;

/// <summary>Makes what is printed fit where it goes: a pipe gets no escapes, and room for its tables; nobody else's text steers a terminal.</summary>
internal static class Terminal
{
    private const int PipeWidth = 140;

    /// <summary>Before anything is printed: from here on every text goes through <see cref="PlainWriter"/> or <see cref="PlainTables"/>.</summary>
    public static void Fit()
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Capabilities.Ansi = false;
            AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
            AnsiConsole.Profile.Width = PipeWidth;
        }

        // First, so that it keeps the console itself: its own escapes are colors.
        AnsiConsole.Console.Pipeline.Attach(new PlainTables());
        Console.SetOut(new PlainWriter(Console.Out));
        Console.SetError(new PlainWriter(Console.Error));
    }
}
