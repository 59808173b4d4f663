using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure.Answers;
using Lazaret.Disclosure.Checks;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Noise;
using Lazaret.Disclosure.Privacy;

namespace Lazaret.Disclosure;

/// <summary>Judges one answer by itself. It is a pure function of cohort, policy and key; the ledgers consider what was released before.</summary>
public static class DisclosureControl
{
    /// <param name="streamOf">The query's random stream for a purpose: noise, and draws of the null.</param>
    public static JudgedAnswer Judge(ScoredCohort cohort, DisclosurePolicy policy, Func<string, KeyedStream> streamOf)
    {
        var subjects = cohort.Subjects.Distinct(StringComparer.Ordinal).Count();
        var rule = policy.Has(DisclosureControlName.C1) ? CohortCheck.Size(subjects, cohort.Subjects.Count, cohort.Population, policy.MinimumCohort) : null;
        if (cohort.Scores.Length < 3)
            return new JudgedAnswer(rule ?? BlockRule.Degenerate, null);
        return policy.Profile == DisclosureProfile.Dp ? JudgePrivate(cohort, policy, streamOf, rule) : JudgeCounted(cohort, policy, streamOf("noise"), rule);
    }

    /// <summary>
    /// Judges the same answer with the partial correlation given the mean map's score (the degree). Both together tell the degree's own correlation, so two rows are
    /// charged: the scores, and their residual on the degree.
    /// </summary>
    /// <param name="degree">The score of the cohort's mean map, one per row.</param>
    public static JudgedAnswer JudgeBesideDegree(ScoredCohort cohort, double[] degree, DisclosurePolicy policy, Func<string, KeyedStream> streamOf, KeyedStream noise)
    {
        var plain = Judge(cohort, policy, streamOf);
        var partial = Judge(cohort with { Covariates = [.. cohort.Covariates, degree], ColumnsShown = cohort.ColumnsShown + 1 }, policy, _ => noise);
        if (plain.Result is not { } result || partial.Result is not { } beside)
            return new JudgedAnswer(plain.Rule ?? partial.Rule, null);
        return plain with { Rule = plain.Rule ?? partial.Rule, Result = result with { BesideDegree = (beside.R, beside.P) }, Rows = [.. plain.Rows, partial.Rows[0]] };
    }

    /// <summary>Differential privacy: the noise bounds what the answer tells, whatever was asked before, so no ledger has a row for it.</summary>
    private static JudgedAnswer JudgePrivate(ScoredCohort cohort, DisclosurePolicy policy, Func<string, KeyedStream> streamOf, BlockRule? rule)
    {
        var noisy = PrivateCorrelation.WithLaplace(cohort.Statistic, cohort.Scores, cohort.Outcome, policy.Epsilon, streamOf("noise"));
        var interval = noisy.Interval() is var (low, high) ? (Rounded.To(policy.Decimals, low), Rounded.To(policy.Decimals, high)) : ((decimal, decimal)?)null;
        var result = new ReleasedResult(noisy.N, Rounded.To(policy.Decimals, noisy.R), Rounded.To(policy.Decimals, noisy.P(streamOf("null"))), interval, null);
        return new JudgedAnswer(rule, result) { Rho = PrivacyAccount.RhoOfEpsilon(policy.Epsilon) };
    }

    private static JudgedAnswer JudgeCounted(ScoredCohort cohort, DisclosurePolicy policy, KeyedStream noise, BlockRule? rule)
    {
        var input = new CorrelationInput
        {
            Statistic = cohort.Statistic,
            // Subjects are numbered by their places in the cohort: their indices in the ledger are not known here.
            Cohort = SubjectSet.First(cohort.Scores.Length),
            Scores = cohort.Scores,
            Outcome = cohort.Outcome,
            Covariates = cohort.Covariates,
            ColumnsShown = cohort.ColumnsShown,
            Traits = cohort.Traits,
            AlsoTold = [.. cohort.AlsoTold.Values],
            Offsets = cohort.Offsets,
            HasDrawnNull = cohort.HasDrawnNull,
        };
        return CorrelationAnswer.Of(input, policy, noise) switch
        {
            CorrelationAnswer.Blocked blocked => new JudgedAnswer(rule ?? blocked.Rule, null),
            CorrelationAnswer.Ready ready => new JudgedAnswer(rule, Release(ready, cohort.Statistic))
            {
                Rows = ready.Charge.Rows,
                Used = (ready.Winsorised?.Values ?? cohort.Scores, cohort.NoiseOf(policy)),
                Clipped = ready.Winsorised?.Clipped ?? 0,
                Influence = policy.Has(DisclosureControlName.C6) ? ready.Influence?.Largest : null,
            },
            var answer => throw new InvalidOperationException($"unknown answer {answer.GetType().Name}"),
        };
    }

    private static ReleasedResult Release(CorrelationAnswer.Ready ready, Statistic statistic) =>
        new(ready.N, ready.R, ready.P, ready.Interval, statistic == Statistic.Kendall ? null : ready.DegreesOfFreedom) { Area = ready.Area };
}
