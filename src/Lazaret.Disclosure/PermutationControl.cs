using System.Buffers.Binary;
using System.Security.Cryptography;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Statistics.Permutations;
using Lazaret.Disclosure.Answers;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Noise;

namespace Lazaret.Disclosure;

/// <summary>
/// Gives answers a p by permutation, which tells next to nothing beside R. The node makes the seed: a requester who could choose it would learn an outcome from
/// every few draws. Each R_b gets noise of its own and is compared with the released R, up to the rounding. So p does not undo the noise.
/// </summary>
public static class PermutationControl
{
    /// <summary>How many bits such a p may tell. They have no direction, so no row counts them.</summary>
    public const double Bits = 3.3;

    /// <summary>The seed of a query: 32 bytes of its keyed stream, which is HMAC-SHA256 under the node's key.</summary>
    /// <param name="stream">The query's stream for this purpose alone.</param>
    public static byte[] SeedOf(KeyedStream stream)
    {
        var seed = new byte[32];
        for (var at = 0; at < seed.Length; at += sizeof(ulong))
            BinaryPrimitives.WriteUInt64BigEndian(seed.AsSpan(at), stream.Bits(64));
        return seed;
    }

    /// <summary>Judges all maps of one request. Maps about the same subjects share their permutations. If one map is withheld, all are, and no p is computed.</summary>
    /// <param name="cohorts">One cohort per map.</param>
    /// <param name="answers">What <see cref="DisclosureControl"/> returned for each.</param>
    /// <param name="draws">B: how many orders are drawn, unless there are so few that all are taken.</param>
    /// <param name="noiseOf">The stream for the noise on a map's R_b.</param>
    public static IReadOnlyList<JudgedAnswer> Judge(
        IReadOnlyList<ScoredCohort> cohorts, IReadOnlyList<JudgedAnswer> answers, DisclosurePolicy policy, Alternative alternative, byte[] seed, int draws, Func<int, KeyedStream> noiseOf)
    {
        if (policy.Has(DisclosureControlName.C1) && cohorts.Any(cohort => HasSmallBlock(cohort, policy.MinimumCohort)))
            return [.. answers.Select(answer => new JudgedAnswer(answer.Rule ?? BlockRule.SmallBlock, null))];
        if (answers.Any(answer => answer.Result is null))
            return answers;
        // Maps about different subjects have no permutations in common, so their largest R cannot be compared with that of each order.
        if (cohorts.All(cohort => cohort.Subjects.SequenceEqual(cohorts[0].Subjects)))
            return Test([.. Enumerable.Range(0, cohorts.Count)]);
        return [.. Enumerable.Range(0, cohorts.Count).SelectMany(map => Test([map]))];

        JudgedAnswer[] Test(int[] maps)
        {
            var shared = cohorts[maps[0]];
            var c = answers[maps[0]].Used.Noise;
            var correlations = Array.ConvertAll(maps, map => PermutedCorrelation.Of(shared.Statistic, answers[map].Used.Scores, shared.Outcome, shared.Covariates)!);
            var noise = Array.ConvertAll(maps, map => noiseOf(map));
            // With noise, taking each order once would give no exact p: even if there are few orders, as many are drawn as otherwise.
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

    /// <summary>R and a p within blocks together give the part of R between the blocks. So the blocks' means count as told.</summary>
    internal static IEnumerable<LedgerRow> BlockRows(ScoredCohort cohort) => cohort.Blocks.Distinct(StringComparer.Ordinal)
        .Select(block => LedgerRow.BlockMean([.. cohort.Blocks.Select(other => other == block)]));
}
