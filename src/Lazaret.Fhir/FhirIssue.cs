namespace Lazaret.Fhir;

/// <summary>One fault of a resource. None of its members ever holds patient data: element names and codes of FHIR only.</summary>
/// <param name="Code">A code of http://hl7.org/fhir/issue-type.</param>
/// <param name="Expression">The place, as FHIRPath: <c>Bundle.entry[2].resource.name[0].given[1]</c>; a choice by its base name (<c>Observation.value</c>).</param>
/// <param name="Diagnostics">What is wrong, in plain words.</param>
public sealed record FhirIssue(IssueSeverity Severity, string Code, string Expression, string Diagnostics);
