namespace Lazaret.Fhir;

/// <summary>The severities of <c>OperationOutcome.issue.severity</c> that Lazaret uses, the gravest first.</summary>
public enum IssueSeverity
{
    /// <summary>The bytes could not be read to their end; nothing after the place was looked at.</summary>
    Fatal,

    /// <summary>The resource breaks a rule of FHIR R4.</summary>
    Error,

    /// <summary>The resource is valid, and probably not what its author meant.</summary>
    Warning,
}
