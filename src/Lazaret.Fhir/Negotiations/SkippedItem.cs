namespace Lazaret.Fhir.Negotiations;

/// <summary>A datum that was there for a requirement, and was not used.</summary>
public sealed record SkippedItem(Requirement Requirement, Finding Finding);
