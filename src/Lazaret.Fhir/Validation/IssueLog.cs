namespace Lazaret.Fhir.Validation;

/// <summary>
/// The bounded list of what was found. Errors and warnings are bounded apart, so that neither hides the other. A path costs more
/// than the rule that failed there: whoever has one to make asks first whether it will be kept.
/// </summary>
internal sealed class IssueLog(FhirScope scope)
{
    /// <summary>The most errors, and the most warnings, that one validation tells.</summary>
    public const int Bound = 100;

    private readonly List<FhirIssue> _issues = [];
    private readonly List<FhirIssue> _open = [];
    private int _errors;
    private int _warnings;

    public IReadOnlyList<FhirIssue> Issues => _issues;

    public FhirScope Scope => scope;

    /// <summary>Nothing more can change the answer.</summary>
    public bool IsFull => _errors > Bound;

    /// <summary>The next warning will be in the list.</summary>
    public bool KeepsWarnings => _warnings < Bound;

    /// <summary>Faults wait for the end of their resource.</summary>
    public bool HasOpen => _open.Count > 0;

    /// <summary>The next such fault will be in the list.</summary>
    public bool Keeps(Relevance relevance) => relevance switch
    {
        Relevance.Refuses => _errors < Bound,
        Relevance.Elsewhere => KeepsWarnings,
        _ => _open.Count < Bound,
    };

    /// <summary>What refuses the resource wherever it is.</summary>
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

    /// <summary>A fault where the scan stands, one step further when a child is named.</summary>
    /// <param name="isTold">The child's name may be repeated.</param>
    public void Fault(string code, Place place, string diagnostics, string? child = null, bool isTold = true)
    {
        var relevance = scope.IsWhole ? Relevance.Refuses : place.RelevanceOf(child);
        Fault(relevance, code, Keeps(relevance) ? place.Path(isTold ? child : null) : "", diagnostics);
    }

    public void Fault(Relevance relevance, string code, string expression, string diagnostics)
    {
        if (relevance == Relevance.Refuses)
            Error(code, expression, diagnostics);
        else if (relevance == Relevance.Elsewhere)
            Warn(code, expression, diagnostics);
        else if (_open.Count < Bound)
            _open.Add(new FhirIssue(IssueSeverity.Error, code, expression, diagnostics));
    }

    /// <summary>The resource is at its end.</summary>
    public void Close(bool isAsked)
    {
        foreach (var issue in _open)
        {
            if (isAsked)
                Error(issue);
            else
                Warn(issue.Code, issue.Expression, issue.Diagnostics);
        }

        _open.Clear();
    }
}
