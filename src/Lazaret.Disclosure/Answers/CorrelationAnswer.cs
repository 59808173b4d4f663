using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure.Checks;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Noise;
using Lazaret.Disclosure.Outcomes;
using Lazaret.Disclosure.Scores;

namespace Lazaret.Disclosure.Answers;

/// <summary>
/// A correlation as it may leave under the profiles <c>exact</c> and <c>guarded</c>, and what it would cost. The set is closed. It is only half
/// of the decision: the cohort (<see cref="CohortCheck"/>) and the ledgers have the other half.
/// </summary>
public abstract record CorrelationAnswer
{
    private CorrelationAnswer() { }

    /// <param name="N">Subjects.</param>
    /// <param name="R">Rounded, with its noise.</param>
    /// <param name="P">Two-sided, rounded.</param>
    /// <param name="Interval">95 %, from the released R, rounded; null where there is none.</param>
    /// <param name="DegreesOfFreedom">n − 2 less the columns of the covariates.</param>
    /// <param name="Discrete">Whether the outcome, or one among the covariates, has the stricter rules.</param>
    /// <param name="Charge">For the ledgers.</param>
    /// <param name="Winsorised">What C5 did; for the steward. Null where it does nothing.</param>
    /// <param name="Influence">C6; for the steward.</param>
    public sealed record Ready(
        int N, decimal R, decimal P, (decimal Low, decimal High)? Interval, int DegreesOfFreedom, bool Discrete, LedgerCharge Charge,
        WinsorisedScores? Winsorised, Influence? Influence) : CorrelationAnswer
    {
        /// <summary>Of a plain rank correlation with an outcome of two values.</summary>
        public ReleasedArea? Area { get; init; }
    }

    /// <param name="Rule">For the steward alone.</param>
    public sealed record Blocked(BlockRule Rule) : CorrelationAnswer;

    /// <param name="noise">The query's stream for noise; used only where the policy has noise for the outcome.</param>
    public static CorrelationAnswer Of(CorrelationInput input, DisclosurePolicy policy, KeyedStream noise)
    {
        if (policy.Profile == DisclosureProfile.Dp)
            throw new ArgumentException("The profile dp answers from integers.", nameof(policy));
        var n = input.Cohort.Count;
        if (input.Scores.Length != n || input.Outcome.Length != n)
            throw new ArgumentException("There is one score and one outcome for each subject of the cohort.", nameof(input));

        // 1. What the outcome decides, whatever the map.
        var ranked = input.Statistic != Statistic.Pearson;
        double[][] covariates = [.. input.Covariates.Select(column => ranked ? Ranks.Of(column) : column)];
        if (OutcomeRule(input, policy, ranked ? Ranks.Of(input.Outcome) : input.Outcome, covariates) is { } rule)
            return new Blocked(rule);
        var discrete = policy.IsStrictFor(input.AlsoTold.Append(new CohortOutcome(input.Traits, input.Outcome)).Any(told => told.IsDiscrete(policy.Step)));

        // 2. The correlation of the scores as they are used.
        var winsorised = !ranked && policy.Has(DisclosureControlName.C5) ? WinsorisedScores.Of(input.Scores, discrete) : null;
        var scores = winsorised?.Values ?? input.Scores;
        if (UsedScores.Of(input.Statistic, scores, input.Covariates) is not { } used
            || Correlation.Of(input.Statistic, scores, input.Outcome, input.Covariates) is not Correlation.Defined(var r, var trueP))
            return new Blocked(BlockRule.Degenerate);
        // Also before covariates are taken out of them: what those take is a few unknowns more, which other answers tell.
        if (policy.Has(DisclosureControlName.Discrete)
            && (ScoreLattice.Holds(used.Unit) || (covariates.Length > 0 && UsedScores.Of(input.Statistic, scores, []) is { } plain && ScoreLattice.Holds(plain.Unit))))
            return new Blocked(BlockRule.ScoreLattice);

        // 3. What leaves of it.
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
        var itsRank = covariates.Length == 0 ? 0 : PartialCorrelation.Basis(covariates).Count;
        var rank = input.ColumnsShown ?? itsRank;
        if (n - 2 - rank < 1)
            return new Blocked(BlockRule.DegreesOfFreedom);
        var released = Rounded.To(policy.Decimals, Math.Clamp(noisy, -1, 1));
        // By permutation or surrogates p is found from the released R: it tells no more of the true one.
        var isTrue = !input.HasDrawnNull && (c == 0 || !policy.Has(DisclosureControlName.C8));
        if (isTrue && rank != itsRank)
            trueP = ReleasedCorrelation.P(input.Statistic, r, n, rank, c: 0) ?? 1;
        var p = isTrue ? trueP : ReleasedCorrelation.P(input.Statistic, (double)released, n, rank, c, discrete) ?? 1;
        var interval = ReleasedCorrelation.Interval(input.Statistic, (double)released, n, rank, c, discrete);

        // 4. What it costs.
        var step = isTrue ? ReleasedStep.WithTrueP(policy.Step, n) : policy.Step;
        var row = used.Row(step, isTrue ? 0 : GaussianNoise.Sigma(n, discrete ? DiscreteNoise.QuestionPart(c) : c));
        return new Ready(
            n, released, Rounded.To(policy.Decimals, p),
            interval is var (low, high) ? (Rounded.To(policy.Decimals, low), Rounded.To(policy.Decimals, high)) : null,
            n - 2 - rank, discrete, new LedgerCharge(input.Cohort, [row]), winsorised, Influence.Of(scores, input.Outcome))
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
