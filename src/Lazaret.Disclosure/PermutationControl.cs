using System.Buffers.Binary;
using System.Security.Cryptography;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Statistics.Permutations;
using Lazaret.Disclosure.Answers;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Noise;

namespace Lazaret.Disclosure;

/// <summary>
/// Gives answers a p by permutation that tells next to nothing beside R. The seed is the node's: whoever could choose it would learn an outcome from every few
/// draws. An R_b goes through what R went through, noise of its own and rounding, and is compared with the released R: p does not undo the noise.
/// </summary>
public static class PermutationControl
{
    /// <summary>What such a p may tell, in bits; it has no direction, so that no row counts it.</summary>
    public const double Bits = 3.3;

    /// <summary>The seed of a query, 32 bytes: HMAC-SHA256 of it under the node's key.</summary>
    /// <param name="stream">Of the query, for this purpose alone.</param>
    public static byte[] SeedOf(KeyedStream stream)
    {
        var seed = new byte[32];
        for (var at = 0; at < seed.Length; at += sizeof(ulong))
            BinaryPrimitives.WriteUInt64BigEndian(seed.AsSpan(at), stream.Bits(64));
        return seed;
    }

    /// <summary>All maps of one request, which have their permutations in common. Where one is kept, all are, and nothing is computed.</summary>
    /// <param name="cohorts">One a map.</param>
    /// <param name="answers">What <see cref="DisclosureControl"/> said of each.</param>
    /// <param name="draws">B, where the orders are not so few that all are taken.</param>
    /// <param name="noiseOf">Of a map's draws.</param>
    public static IReadOnlyList<JudgedAnswer> Judge(
        IReadOnlyList<ScoredCohort> cohorts, IReadOnlyList<JudgedAnswer> answers, DisclosurePolicy policy, Alternative alternative, byte[] seed, int draws, Func<int, KeyedStream> noiseOf)
    {
        if (policy.Has(DisclosureControlName.C1) && cohorts.Any(cohort => HasSmallBlock(cohort, policy.MinimumCohort)))
            return [.. answers.Select(answer => new JudgedAnswer(answer.Rule ?? BlockRule.SmallBlock, null))];
        if (answers.Any(answer => answer.Result is null))
            return answers;
        // The furthest of maps about different subjects would have no permutations in common with each of them.
        if (cohorts.All(cohort => cohort.Subjects.SequenceEqual(cohorts[0].Subjects)))
            return Test([.. Enumerable.Range(0, cohorts.Count)]);
        return [.. Enumerable.Range(0, cohorts.Count).SelectMany(map => Test([map]))];

        JudgedAnswer[] Test(int[] maps)
        {
            var shared = cohorts[maps[0]];
            var c = answers[maps[0]].Used.Noise;
            var correlations = Array.ConvertAll(maps, map => PermutedCorrelation.Of(shared.Statistic, answers[map].Used.Scores, shared.Outcome, shared.Covariates)!);
            var noise = Array.ConvertAll(maps, map => noiseOf(map));
            // With noise no order of the outcomes is worth more than another: few are drawn as often as many.
            var shuffles = Shuffles.Of(shared.Outcome.Length, shared.Blocks, seed, draws, allIfFew: c == 0);
            var test = PermutationTest.Of(
                correlations, Array.ConvertAll(maps, map => (double)answers[map].Result!.R), shuffles, alternative,
                policy.Step / 2 + PermutationTest.Rounding, (i, r) => Math.Clamp(GaussianNoise.On(r, shared.Outcome.Length, c, noise[i]), -1, 1));
            var digest = shuffles.AreAll ? null : Convert.ToHexStringLower(SHA256.HashData(seed));
            return [.. maps.Select((map, i) => answers[map] with
            {
                Result = answers[map].Result! with
                {
                    P = Rounded.To(policy.Decimals, test.P[i]),
                    Permutation = new ReleasedPermutation(shuffles.Count, digest, maps.Length > 1 ? Rounded.To(policy.Decimals, test.FamilyWise[i]) : null),
                },
                Rows = [.. answers[map].Rows, .. BlockRows(shared)],
                Bits = maps.Length > 1 ? 2 * Bits : Bits,
            })];
        }
    }

    internal static bool HasSmallBlock(ScoredCohort cohort, int minimum) =>
        cohort.Blocks.Zip(cohort.Subjects).Distinct().CountBy(row => row.First, StringComparer.Ordinal).Any(block => block.Value < minimum);

    /// <summary>R and a p within blocks give the part of R between the blocks: their means count as told.</summary>
    internal static IEnumerable<LedgerRow> BlockRows(ScoredCohort cohort) => cohort.Blocks.Distinct(StringComparer.Ordinal)
        .Select(block => LedgerRow.BlockMean([.. cohort.Blocks.Select(other => other == block)]));
}
