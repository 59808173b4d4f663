namespace Lazaret.Node.WebConsole.Forms;

/// <summary>What a form did.</summary>
internal abstract record Done;

/// <summary>Something that the next page says in a sentence.</summary>
internal sealed record Told(string Words) : Done;

/// <summary>It made a secret, which the node keeps nowhere.</summary>
/// <param name="Title">What it is.</param>
/// <param name="Text">The secret.</param>
/// <param name="Words">What to do with it.</param>
internal sealed record Secret(string Title, string Text, string Words) : Done;
