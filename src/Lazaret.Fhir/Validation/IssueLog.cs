namespace Lazaret.Fhir.Validation;

/// <summary>The bounded list of what was found. Errors and warnings are bounded apart, so that neither hides the other.</summary>
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

    public void Error(string code, string expression, string diagnostics, IssueSeverity severity = IssueSeverity.Error)
    {
        if (++_errors <= Bound)
            _issues.Add(new FhirIssue(severity, code, expression, diagnostics));
        else if (_errors == Bound + 1)
            _issues.Add(new FhirIssue(IssueSeverity.Error, "too-costly", "", $"more than {Bound} errors: the rest is not told"));
    }

    public void Warn(string code, string expression, string diagnostics)
    {
        if (++_warnings <= Bound)
            _issues.Add(new FhirIssue(IssueSeverity.Warning, code, expression, diagnostics));
    }
}
