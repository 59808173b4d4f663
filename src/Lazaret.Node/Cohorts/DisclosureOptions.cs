using Lazaret.Disclosure;
using Lazaret.Node.Configuration;
using Lazaret.Node.Projects;

namespace Lazaret.Node.Cohorts;

/// <summary>What may leave, of a cohort's result.</summary>
public sealed record DisclosureOptions
{
    /// <summary>The disclosure profile: values to three decimals, no noise. exact; exact.</summary>
    public string Profile { get; init; } = "exact";

    /// <summary>The smallest cohort that is answered. 20; 3 to 1000000.</summary>
    public int MinimumCohort { get; init; } = 20;

    /// <summary>The smallest cohort within a project, or with null outside any: the larger of the site's and the project's.</summary>
    internal int MinimumOf(Project? project) => Math.Max(MinimumCohort, project?.MinimumCohort ?? 0);

    internal DisclosurePolicy PolicyOf(Project? project) => new() { MinimumCohort = MinimumOf(project) };

    internal void Check(OptionFaults faults)
    {
        faults.OneOf("Disclosure:Profile", Profile, "exact");
        faults.Range("Disclosure:MinimumCohort", MinimumCohort, 3, 1_000_000);
    }
}
