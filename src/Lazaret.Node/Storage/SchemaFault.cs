namespace Lazaret.Node.Storage;

/// <summary>One thing in a database that this version's migrations do not make so, or that is not there though they make it.</summary>
/// <param name="What">One line.</param>
/// <param name="Mend">The statement that mends it, where one does.</param>
public sealed record SchemaFault(string What, string? Mend)
{
    private const int MostCharacters = 100;

    /// <summary>What a stranger wrote, as it may stand in a message.</summary>
    internal static string Cleaned(string text) =>
        string.Concat(text.Take(MostCharacters).Select(character => char.IsAsciiLetterOrDigit(character) || character is '_' or ' ' or '.' ? character : '?'));
}
