namespace Lazaret.Fhir.Validation;

/// <summary>
/// The bounded list of what was found. Errors and warnings are bounded apart, so that neither hides the other. A path costs more
/// than the rule that failed there: whoever has one to make asks first whether it will be kept.
/// </summary>
internal sealed class IssueLog
{
    /// <summary>The most errors, and the most warnings, that one validation tells.</summary>
    public const int Bound = 100;

    private readonly List<FhirIssue> _issues = [];
    private int _errors;
    private int _warnings;

    public IReadOnlyList<FhirIssue> Issues => _issues;

    /// <summary>Nothing more can change the answer.</summary>
    public bool IsFull => _errors > Bound;

    /// <summary>The next error will be in the list.</summary>
    public bool KeepsErrors => _errors < Bound;

    /// <summary>The next warning will be in the list.</summary>
    public bool KeepsWarnings => _warnings < Bound;

    public void Error(string code, string expression, string diagnostics, IssueSeverity severity = IssueSeverity.Error) =>
        Error(new FhirIssue(severity, code, expression, diagnostics));

    public void Error(FhirIssue issue)
    {
        if (++_errors <= Bound)
            _issues.Add(issue);
        else if (_errors == Bound + 1)
            _issues.Add(new FhirIssue(IssueSeverity.Error, "too-costly", "", $"more than {Bound} errors: the rest is not told"));
    }

    public void Warn(string code, string expression, string diagnostics)
    {
        if (++_warnings <= Bound)
            _issues.Add(new FhirIssue(IssueSeverity.Warning, code, expression, diagnostics));
    }
}
