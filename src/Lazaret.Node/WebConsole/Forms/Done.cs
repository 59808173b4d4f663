namespace Lazaret.Node.WebConsole.Forms;

/// <summary>What a form did.</summary>
internal abstract record Done;

/// <summary>The form did something that the next page tells in a sentence.</summary>
internal sealed record Told(string Words) : Done;

/// <summary>The form made a secret, which the node stores nowhere.</summary>
/// <param name="Title">What the secret is.</param>
/// <param name="Text">The secret.</param>
/// <param name="Words">What to do with it.</param>
internal sealed record Secret(string Title, string Text, string Words) : Done;
