using Lazaret.Disclosure;
using Lazaret.Node.Configuration;

namespace Lazaret.Node.Cohorts;

/// <summary>What may leave, of a cohort's result.</summary>
public sealed record DisclosureOptions
{
    /// <summary>The disclosure profile: values to three decimals, no noise. exact; exact.</summary>
    public string Profile { get; init; } = "exact";

    /// <summary>The smallest cohort that is answered. 20; 3 to 1000000.</summary>
    public int MinimumCohort { get; init; } = 20;

    internal DisclosurePolicy Policy => new() { MinimumCohort = MinimumCohort };

    internal void Check(OptionFaults faults)
    {
        faults.OneOf("Disclosure:Profile", Profile, "exact");
        faults.Range("Disclosure:MinimumCohort", MinimumCohort, 3, 1_000_000);
    }
}
