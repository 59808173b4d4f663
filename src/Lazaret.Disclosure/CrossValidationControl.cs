using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Statistics.Permutations;
using Lazaret.Disclosure.Answers;
using Lazaret.Disclosure.Checks;
using Lazaret.Disclosure.Noise;
using Lazaret.Disclosure.Scores;

namespace Lazaret.Disclosure;

/// <summary>
/// Judges R of cross-validated predictions. The predictions are made from the outcomes, so R is quadratic in them. What R tells lies along the leading eigenvectors of the symmetric
/// part of Reach, which depends on the volumes alone. If a few eigenvectors are not enough, or Reach is not known, no ledger counts the answer and a steward must see it.
/// </summary>
public static class CrossValidationControl
{
    private const int MostDirections = 5;

    /// <param name="cohort">Its scores are the predictions. Its blocks are the groups that were left out together, if a category says which.</param>
    /// <param name="reach">The matrix of Lazaret.Cohort.Prediction.Reach, by rows (<see cref="Lazaret.Cohort.CohortPrediction"/> returns them); empty when it is not known.</param>
    /// <param name="noise">The query's stream for noise.</param>
    public static JudgedAnswer Judge(ScoredCohort cohort, IReadOnlyList<double[]> reach, DisclosurePolicy policy, KeyedStream noise)
    {
        var n = cohort.Scores.Length;
        var subjects = cohort.Subjects.Distinct(StringComparer.Ordinal).Count();
        var rule = policy.Has(DisclosureControlName.C1)
            ? CohortCheck.Size(subjects, n, cohort.Population, policy.MinimumCohort) ?? (PermutationControl.HasSmallBlock(cohort, policy.MinimumCohort) ? BlockRule.SmallBlock : null)
            : null;
        if (n < 3)
            return new JudgedAnswer(rule ?? BlockRule.Degenerate, null);
        if (policy.Has(DisclosureControlName.C7))
            rule ??= OutcomeCheck.Suitable(cohort.Outcome);
        if (Correlation.Of(cohort.Statistic, cohort.Scores, cohort.Outcome, []) is not Correlation.Defined(var r, _))
            return new JudgedAnswer(rule ?? BlockRule.Degenerate, null);

        var c = cohort.NoiseOf(policy);
        var noisy = GaussianNoise.On(r, n, c, noise);
        if (policy.Has(DisclosureControlName.C7))
            rule ??= OutcomeCheck.Extreme(noisy);
        var released = Rounded.To(policy.Decimals, Math.Clamp(noisy, -1, 1));
        // p is always computed from the released R: the true p would tell R more finely.
        var p = ReleasedCorrelation.P(cohort.Statistic, (double)released, n, 0, c, cohort.IsDiscrete(policy)) ?? 1;
        var interval = ReleasedCorrelation.Interval(cohort.Statistic, (double)released, n, 0, c, cohort.IsDiscrete(policy));
        var directions = reach.Count == n ? LeadingDirections.Of(LeadingDirections.Symmetric([.. reach]), MostDirections) : null;
        var result = new ReleasedResult(
            n, released, Rounded.To(policy.Decimals, p), interval is var (low, high) ? (Rounded.To(policy.Decimals, low), Rounded.To(policy.Decimals, high)) : null, n - 2);
        return new JudgedAnswer(rule, rule is null ? result : null)
        {
            Rows = rule is null && directions is not null ? OutputRows.OfDirections(directions, policy.Step, GaussianNoise.Sigma(n, c)) : [],
            IsUncounted = rule is null && directions is not { Count: > 0 },
            Used = (cohort.Scores, c),
        };
    }

    /// <summary>
    /// Gives the answer a p by permutation. The outcomes are permuted before the R-maps are fitted, so each R_b is the result of the whole procedure for outcomes
    /// that are unrelated to the volumes. Over all orders the distribution of R_b depends only on the volumes and on the set of outcome values, not on who has
    /// which. So beside R, p tells nothing about one person; it costs the same as in <see cref="PermutationControl"/>.
    /// </summary>
    /// <param name="answer">What <see cref="Judge"/> returned.</param>
    /// <param name="permuted">R_b of each order, with neither noise nor rounding.</param>
    /// <param name="seedDigest">SHA-256 of the seed from which folds and orders are drawn.</param>
    /// <param name="noise">The stream for the noise on R_b.</param>
    public static JudgedAnswer JudgePermuted(
        ScoredCohort cohort, JudgedAnswer answer, IReadOnlyList<double> permuted, DisclosurePolicy policy, Alternative alternative, string seedDigest, KeyedStream noise)
    {
        if (answer.Result is not { } result)
            return answer;
        var least = alternative.Extremity((double)result.R) - policy.Step / 2 - PermutationTest.Rounding;
        var further = permuted.Count(r => alternative.Extremity(Math.Clamp(GaussianNoise.On(r, result.N, answer.Used.Noise, noise), -1, 1)) >= least);
        return answer with
        {
            Result = result with
            {
                P = Rounded.To(policy.Decimals, (1.0 + further) / (1 + permuted.Count)),
                Permutation = new ReleasedPermutation(permuted.Count, seedDigest, null),
            },
            // If no ledger counts the answer, the means of the blocks are not charged either: a steward sees both together.
            Rows = answer.IsUncounted ? answer.Rows : [.. answer.Rows, .. PermutationControl.BlockRows(cohort)],
            Bits = PermutationControl.Bits,
        };
    }
}
