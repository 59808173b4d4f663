using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Outcomes;

namespace Lazaret.Disclosure.Answers;

/// <summary>One map's scores and the outcomes of its cohort, after every drop.</summary>
public sealed record CorrelationInput
{
    public required Statistic Statistic { get; init; }

    public required SubjectSet Cohort { get; init; }

    /// <summary>One a subject, in the order of their indices, finite; not winsorised.</summary>
    public required double[] Scores { get; init; }

    /// <summary>Like <see cref="Scores"/>.</summary>
    public required double[] Outcome { get; init; }

    /// <summary>Columns as long as the scores; none for a plain correlation.</summary>
    public IReadOnlyList<double[]> Covariates { get; init; } = [];

    /// <inheritdoc cref="ScoredCohort.ColumnsShown"/>
    public int? ColumnsShown { get; init; }

    /// <summary>Whether p is by permutation or by surrogates: then no p of independence leaves.</summary>
    public bool HasDrawnNull { get; init; }

    /// <summary>The outcome's over the whole site.</summary>
    public required OutcomeTraits Traits { get; init; }

    /// <summary>Outcomes among the covariates: the answer tells of them, too.</summary>
    public IReadOnlyList<CohortOutcome> AlsoTold { get; init; } = [];

    /// <summary>One secret standard normal number per subject, the same in all answers about the outcome: by so much it is moved (<see cref="Noise.DiscreteNoise"/>). Empty where all noise is the question's.</summary>
    public double[] Offsets { get; init; } = [];
}
