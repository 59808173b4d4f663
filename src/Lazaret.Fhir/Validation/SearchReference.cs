namespace Lazaret.Fhir.Validation;

/// <summary>A reference by a search (<c>Patient?identifier=…</c>), which only a transaction may have.</summary>
internal readonly record struct SearchReference(string Path, Relevance Relevance);
