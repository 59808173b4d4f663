namespace Lazaret.Fhir.Definitions;

/// <summary>A constraint of the definitions.</summary>
/// <param name="Index">Its place among all invariants.</param>
/// <param name="Key">Such as <c>obs-6</c>.</param>
/// <param name="IsError">Whether what breaks it is invalid; otherwise it is a warning.</param>
/// <param name="Human">What it demands, in words.</param>
/// <param name="Expression">The same in FHIRPath.</param>
internal sealed record InvariantDefinition(int Index, string Key, bool IsError, string Human, string Expression);
