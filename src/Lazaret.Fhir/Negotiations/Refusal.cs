namespace Lazaret.Fhir.Negotiations;

/// <summary>Why a bundle must not be used, whatever is added to it.</summary>
/// <param name="Cause">The fine cause, as <see cref="MissReason.Name"/>.</param>
/// <param name="Place">What is at fault: <c>Bundle.type</c>, <c>Bundle.entry[3].resource.subject</c>.</param>
/// <param name="Words">For a person.</param>
public sealed record Refusal(string Cause, string Place, string Words);
