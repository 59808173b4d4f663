using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure.Answers;
using Lazaret.Disclosure.Checks;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Noise;

namespace Lazaret.Disclosure;

/// <summary>
/// Judges an R-map as means over parcels. Whoever holds the scans has with each voxel an equation in the outcomes, and more voxels than subjects; a parcel's mean is one
/// equation, whose weights follow from the volumes, and costs one row.
/// </summary>
public static class OutcomeMapControl
{
    /// <summary>Digits that are enough to see a network; the third would double what a row tells.</summary>
    private const int MostDecimals = 2;

    /// <param name="cohort">Its scores are not used.</param>
    /// <param name="weights">One array per parcel, as <see cref="MeanCorrelation"/> takes them, for the cohort's rows; empty for a parcel that is not given.</param>
    /// <param name="noise">The query's stream for noise: each parcel has its own.</param>
    public static JudgedParcels Judge(ScoredCohort cohort, IReadOnlyList<double[]> weights, DisclosurePolicy policy, KeyedStream noise)
    {
        var n = cohort.Outcome.Length;
        var rule = policy.Has(DisclosureControlName.C1)
            ? CohortCheck.Size(cohort.Subjects.Distinct(StringComparer.Ordinal).Count(), n, cohort.Population, policy.MinimumCohort)
            : null;
        if (n < 3)
            return Kept(rule ?? BlockRule.Degenerate);
        if (policy.Has(DisclosureControlName.C7))
            rule ??= OutcomeCheck.Suitable(cohort.Outcome);

        var c = cohort.NoiseOf(policy);
        var decimals = Math.Min(MostDecimals, policy.Decimals);
        var variance = LedgerRow.ScoreVariance(n, Math.Pow(10, -decimals), GaussianNoise.Sigma(n, c));
        var (values, rows) = (new List<decimal?>(), new List<LedgerRow>());
        foreach (var parcel in weights)
        {
            if (parcel.Length == 0)
            {
                values.Add(null);
                continue;
            }

            var squares = parcel.Sum(weight => weight * weight);
            // Where one parcel of those that the site gives says nothing in this cohort, that would tell who is not in it.
            if (!(squares > 0) || MeanCorrelation.Of(cohort.Statistic, parcel, cohort.Outcome) is not { } r)
                return Kept(rule ?? BlockRule.Degenerate);
            var noisy = GaussianNoise.On(r, n, c, noise);
            if (policy.Has(DisclosureControlName.C7))
                rule ??= OutcomeCheck.Extreme(noisy);
            values.Add(Rounded.To(decimals, Math.Clamp(noisy, -1, 1)));
            // The weights are shorter than 1 by as much as a parcel's voxels differ, and rounding and noise weigh the more on a unit row.
            rows.Add(LedgerRow.Of(parcel, variance / squares)!);
        }

        return rule is not null || rows.Count == 0 ? Kept(rule ?? BlockRule.Degenerate) : new JudgedParcels(null, n, values, rows);

        JudgedParcels Kept(BlockRule why) => new(why, n, [], []);
    }
}
