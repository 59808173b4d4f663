using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure.Outcomes;

namespace Lazaret.Disclosure;

/// <summary>A cohort with the scores of one map, before anything is decided about it.</summary>
public sealed record ScoredCohort
{
    public required Statistic Statistic { get; init; }

    /// <summary>One score per row, finite; under differential privacy NaN where there is none.</summary>
    public required double[] Scores { get; init; }

    /// <summary>One value per row, finite.</summary>
    public required double[] Outcome { get; init; }

    /// <summary>Columns of one value per row.</summary>
    public required IReadOnlyList<double[]> Covariates { get; init; }

    /// <summary>
    /// How many columns the covariates have as far as a requester may know. The degrees of freedom follow from it. Null means their rank among these rows, which would tell about
    /// levels that nobody or too few have.
    /// </summary>
    public int? ColumnsShown { get; init; }

    /// <summary>
    /// Whether p is by permutation or by surrogates and does not assume independence. <see cref="PermutationControl"/>, <see cref="SurrogateControl"/> or
    /// <see cref="CrossValidationControl"/> then computes it.
    /// </summary>
    public bool HasDrawnNull { get; init; }

    /// <summary>For each row, the block within which its outcome is permuted; empty when there is only one block.</summary>
    public IReadOnlyList<string> Blocks { get; init; } = [];

    /// <summary>The subject of each row. If somebody is there twice, control C1 refuses the cohort.</summary>
    public required IReadOnlyList<string> Subjects { get; init; }

    /// <summary>N: all subjects who have the outcome and may be asked about.</summary>
    public required int Population { get; init; }

    /// <summary>The outcome's traits over the whole site.</summary>
    public required OutcomeTraits Traits { get; init; }

    /// <summary>Outcomes among the covariates, by their names.</summary>
    public IReadOnlyDictionary<string, CohortOutcome> AlsoTold { get; init; } = new Dictionary<string, CohortOutcome>();

    /// <inheritdoc cref="Answers.CorrelationInput.Offsets"/>
    public double[] Offsets { get; init; } = [];

    /// <summary>Whether the outcome is discrete.</summary>
    public bool IsDiscrete(DisclosurePolicy policy) => new CohortOutcome(Traits, Outcome).IsDiscrete(policy.Step);

    /// <summary>c: the noise on R in units of 1/√(n − 1).</summary>
    public double NoiseOf(DisclosurePolicy policy) => policy.NoiseOf(IsStrict(policy));

    /// <summary>Whether the stricter rules for discrete outcomes hold. They also hold when a discrete outcome is among the covariates.</summary>
    public bool IsStrict(DisclosurePolicy policy) => policy.IsStrictFor(IsDiscrete(policy) || AlsoTold.Values.Any(told => told.IsDiscrete(policy.Step)));
}
