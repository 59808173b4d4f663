using System.Text.Json.Serialization;

namespace Lazaret.Fhir.Negotiations;

/// <summary>An answer to a question with coded answers.</summary>
/// <param name="Words">For a person.</param>
/// <param name="System">The code system of the answer's code.</param>
/// <param name="Code">What the observation has to have as its value.</param>
public sealed record CodedAnswer(
    [property: JsonPropertyName("words")] string Words,
    [property: JsonPropertyName("system")] string System,
    [property: JsonPropertyName("code")] string Code);
