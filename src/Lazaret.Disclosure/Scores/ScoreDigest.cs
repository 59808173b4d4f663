using System.Buffers.Binary;
using System.Security.Cryptography;
using Lazaret.Cohort.Statistics;

namespace Lazaret.Disclosure.Scores;

/// <summary>
/// A digest of a cohort's scores as its statistic uses them: clipped or ranked, less what covariates take out, of length 1. Scores that give one answer have one digest, and
/// others have another.
/// </summary>
public static class ScoreDigest
{
    /// <summary>What is told apart: more than arithmetic differs between processors, and less than any answer shows.</summary>
    private const double Step = 1.0 / (1 << 26);

    public static string Of(ScoredCohort cohort, DisclosurePolicy policy)
    {
        // With differential privacy a missing score adds nothing to the answer, and the lowest one does, though both have the lowest rank.
        var missing = policy.Profile == DisclosureProfile.Dp ? $"{string.Concat(cohort.Scores.Select(score => double.IsNaN(score) ? '1' : '0'))} " : "";
        return missing + Of(UsedOf(cohort, policy));
    }

    /// <summary>Of another column that an answer follows from, as the statistic uses it: ranked, or as it is, and of length 1.</summary>
    public static string Of(Statistic statistic, double[] column) => Of(UsedScores.Of(statistic, column, [])?.Unit ?? []);

    private static string Of(double[] used)
    {
        var bytes = new byte[sizeof(long) * used.Length];
        for (var i = 0; i < used.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(sizeof(long) * i), (long)Math.Round(used[i] / Step));
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    private static double[] UsedOf(ScoredCohort cohort, DisclosurePolicy policy)
    {
        // With differential privacy every statistic is one of ranks, and a score may be missing.
        if (policy.Profile == DisclosureProfile.Dp)
            return Ranks.Of(Array.ConvertAll(cohort.Scores, score => double.IsNaN(score) ? double.NegativeInfinity : score));
        var winsorised = cohort.Statistic == Statistic.Pearson && policy.Has(DisclosureControlName.C5) ? WinsorisedScores.Of(cohort.Scores, cohort.IsStrict(policy)) : null;
        return UsedScores.Of(cohort.Statistic, winsorised?.Values ?? cohort.Scores, cohort.Covariates)?.Unit ?? [];
    }
}
