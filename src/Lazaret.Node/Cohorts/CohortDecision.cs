using Lazaret.Cohort.Faults;
using Lazaret.Node.Http;
using Lazaret.Node.Http.Bodies;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Admissions;
using Lazaret.Node.Projects;

namespace Lazaret.Node.Cohorts;

/// <summary>What was decided about a request for a cohort job. The set is closed.</summary>
internal abstract record CohortDecision
{
    public sealed record Accepted(Job Job) : CohortDecision;

    /// <summary>Nothing is wrong with it, and no job was to be made.</summary>
    /// <param name="Maps">How many questions it is.</param>
    public sealed record Sound(int Maps) : CohortDecision;

    public sealed record Refused(FaultList<RequestFault> Faults) : CohortDecision;

    /// <summary>Not in this project, or not without one.</summary>
    public sealed record Forbidden(ProjectRefusal Refusal) : CohortDecision;

    /// <summary>The project has had its jobs of the week.</summary>
    public sealed record QuotaSpent(Admission.QuotaSpent Spent) : CohortDecision;

    /// <summary>Too many jobs wait already.</summary>
    public sealed record QueueFull : CohortDecision;

    /// <summary>The node shares no data by choice.</summary>
    public sealed record NoCohort : CohortDecision;

    /// <summary>The site has no data to ask. Only the operator is told why.</summary>
    public sealed record NoData : CohortDecision;

    /// <summary>The keys that seal what is stored are away.</summary>
    public sealed record NoKeys : CohortDecision;

    /// <summary>The body was not read, or not to its end.</summary>
    public sealed record BadBody(BodyRefusal Refusal) : CohortDecision;
}
