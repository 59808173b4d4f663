using Lazaret.Fhir.Bundles;

namespace Lazaret.Fhir.Negotiations;

/// <summary>A checked candidate, and what it means beside another.</summary>
/// <param name="Fault">Null where there is an item.</param>
internal sealed record Reading(Requirement Requirement, NegotiationTerms Terms, Candidate Candidate, MissCause? Fault, ChosenItem? Item)
{
    public static Reading Of(Requirement requirement, Candidate candidate, NegotiationTerms terms)
    {
        var (fault, item) = candidate.Check(requirement, terms);
        return new(requirement, terms, candidate, fault, item);
    }

    public PossibleTime When => Candidate.When;

    public bool IsRecordedAbsent => Fault == MissCause.RecordedAbsent;

    public bool IsAReading => Fault is not { } fault || Candidate.IsAReading(fault, Requirement);

    public Finding Describe(MissCause cause) => Candidate.Describe(cause, Requirement, Terms);

    public bool SaysOtherThan(Reading other) => Candidate.SaysOtherThan(other.Candidate, Requirement);

    /// <summary>Why this reading forbids using the newest one (a cause), or null.</summary>
    public MissCause? DoubtAbout(Reading newest, bool isAnswer)
    {
        if (!IsAReading || When.IsBefore(newest.When))
            return null;
        if (isAnswer)
            return !SaysOtherThan(newest) ? null : Candidate.IsUndated && !newest.Candidate.IsUndated ? MissCause.NoTime : MissCause.Conflict;
        if (!When.SaysNothing && When.ReachesBeyond(newest.When))
            return Fault;
        if (!SaysOtherThan(newest))
            return null;
        // Of a condition or medicine that is denied at no known time, nobody can tell which of the two is the newer.
        var isOpen = When.SaysNothing ? Requirement is not ObservationRequirement : When.Covers(newest.When);
        return newest.Item is not null && isOpen ? MissCause.Conflict : Fault;
    }
}
