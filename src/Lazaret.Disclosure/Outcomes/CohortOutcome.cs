namespace Lazaret.Disclosure.Outcomes;

/// <summary>An outcome of which an answer about one cohort tells.</summary>
/// <param name="Traits">Over the whole site.</param>
/// <param name="Values">Of the cohort, one per row.</param>
public sealed record CohortOutcome(OutcomeTraits Traits, double[] Values)
{
    /// <summary>Whether it is discrete over the site, or in this cohort.</summary>
    public bool IsDiscrete(double step) => Traits.IsDiscrete(Values.Length, step) || OutcomeTraits.Of(Values).IsDiscrete(Values.Length, step);
}
