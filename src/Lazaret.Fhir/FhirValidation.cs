namespace Lazaret.Fhir;

/// <summary>What the validator found. <see cref="Issues"/> is bounded; its last entry says so when the bound was reached.</summary>
public sealed record FhirValidation(IReadOnlyList<FhirIssue> Issues)
{
    /// <summary>Warnings alone leave a resource valid.</summary>
    public bool IsValid => Issues.All(issue => issue.Severity == IssueSeverity.Warning);

    /// <summary>The entries that are only warned of because nobody asks for their codes: their values are not to be read.</summary>
    internal IReadOnlySet<int> UnreadEntries { get; init; } = new HashSet<int>();
}
