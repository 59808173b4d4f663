using System.Text.Json.Serialization;

namespace Lazaret.Node.WebConsole.Ask;

/// <summary>Why a question is not taken.</summary>
/// <param name="At">The id of the part of the page that it is about; null when it is about no part.</param>
/// <param name="Words">The sentence, with that part's label.</param>
public sealed record AskFault([property: JsonPropertyName("at")] string? At, [property: JsonPropertyName("words")] string Words);
