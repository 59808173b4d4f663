namespace Lazaret.Fhir.Negotiations;

/// <summary>A requirement that the bundle does not meet.</summary>
/// <param name="Search">The FHIR search, relative to the client's server, that would find the datum.</param>
public sealed record MissingItem(Requirement Requirement, MissCause Cause, string Search)
{
    public MissReason Reason => MissReason.Of(Cause);

    /// <summary>The same for MedicationStatements, where a medicine may be stated instead of ordered.</summary>
    public string? SearchAlso { get; init; }

    /// <summary>The datum that gives the cause; null when the bundle holds none of the kind.</summary>
    public Finding? Found { get; init; }

    /// <summary>What the bundle has that a person would take for it, in words; null when there is nothing of the kind.</summary>
    public string? Near { get; init; }

    /// <summary>Why it is missing, for a person.</summary>
    public string Explanation => Near is null ? Found?.Words ?? Reason.Words : $"{Reason.Words}; {Near}";

    /// <summary>A sentence that a nurse or a patient can be asked.</summary>
    public string Ask => Question.Of(Requirement, Found);

    /// <summary>
    /// What helps: <c>record</c> a new datum; <c>correct</c> the one that was found, or mark it as entered in error; <c>none</c> where the
    /// answer is on record, and with it the model cannot be used.
    /// </summary>
    public string Remedy => Found switch
    {
        { IsAnswer: true } => "none",
        { Cause: MissCause.Future or MissCause.NoSubject or MissCause.Modifier or MissCause.NoTime } => "correct",
        _ => "record",
    };

    /// <summary>For an OperationOutcome: an error when the datum is mandatory, otherwise a warning.</summary>
    public FhirIssue ToIssue() => new(
        Requirement.Mandatory ? IssueSeverity.Error : IssueSeverity.Warning,
        "required",
        "",
        $"{(Requirement.Title == Requirement.Code ? Requirement.Code : $"{Requirement.Title} ({Requirement.Code})")}: {Explanation}");
}
