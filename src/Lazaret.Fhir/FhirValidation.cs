namespace Lazaret.Fhir;

/// <summary>What the validator found. <see cref="Issues"/> is bounded; its last entry says so when the bound was reached.</summary>
public sealed record FhirValidation(IReadOnlyList<FhirIssue> Issues)
{
    /// <summary>Warnings alone leave a resource valid.</summary>
    public bool IsValid => Issues.All(issue => issue.Severity == IssueSeverity.Warning);
}
