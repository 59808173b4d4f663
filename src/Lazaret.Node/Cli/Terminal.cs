using Spectre.Console;

namespace Lazaret.Node.Cli;

/// <summary>Makes what is printed fit where it goes: a pipe gets no escapes, and room for its tables.</summary>
internal static class Terminal
{
    private const int PipeWidth = 140;

    public static void Fit()
    {
        if (!Console.IsOutputRedirected)
            return;
        AnsiConsole.Profile.Capabilities.Ansi = false;
        AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
        AnsiConsole.Profile.Width = PipeWidth;
    }
}
