namespace Lazaret.Disclosure.Outcomes;

/// <summary>An outcome about which an answer on one cohort tells something.</summary>
/// <param name="Traits">Its traits over the whole site.</param>
/// <param name="Values">Its values in the cohort, one per row.</param>
public sealed record CohortOutcome(OutcomeTraits Traits, double[] Values)
{
    /// <summary>Whether it is discrete over the site, or in this cohort.</summary>
    public bool IsDiscrete(double step) => Traits.IsDiscrete(Values.Length, step) || OutcomeTraits.Of(Values).IsDiscrete(Values.Length, step);
}
