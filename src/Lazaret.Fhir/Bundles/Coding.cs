namespace Lazaret.Fhir.Bundles;

/// <summary>A code of a code system. Both are compared whole and by their bytes: a near URI is another system.</summary>
public sealed record Coding(string? System, string? Code);
