using System.Numerics.Tensors;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Statistics.Permutations;
using Lazaret.Disclosure.Answers;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Noise;
using Lazaret.Disclosure.Scores;

namespace Lazaret.Disclosure;

/// <summary>
/// Gives an answer a p by surrogates of its map. Together with R, p tells about zᵀΣz, where Σ is the sum of w_b w_bᵀ over the surrogates' scores as used. It is quadratic
/// in the outcomes and charged along the leading eigenvectors of Σ, which depend on the volumes and the map alone. The surrogates' R never leave.
/// </summary>
public static class SurrogateControl
{
    private const int MostDirections = 10;

    /// <param name="cohort">The cohort, with the map's own scores.</param>
    /// <param name="answer">What <see cref="DisclosureControl"/> returned for them.</param>
    /// <param name="surrogates">One array per surrogate, one score per row of the cohort. A surrogate with a score that is not finite has no correlation.</param>
    /// <param name="seedDigest">SHA-256 of the seed that they were drawn from.</param>
    /// <param name="noise">The stream for the noise on the surrogates' R.</param>
    public static JudgedAnswer Judge(
        ScoredCohort cohort, JudgedAnswer answer, IReadOnlyList<double[]> surrogates, DisclosurePolicy policy, Alternative alternative, string seedDigest, KeyedStream noise)
    {
        if (answer.Result is not { } result)
            return answer;
        var (n, c) = (cohort.Scores.Length, answer.Used.Noise);
        var least = alternative.Extremity((double)result.R) - policy.Step / 2 - PermutationTest.Rounding;
        var further = 0;
        double[][] sum = [.. Enumerable.Range(0, n).Select(_ => new double[n])];
        var isTold = false;
        foreach (var surrogate in surrogates)
        {
            var (r, direction) = Correlate(cohort, surrogate, policy);
            further += alternative.Extremity(Math.Clamp(GaussianNoise.On(r, n, c, noise), -1, 1)) >= least ? 1 : 0;
            if (direction is null)
                continue;
            isTold = true;
            for (var i = 0; i < n; i++)
                TensorPrimitives.MultiplyAdd(direction.Unit, direction.Unit[i], sum[i], sum[i]);
        }

        // No surrogate has a correlation: the map is too simple to have surrogates.
        if (!isTold)
            return new JudgedAnswer(answer.Rule ?? BlockRule.Degenerate, null);
        var variance = (cohort.Covariates.Count > 0 ? UsedScores.PartialFactor : 1) * LedgerRow.ScoreVariance(n, policy.Step, GaussianNoise.Sigma(n, c));
        var directions = LeadingDirections.Of(sum, MostDirections);
        return answer with
        {
            Result = result with
            {
                P = Rounded.To(policy.Decimals, (1.0 + further) / (1 + surrogates.Count)),
                Permutation = new ReleasedPermutation(surrogates.Count, seedDigest, null),
            },
            Rows = [.. answer.Rows, .. (directions ?? []).Select(direction => LedgerRow.Of(direction, variance)!)],
            Bits = PermutationControl.Bits,
            IsUncounted = directions is null,
        };
    }

    private static (double R, UsedScores? Direction) Correlate(ScoredCohort cohort, double[] scores, DisclosurePolicy policy)
    {
        if (!Array.TrueForAll(scores, double.IsFinite))
            return (0, null);
        var used = cohort.Statistic == Statistic.Pearson && policy.Has(DisclosureControlName.C5) ? WinsorisedScores.Of(scores, cohort.IsStrict(policy))?.Values : scores;
        return used is not null && Correlation.Of(cohort.Statistic, used, cohort.Outcome, cohort.Covariates) is Correlation.Defined(var r, _)
            ? (r, UsedScores.Of(cohort.Statistic, used, cohort.Covariates))
            : (0, null);
    }
}
