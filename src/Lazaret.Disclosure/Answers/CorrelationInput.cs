using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Outcomes;

namespace Lazaret.Disclosure.Answers;

/// <summary>One map's scores and the outcomes of its cohort, after all rows that do not count were dropped.</summary>
public sealed record CorrelationInput
{
    public required Statistic Statistic { get; init; }

    public required SubjectSet Cohort { get; init; }

    /// <summary>One score per subject, in the order of the subjects' indices; finite, not winsorised.</summary>
    public required double[] Scores { get; init; }

    /// <summary>One value per subject, in the order of <see cref="Scores"/>; finite.</summary>
    public required double[] Outcome { get; init; }

    /// <summary>Columns as long as the scores; none for a plain correlation.</summary>
    public IReadOnlyList<double[]> Covariates { get; init; } = [];

    /// <inheritdoc cref="ScoredCohort.ColumnsShown"/>
    public int? ColumnsShown { get; init; }

    /// <summary>Whether p is by permutation or by surrogates: then the p that assumes independence does not leave.</summary>
    public bool HasDrawnNull { get; init; }

    /// <summary>The outcome's traits over the whole site.</summary>
    public required OutcomeTraits Traits { get; init; }

    /// <summary>Outcomes among the covariates: the answer tells about them, too.</summary>
    public IReadOnlyList<CohortOutcome> AlsoTold { get; init; } = [];

    /// <summary>
    /// One secret standard normal number per subject, the same in all answers about the outcome. The subject's outcome is moved by a multiple of it
    /// (<see cref="Noise.DiscreteNoise"/>). Empty when all noise depends on the question.
    /// </summary>
    public double[] Offsets { get; init; } = [];
}
