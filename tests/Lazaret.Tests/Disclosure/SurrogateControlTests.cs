using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Noise;
using Lazaret.Disclosure.Outcomes;

namespace Lazaret.Tests.Disclosure;

public sealed class SurrogateControlTests
{
    private static readonly DisclosurePolicy Exact = new() { MinimumCohort = 20 };

    [Fact]
    public void P_is_charged_along_the_directions_of_the_surrogates_scores_whatever_the_outcomes()
    {
        // Surrogates of a smooth map have scores of a few directions.
        var random = new Random(1);
        double[][] directions = [.. Enumerable.Range(0, 3).Select(_ => Gaussian.Column(random, 60))];
        double[][] surrogates = [.. Enumerable.Range(0, 199).Select(_ => Mix(random, directions))];
        var cohort = Cohort(random, Mix(random, directions));
        var answer = Judge(cohort, surrogates);
        Assert.False(answer.IsUncounted);
        Assert.InRange(answer.Rows.Count, 2, 4);
        Assert.Equal(PermutationControl.Bits, answer.Bits);
        Assert.Equal((199, "digest"), (answer.Result!.Permutation!.Orders, answer.Result.Permutation.SeedDigest));
        var permuted = Judge(cohort with { Outcome = [.. cohort.Outcome.OrderBy(_ => random.Next())] }, surrogates);
        Assert.Equal(Bytes(answer), Bytes(permuted));
        Assert.Equal(DisclosureControl.Judge(cohort, Exact, Stream).Result!.R, answer.Result.R);

        static byte[] Bytes(JudgedAnswer answer) => LedgerChargeBytes.Write(new LedgerCharge(SubjectSet.First(60), answer.Rows, answer.Bits));
    }

    [Fact]
    public void Surrogates_in_all_directions_are_for_a_steward_and_R_is_charged_meanwhile()
    {
        var random = new Random(2);
        double[][] surrogates = [.. Enumerable.Range(0, 199).Select(_ => Gaussian.Column(random, 60))];
        var answer = Judge(Cohort(random, Gaussian.Column(random, 60)), surrogates);
        Assert.True(answer is { IsUncounted: true, Rule: null, Rows.Count: 1 });
    }

    [Fact]
    public void Without_any_surrogate_there_is_no_answer()
    {
        var random = new Random(3);
        var cohort = Cohort(random, Gaussian.Column(random, 60));
        Assert.Equal(new JudgedAnswer(BlockRule.Degenerate, null), Judge(cohort, [.. Enumerable.Range(0, 99).Select(_ => Enumerable.Repeat(double.NaN, 60).ToArray())]));
    }

    [Theory]
    [InlineData(DisclosureProfile.Exact)]
    [InlineData(DisclosureProfile.Guarded)]
    public void Where_map_and_surrogates_are_alike_five_in_a_hundred_are_false_positives(DisclosureProfile profile)
    {
        var random = new Random(4);
        double[][] directions = [.. Enumerable.Range(0, 3).Select(_ => Gaussian.Column(random, 40))];
        var positives = 0;
        for (var round = 0; round < 400; round++)
        {
            var cohort = Cohort(random, Mix(random, directions), 40);
            positives += Judge(cohort, [.. Enumerable.Range(0, 99).Select(_ => Mix(random, directions))], profile, round).Result?.P <= 0.05m ? 1 : 0;
        }

        Assert.InRange(positives, 10, 30);
    }

    private static double[] Mix(Random random, double[][] directions)
    {
        double[] shares = [.. directions.Select(_ => Gaussian.Next(random))];
        return [.. Enumerable.Range(0, directions[0].Length).Select(i => directions.Zip(shares, (direction, share) => direction[i] * share).Sum())];
    }

    private static JudgedAnswer Judge(ScoredCohort cohort, double[][] surrogates, DisclosureProfile profile = DisclosureProfile.Exact, int question = 0)
    {
        var policy = Exact with { Profile = profile };
        KeyedStream Of(string purpose) => KeyedStream.Of([1], purpose, "v1", BitConverter.GetBytes(question));
        return SurrogateControl.Judge(cohort, DisclosureControl.Judge(cohort, policy, Of), surrogates, policy, Alternative.TwoSided, "digest", Of("null"));
    }

    private static KeyedStream Stream(string purpose) => KeyedStream.Of([1], purpose, "v1", BitConverter.GetBytes(0));

    private static ScoredCohort Cohort(Random random, double[] scores, int n = 60)
    {
        var outcome = Gaussian.Column(random, n);
        return new ScoredCohort
        {
            Statistic = Statistic.Pearson,
            Scores = scores,
            Outcome = outcome,
            Covariates = [],
            HasDrawnNull = true,
            Subjects = [.. Enumerable.Range(0, n).Select(i => $"s{i}")],
            Population = n,
            Traits = OutcomeTraits.Of(outcome),
        };
    }
}
