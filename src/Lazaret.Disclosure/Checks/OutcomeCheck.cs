using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure.Outcomes;

namespace Lazaret.Disclosure.Checks;

/// <summary>
/// Checks of the outcome (control C7) and of covariates. All but <see cref="Extreme"/> depend on the cohort alone, never on the map. Null means that it may be
/// answered.
/// </summary>
public static class OutcomeCheck
{
    /// <summary>So many subjects have the rarer of two values at least.</summary>
    public const int SmallestMinority = 10;

    private const int ManyValues = 5;
    private const double LargestShare = 0.5;
    private const double MostExplained = 0.75;
    private const double ExtremeCorrelation = 0.995;

    /// <summary>The outcome is suitable if at least 10 subjects have the rarest value, or there are at least 5 values; and max β² &lt; 0.5, β = √(n/(n − 1))·(yᵢ − ȳ)/‖y − ȳ‖.</summary>
    /// <param name="outcome">The outcome of each of the cohort's subjects.</param>
    public static BlockRule? Suitable(ReadOnlySpan<double> outcome)
    {
        if (outcome.Length < 3 || Pearson.Centre(outcome) is not { } unit)
            return BlockRule.Degenerate;
        var traits = OutcomeTraits.Of(outcome.ToArray());
        var largest = unit.Max(z => z * z) * unit.Length / (unit.Length - 1);
        return (traits.Minority < SmallestMinority && traits.Levels < ManyValues) || largest >= LargestShare ? BlockRule.Outcome : null;
    }

    /// <summary>A correlation beyond ±0.995 is withheld: whoever knows the scores could read every outcome from it.</summary>
    /// <param name="r">R before rounding, with its noise if it has any.</param>
    public static BlockRule? Extreme(double r) => Math.Abs(r) > ExtremeCorrelation ? BlockRule.Extreme : null;

    /// <summary>A partial correlation may be answered if R² of the outcome on the covariates is at most 0.75, and n − 2 − rank ≥ k.</summary>
    /// <param name="outcome">The outcome as the statistic uses it: values or ranks.</param>
    /// <param name="covariates">Columns as long as the outcome, ranked if it is.</param>
    public static BlockRule? Covariates(ReadOnlySpan<double> outcome, IReadOnlyList<double[]> covariates, int k)
    {
        if (covariates.Count == 0)
            return null;
        var basis = PartialCorrelation.Basis(covariates);
        if (outcome.Length - 2 - basis.Count < k)
            return BlockRule.DegreesOfFreedom;
        if (Pearson.Centre(outcome) is not { } unit)
            return BlockRule.Degenerate;
        var explained = basis.Sum(direction => Math.Pow(direction.Zip(unit, (a, b) => a * b).Sum(), 2));
        return explained > MostExplained ? BlockRule.CovariateFit : null;
    }
}
