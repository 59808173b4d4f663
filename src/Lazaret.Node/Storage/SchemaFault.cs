namespace Lazaret.Node.Storage;

/// <summary>One difference between a database and what this version's migrations make: something is there in addition, is different, or is missing.</summary>
/// <param name="What">One line.</param>
/// <param name="Mend">The statement that mends it, where one does.</param>
internal sealed record SchemaFault(string What, string? Mend)
{
    private const int MostCharacters = 100;

    /// <summary>What a stranger wrote, as it may stand in a message.</summary>
    internal static string Cleaned(string text) =>
        string.Concat(text.Take(MostCharacters).Select(character => char.IsAsciiLetterOrDigit(character) || character is '_' or ' ' or '.' ? character : '?'));
}
