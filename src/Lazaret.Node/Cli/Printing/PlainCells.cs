using Spectre.Console;

namespace Lazaret.Node.Cli.Printing;

/// <summary>Cells that show what they are given. Spectre's own rows of strings are markup: brackets are styles there, and a word between colons, as in a setting's key, becomes an emoji.</summary>
internal static class PlainCells
{
    public static Table AddTexts(this Table table, params string[] cells) => table.AddRow(cells.Select(cell => new Text(cell)));
}
