namespace Lazaret.Fhir.Negotiations;

/// <summary>A requirement that the bundle does not meet.</summary>
/// <param name="Search">The FHIR search, relative to the client's server, that would find the datum.</param>
public sealed record MissingItem(Requirement Requirement, MissCause Cause, string Search)
{
    public MissReason Reason => MissReason.Of(Cause);

    /// <summary>The datum that gives the cause; null when the bundle holds none of the kind.</summary>
    public Finding? Found { get; init; }

    /// <summary>For an OperationOutcome: an error when the datum is mandatory, otherwise a warning.</summary>
    public FhirIssue ToIssue() => new(
        Requirement.Mandatory ? IssueSeverity.Error : IssueSeverity.Warning,
        "required",
        "",
        $"{(Requirement.Display is { Length: > 0 } display ? $"{display} ({Requirement.Code})" : Requirement.Code)}: {Reason.Words}");
}
