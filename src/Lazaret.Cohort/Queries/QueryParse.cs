using Lazaret.Cohort.Faults;

namespace Lazaret.Cohort.Queries;

/// <summary>Either a query that the site can answer, or everything that is wrong with it.</summary>
public abstract record QueryParse
{
    private QueryParse() { }

    public sealed record Accepted(CohortQuery Query) : QueryParse;

    public sealed record Refused(FaultList<FieldFault> Faults) : QueryParse;
}
