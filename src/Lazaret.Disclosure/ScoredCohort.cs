using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure.Outcomes;

namespace Lazaret.Disclosure;

/// <summary>A cohort with the scores of one map, before anything is decided about it.</summary>
public sealed record ScoredCohort
{
    public required Statistic Statistic { get; init; }

    /// <summary>One a row, finite; with differential privacy NaN where there is none.</summary>
    public required double[] Scores { get; init; }

    /// <summary>One a row, finite.</summary>
    public required double[] Outcome { get; init; }

    /// <summary>Columns of one value per row.</summary>
    public required IReadOnlyList<double[]> Covariates { get; init; }

    /// <summary>
    /// How many columns the covariates are as far as a requester may know, for the degrees of freedom; null for their rank among these rows, which would tell of levels that
    /// nobody or too few have.
    /// </summary>
    public int? ColumnsShown { get; init; }

    /// <summary>Whether p is by permutation or by surrogates, and not that of independence: <see cref="PermutationControl"/> or <see cref="SurrogateControl"/> then finds it.</summary>
    public bool HasDrawnNull { get; init; }

    /// <summary>The block within which a row's outcome is permuted, one a row; empty where there is one.</summary>
    public IReadOnlyList<string> Blocks { get; init; } = [];

    /// <summary>Whose row it is. Somebody may be there twice; then there is no cohort.</summary>
    public required IReadOnlyList<string> Subjects { get; init; }

    /// <summary>N: all subjects of whom the outcome may be asked.</summary>
    public required int Population { get; init; }

    /// <summary>The outcome's over the whole site.</summary>
    public required OutcomeTraits Traits { get; init; }

    /// <summary>Outcomes among the covariates, by their names.</summary>
    public IReadOnlyDictionary<string, CohortOutcome> AlsoTold { get; init; } = new Dictionary<string, CohortOutcome>();

    /// <inheritdoc cref="Answers.CorrelationInput.Offsets"/>
    public double[] Offsets { get; init; } = [];

    /// <summary>Whether the outcome is discrete.</summary>
    public bool IsDiscrete(DisclosurePolicy policy) => new CohortOutcome(Traits, Outcome).IsDiscrete(policy.Step);

    /// <summary>c: the noise on R in units of 1/√(n − 1).</summary>
    public double NoiseOf(DisclosurePolicy policy) => policy.NoiseOf(IsStrict(policy));

    /// <summary>Whether the stricter rules for discrete outcomes hold: also where one is a covariate.</summary>
    public bool IsStrict(DisclosurePolicy policy) => policy.IsStrictFor(IsDiscrete(policy) || AlsoTold.Values.Any(told => told.IsDiscrete(policy.Step)));
}
