using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure.Answers;
using Lazaret.Disclosure.Checks;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Noise;

namespace Lazaret.Disclosure;

/// <summary>
/// Judges an R-map as means over parcels. For whoever has the scans, each voxel would be an equation in the outcomes, and there are more voxels than subjects. A parcel's mean
/// is one equation, whose weights depend on the volumes alone, and costs one row.
/// </summary>
public static class OutcomeMapControl
{
    /// <summary>How many decimals are enough to see a network; a third one would double what a row tells.</summary>
    private const int MostDecimals = 2;

    /// <param name="cohort">Its scores are not used.</param>
    /// <param name="weights">One array per parcel, as <see cref="MeanCorrelation"/> takes them, for the cohort's rows; empty for a parcel that is not given.</param>
    /// <param name="noise">The query's stream for noise; each parcel takes its own noise from it.</param>
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
            // If a parcel that the site gives has no correlation in this cohort, all are withheld: leaving it out would tell who is not in the cohort.
            if (!(squares > 0) || MeanCorrelation.Of(cohort.Statistic, parcel, cohort.Outcome) is not { } r)
                return Kept(rule ?? BlockRule.Degenerate);
            var noisy = GaussianNoise.On(r, n, c, noise);
            if (policy.Has(DisclosureControlName.C7))
                rule ??= OutcomeCheck.Extreme(noisy);
            values.Add(Rounded.To(decimals, Math.Clamp(noisy, -1, 1)));
            // The more a parcel's voxels differ, the shorter are its weights. Scaled to a unit row, rounding and noise become larger.
            rows.Add(LedgerRow.Of(parcel, variance / squares)!);
        }

        return rule is not null || rows.Count == 0 ? Kept(rule ?? BlockRule.Degenerate) : new JudgedParcels(null, n, values, rows);

        JudgedParcels Kept(BlockRule why) => new(why, n, [], []);
    }
}
