using System.Globalization;
using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure.Checks;
using Lazaret.Disclosure.Noise;
using Lazaret.Disclosure.Privacy;
using Lazaret.Disclosure.Scores;

namespace Lazaret.Disclosure;

/// <summary>
/// The answer to one question, what it costs, and whether anything but earlier answers keeps it. A pure function of cohort, policy and key: all of it is
/// computed whatever the rules say, so that a refusal takes no less time.
/// </summary>
/// <param name="Rule">The control that keeps it; null for none. For the steward alone.</param>
/// <param name="Result">What would leave; null where no correlation exists.</param>
/// <param name="Weights">The centred scores as they were used, of length 1; empty where no correlation exists.</param>
/// <param name="Variance">Of noise and rounding on the ledger's row.</param>
/// <param name="Clipped">How many scores were brought nearer to the median (control C5).</param>
public sealed record CorrelationAnswer(BlockRule? Rule, ReleasedResult? Result, double[] Weights, double Variance, int Clipped)
{
    /// <summary>What it costs of a privacy budget; 0 outside the profile dp.</summary>
    public decimal Rho { get; private init; }

    /// <param name="streamOf">The query's bits for a purpose: noise, and draws of the null.</param>
    public static CorrelationAnswer Of(ScoredCohort cohort, DisclosurePolicy policy, Func<string, KeyedStream> streamOf) =>
        policy.Profile == DisclosureProfile.Dp ? OfPrivate(cohort, policy, streamOf) : OfCounted(cohort, policy, streamOf("noise"));

    /// <summary>Differential privacy: what the answer tells is bounded by its noise, whatever was asked before, so that no ledger has a row of it.</summary>
    private static CorrelationAnswer OfPrivate(ScoredCohort cohort, DisclosurePolicy policy, Func<string, KeyedStream> streamOf)
    {
        var n = cohort.Scores.Length;
        var subjects = cohort.Subjects.Distinct(StringComparer.Ordinal).Count();
        var rule = policy.Has(DisclosureControlName.C1) ? CohortCheck.Size(subjects, n, cohort.Population, policy.MinimumCohort) : null;
        if (n < 3)
            return new CorrelationAnswer(rule ?? BlockRule.Degenerate, null, [], 1, 0);
        var noisy = PrivateCorrelation.WithLaplace(cohort.Statistic, cohort.Scores, cohort.Outcome, policy.Epsilon, streamOf("noise"));
        var result = new ReleasedResult(n, Round(noisy.R, policy.Decimals), Round(noisy.P(streamOf("null")), 3), Round(noisy.Interval(), policy.Decimals), null);
        return new CorrelationAnswer(rule, result, [], 1, 0) { Rho = PrivacyAccount.RhoOfEpsilon(policy.Epsilon) };
    }

    private static CorrelationAnswer OfCounted(ScoredCohort cohort, DisclosurePolicy policy, KeyedStream noise)
    {
        var n = cohort.Scores.Length;
        var winsorised = cohort.Statistic == Statistic.Pearson && policy.Has(DisclosureControlName.C5) ? WinsorisedScores.Of(cohort.Scores) : null;
        var scores = winsorised?.Values ?? cohort.Scores;
        var rule = FindRule(cohort, policy);
        if (UsedScores.Of(cohort.Statistic, scores, cohort.Covariates) is not { } used
            || Correlation.Of(cohort.Statistic, scores, cohort.Outcome, cohort.Covariates) is not Correlation.Defined(var r, var trueP))
        {
            return new CorrelationAnswer(rule ?? BlockRule.Degenerate, null, [], 1, winsorised?.Clipped ?? 0);
        }

        var c = policy.NoiseOf(cohort.IsDiscrete);
        var noisy = Math.Clamp(GaussianNoise.On(r, n, c, noise), -1, 1);
        if (policy.Has(DisclosureControlName.C7))
            rule ??= OutcomeCheck.Extreme(noisy);

        // Without noise the true p leaves, which tells R more finely than its own digits do. With noise it would undo it.
        var isTrueP = c == 0 || !policy.Has(DisclosureControlName.C8);
        var released = Round(noisy, policy.Decimals);
        var rank = PartialCorrelation.Basis(cohort.Covariates).Count;
        var p = isTrueP ? trueP : ReleasedCorrelation.P(cohort.Statistic, (double)released, n, rank, c) ?? 1;
        var variance = used.VarianceFactor * Ledgers.LedgerRow.ScoreVariance(n, isTrueP ? ReleasedStep.WithTrueP(policy.Step, n) : policy.Step, isTrueP ? 0 : GaussianNoise.Sigma(n, c));
        return new CorrelationAnswer(rule, Release(cohort, released, p, rank, c, policy.Decimals), used.Unit, variance, winsorised?.Clipped ?? 0);
    }

    private static BlockRule? FindRule(ScoredCohort cohort, DisclosurePolicy policy)
    {
        var subjects = cohort.Subjects.Distinct(StringComparer.Ordinal).Count();
        var rule = policy.Has(DisclosureControlName.C1) ? CohortCheck.Size(subjects, cohort.Subjects.Count, cohort.Population, policy.MinimumCohort) : null;
        if (policy.Has(DisclosureControlName.C7))
            rule ??= OutcomeCheck.Suitable(cohort.Outcome);
        return rule ?? OutcomeCheck.Covariates(
            cohort.Statistic == Statistic.Pearson ? cohort.Outcome : Ranks.Of(cohort.Outcome),
            cohort.Statistic == Statistic.Pearson ? cohort.Covariates : [.. cohort.Covariates.Select(column => Ranks.Of(column))],
            policy.Has(DisclosureControlName.C1) ? policy.MinimumCohort : 1);
    }

    private static ReleasedResult Release(ScoredCohort cohort, decimal r, double p, int rank, double c, int decimals)
    {
        var n = cohort.Scores.Length;
        var interval = Round(ReleasedCorrelation.Interval(cohort.Statistic, (double)r, n, rank, c), decimals);
        return new ReleasedResult(n, r, Round(p, 3), interval, cohort.Statistic == Statistic.Kendall ? null : n - 2 - rank);
    }

    private static (decimal, decimal)? Round((double Low, double High)? interval, int decimals) =>
        interval is var (low, high) ? (Round(low, decimals), Round(high, decimals)) : null;

    // From the exact binary value, as Python's round() does: 0.0005 is a little more than 0.0005, and 2.675 a little less than 2.675.
    private static decimal Round(double value, int decimals) =>
        decimal.Parse(value.ToString($"F{decimals}", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
