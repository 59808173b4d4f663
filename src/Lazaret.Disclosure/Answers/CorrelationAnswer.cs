using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure.Checks;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Noise;
using Lazaret.Disclosure.Outcomes;
using Lazaret.Disclosure.Scores;

namespace Lazaret.Disclosure.Answers;

/// <summary>
/// A correlation as it may leave under the profiles <c>exact</c> and <c>guarded</c>, and what it would cost. The set is closed. It is only half
/// of the decision: the cohort (<see cref="CohortCheck"/>) and the ledgers decide the other half.
/// </summary>
public abstract record CorrelationAnswer
{
    /// <summary>
    /// By how much more an answer's noise weighs on what it tells of the covariates: a partial correlation changes with the outcome's correlation r with them by R·r/(1 − r²),
    /// a quarter where R = 0.3 and r = 0.57, and less where they are smaller.
    /// </summary>
    private const double CovariateFactor = 16;

    private CorrelationAnswer() { }

    /// <param name="N">How many subjects.</param>
    /// <param name="R">R as it is released: with noise, rounded.</param>
    /// <param name="P">The two-sided p, rounded.</param>
    /// <param name="Interval">The 95 % interval that follows from the released R, rounded; null where there is none.</param>
    /// <param name="DegreesOfFreedom">n − 2 less the columns of the covariates.</param>
    /// <param name="Discrete">Whether the stricter rules for discrete outcomes hold, because of the outcome or of one among the covariates.</param>
    /// <param name="Charge">What it costs in the ledgers.</param>
    /// <param name="Winsorised">The scores as control C5 changed them; for the steward. Null where C5 does not act.</param>
    /// <param name="Influence">How far one subject moves R (control C6); for the steward.</param>
    public sealed record Ready(
        int N, decimal R, decimal P, (decimal Low, decimal High)? Interval, int DegreesOfFreedom, bool Discrete, LedgerCharge Charge,
        WinsorisedScores? Winsorised, Influence? Influence) : CorrelationAnswer
    {
        /// <summary>The area under the ROC curve, for a plain rank correlation (Spearman) with an outcome of two values; null for any other.</summary>
        public ReleasedArea? Area { get; init; }
    }

    /// <param name="Rule">The control that withholds it. For the steward alone.</param>
    public sealed record Blocked(BlockRule Rule) : CorrelationAnswer;

    /// <param name="noise">The query's random stream for noise; used only if the policy has noise for the outcome.</param>
    public static CorrelationAnswer Of(CorrelationInput input, DisclosurePolicy policy, KeyedStream noise)
    {
        if (policy.Profile == DisclosureProfile.Dp)
            throw new ArgumentException("The profile dp answers from integers.", nameof(policy));
        var n = input.Cohort.Count;
        if (input.Scores.Length != n || input.Outcome.Length != n)
            throw new ArgumentException("There is one score and one outcome for each subject of the cohort.", nameof(input));

        // 1. Check the outcome, whatever the map is.
        var ranked = input.Statistic != Statistic.Pearson;
        double[][] covariates = [.. input.Covariates.Select(column => ranked ? Ranks.Of(column) : column)];
        if (OutcomeRule(input, policy, ranked ? Ranks.Of(input.Outcome) : input.Outcome, covariates) is { } rule)
            return new Blocked(rule);
        var discrete = policy.IsStrictFor(input.AlsoTold.Append(new CohortOutcome(input.Traits, input.Outcome)).Any(told => told.IsDiscrete(policy.Step)));

        // 2. Correlate the scores as the statistic uses them.
        var winsorised = !ranked && policy.Has(DisclosureControlName.C5) ? WinsorisedScores.Of(input.Scores, discrete) : null;
        var scores = winsorised?.Values ?? input.Scores;
        if (UsedScores.Of(input.Statistic, scores, input.Covariates) is not { } used
            || Correlation.Of(input.Statistic, scores, input.Outcome, input.Covariates) is not Correlation.Defined(var r, var trueP))
            return new Blocked(BlockRule.Degenerate);
        // The scores are also checked before the covariates are regressed out: what covariates take out is only a few unknowns more, which other answers tell.
        if (policy.Has(DisclosureControlName.Discrete)
            && (ScoreLattice.Holds(used.Unit) || (covariates.Length > 0 && UsedScores.Of(input.Statistic, scores, []) is { } plain && ScoreLattice.Holds(plain.Unit))))
            return new Blocked(BlockRule.ScoreLattice);

        // 3. Make what may leave: add noise, round, and compute p and the interval.
        var c = policy.NoiseOf(discrete);
        var isMoved = discrete && input.Offsets.Length > 0;
        if (isMoved)
        {
            if (DiscreteNoise.Correlate(input.Statistic, scores, input.Outcome, input.Covariates, input.Traits.StandardDeviation, c, input.Offsets) is not { } moved)
                return new Blocked(BlockRule.Degenerate);
            r = moved;
        }

        var noisy = GaussianNoise.On(r, n, isMoved ? DiscreteNoise.QuestionPart(c) : c, noise);
        if (policy.Has(DisclosureControlName.C7) && OutcomeCheck.Extreme(noisy) is { } extreme)
            return new Blocked(extreme);
        var basis = covariates.Length == 0 ? [] : PartialCorrelation.Basis(covariates);
        var itsRank = basis.Count;
        var rank = input.ColumnsShown ?? itsRank;
        if (n - 2 - rank < 1)
            return new Blocked(BlockRule.DegreesOfFreedom);
        var released = Rounded.To(policy.Decimals, Math.Clamp(noisy, -1, 1));
        // By permutation or surrogates, p is later computed from the released R: it tells no more about the true one.
        var isTrue = !input.HasDrawnNull && (c == 0 || !policy.Has(DisclosureControlName.C8));
        if (isTrue && rank != itsRank)
            trueP = ReleasedCorrelation.P(input.Statistic, r, n, rank, c: 0) ?? 1;
        var p = isTrue ? trueP : ReleasedCorrelation.P(input.Statistic, (double)released, n, rank, c, discrete) ?? 1;
        var interval = ReleasedCorrelation.Interval(input.Statistic, (double)released, n, rank, c, discrete);

        // 4. Compute what it costs.
        var step = isTrue ? ReleasedStep.WithTrueP(policy.Step, n) : policy.Step;
        var sigma = isTrue ? 0 : GaussianNoise.Sigma(n, discrete ? DiscreteNoise.QuestionPart(c) : c);
        // Beside the plain correlation of scores that covariates take nothing from, a partial one tells how much of the outcome they explain: each of their directions counts as told.
        LedgerRow[] rows = [used.Row(step, sigma), .. basis.Select(direction => LedgerRow.Of(direction, CovariateFactor * LedgerRow.ScoreVariance(n, step, sigma))).OfType<LedgerRow>()];
        return new Ready(
            n, released, Rounded.To(policy.Decimals, p),
            interval is var (low, high) ? (Rounded.To(policy.Decimals, low), Rounded.To(policy.Decimals, high)) : null,
            n - 2 - rank, discrete, new LedgerCharge(input.Cohort, rows), winsorised, Influence.Of(scores, input.Outcome))
        {
            Area = input.Statistic == Statistic.Spearman && covariates.Length == 0 ? ReleasedArea.Of(scores, input.Outcome, (double)released, c, policy) : null,
        };
    }

    private static BlockRule? OutcomeRule(CorrelationInput input, DisclosurePolicy policy, double[] used, double[][] covariates)
    {
        if (policy.Has(DisclosureControlName.C7) && input.AlsoTold.Select(told => told.Values).Prepend(input.Outcome).Select(values => OutcomeCheck.Suitable(values)).FirstOrDefault(rule => rule is not null) is { } rule)
            return rule;
        return OutcomeCheck.Covariates(used, covariates, policy.MinimumCohort);
    }
}
