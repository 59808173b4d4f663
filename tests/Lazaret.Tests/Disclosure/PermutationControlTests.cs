using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Noise;
using Lazaret.Disclosure.Outcomes;

namespace Lazaret.Tests.Disclosure;

/// <summary>What a requester could learn by permutations, and what keeps it from them.</summary>
public sealed class PermutationControlTests
{
    private static readonly DisclosurePolicy Exact = new() { MinimumCohort = 20 };
    private static readonly DisclosurePolicy Guarded = Exact with { Profile = DisclosureProfile.Guarded, Noise = 0.5 };

    [Fact]
    public void The_answer_states_how_many_permutations_there_were_and_the_seed_s_digest()
    {
        var answer = Ask(Cohort(new Random(1), 50), Exact, question: 1);
        Assert.Null(answer.Rule);
        Assert.Equal((199, 64, (decimal?)null), (answer.Result!.Permutation!.Orders, answer.Result.Permutation.SeedDigest!.Length, answer.Result.Permutation.FamilyWise));
        Assert.Equal(answer.Result, Ask(Cohort(new Random(1), 50), Exact, question: 1).Result);
        Assert.NotEqual(answer.Result.Permutation.SeedDigest, Ask(Cohort(new Random(1), 50), Exact, question: 2).Result!.Permutation!.SeedDigest);
    }

    [Fact]
    public void What_it_costs_is_the_row_of_R_and_bits_and_does_not_depend_on_whose_outcome_is_whose()
    {
        var random = new Random(2);
        var cohort = Cohort(random, 50);
        var answer = Ask(cohort, Exact, 1);
        Assert.Equal((1, PermutationControl.Bits), (answer.Rows.Count, answer.Bits));
        // The step of R alone: no p of independence leaves that would tell it more finely.
        Assert.Equal(LedgerRow.ScoreVariance(50, 0.001, 0), answer.Rows[0].Variance, 1e-15);
        var ledger = new LeverageLedger(50);
        var charge = new LedgerCharge(SubjectSet.First(50), answer.Rows, answer.Bits);
        var without = ledger.Try([new LedgerCharge(SubjectSet.First(50), answer.Rows)], Exact.LimitsOf(false, 5));
        var with = ledger.Try([charge], Exact.LimitsOf(false, 5));
        Assert.Equal((without.Bits + PermutationControl.Bits, without.MaxLeverage), (with.Bits, with.MaxLeverage));

        var other = Ask(cohort with { Outcome = [.. cohort.Outcome.OrderBy(_ => random.Next())] }, Exact, 1);
        Assert.Equal(LedgerChargeBytes.Write(charge), LedgerChargeBytes.Write(new LedgerCharge(SubjectSet.First(50), other.Rows, other.Bits)));
    }

    [Fact]
    public void P_follows_from_the_released_R_and_undoes_no_noise()
    {
        // 400 questions about one cohort: the true R is the same, the noise is not. The p of most draws is near what the released R says, and knows nothing of the true one.
        var cohort = Cohort(new Random(3), 60) with { Statistic = Statistic.Spearman };
        var truth = ((Correlation.Defined)Correlation.Of(Statistic.Spearman, cohort.Scores, cohort.Outcome, [])).R;
        var answers = Enumerable.Range(0, 400).Select(question => Ask(cohort, Guarded, question, draws: 999).Result!).ToList();
        double[] noise = [.. answers.Select(answer => (double)answer.R - truth)];
        Assert.Equal(0.5 / Math.Sqrt(59), Math.Sqrt(noise.Average(error => error * error)), 0.006);
        // What p adds to a guess of the noise from R: nothing beside chance.
        double[] r = [.. answers.Select(answer => (double)answer.R)], p = [.. answers.Select(answer => (double)answer.P)];
        double[] expected = [.. answers.Select(answer => Pearson.P((double)answer.R / Math.Sqrt(1.25), 58))];
        Assert.InRange(p.Zip(expected, (one, other) => Math.Abs(one - other)).Average(), 0, 0.03);
        Assert.InRange(Math.Abs(((Correlation.Defined)Pearson.Correlate(p.Zip(expected, (one, other) => one - other).ToArray(), noise)).R), 0, 0.15);
        Assert.True(r.Distinct().Count() > 100);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void With_noise_and_rounding_five_in_a_hundred_nulls_are_false_positives(bool isGuarded)
    {
        var random = new Random(4);
        // A few cohorts hang on one outcome, and are blocked.
        var answers = Enumerable.Range(0, 2000).Select(question => Ask(Cohort(random, 30) with { Scores = Gaussian.Column(random, 30) }, isGuarded ? Guarded : Exact, question, draws: 99).Result).OfType<ReleasedResult>().ToList();
        Assert.InRange(answers.Count, 1900, 2000);
        Assert.InRange(answers.Average(answer => answer.P <= 0.05m ? 1.0 : 0), 0.04, 0.06);
    }

    [Fact]
    public void Blocks_are_as_large_as_a_cohort_and_their_means_count_as_told()
    {
        var cohort = Cohort(new Random(5), 60);
        string[] blocks = [.. Enumerable.Range(0, 60).Select(i => i < 25 ? "a" : "b")];
        var answer = Ask(cohort with { Blocks = blocks }, Exact, 1);
        Assert.Equal([false, true, true], answer.Rows.Select(row => row.IsKnown));
        Assert.Equal(1 / Math.Sqrt(25), answer.Rows[1].Weights[0], 1e-12);
        Assert.Equal(0, answer.Rows[1].Weights[25]);
        // Who asks within blocks of the answered cohort knows what lies between them: a subject's leverage grows by that.
        Assert.True(Leverage(answer) > Leverage(Ask(cohort, Exact, 1)));

        Assert.Equal(BlockRule.SmallBlock, Ask(cohort with { Blocks = [.. blocks.Select((block, i) => i < 19 ? "c" : block == "a" ? "b" : block)] }, Exact, 1).Rule);
        Assert.Null(Ask(cohort with { Blocks = [.. blocks.Select((block, i) => i < 20 ? "c" : "b")] }, Exact, 1).Rule);

        static double Leverage(JudgedAnswer answer) => new LeverageLedger(60).Try([new LedgerCharge(SubjectSet.First(60), answer.Rows)], LedgerLimits.None).MaxLeverage;
    }

    [Fact]
    public void A_yes_or_no_outcome_has_its_noise_by_permutation_too()
    {
        var cohort = Cohort(new Random(6), 60);
        double[] binary = [.. cohort.Outcome.Select(y => y > 0 ? 1.0 : 0)];
        cohort = cohort with { Outcome = binary, Traits = OutcomeTraits.Of(binary) };
        Assert.True(Enumerable.Range(0, 20).Select(question => Ask(cohort, Exact, question).Result!.R).Distinct().Count() > 10);
    }

    [Fact]
    public void Maps_of_a_batch_share_their_permutations_and_all_or_none_are_answered()
    {
        var random = new Random(7);
        var cohort = Cohort(random, 50);
        ScoredCohort[] maps = [cohort, cohort with { Scores = Gaussian.Column(random, 50) }, cohort];
        var answers = Judge(maps, Exact, 1, 199);
        Assert.Equal(answers[0].Result!.P, answers[2].Result!.P);
        Assert.Equal(answers[0].Result, Assert.Single(Judge([cohort], Exact, 1, 199)).Result! with { Permutation = answers[0].Result!.Permutation });
        Assert.All(answers, answer => Assert.True(answer.Result!.Permutation!.FamilyWise >= answer.Result.P && answer.Bits == 2 * PermutationControl.Bits));

        // Maps that leave out different subjects have no permutations in common.
        var shorter = new ScoredCohort { Statistic = cohort.Statistic, Scores = cohort.Scores[..49], Outcome = cohort.Outcome[..49], Covariates = [], HasDrawnNull = true, Subjects = [.. cohort.Subjects.Take(49)], Population = 49, Traits = cohort.Traits };
        Assert.All(Judge([cohort, shorter], Exact, 1, 199), answer => Assert.Null(answer.Result!.Permutation!.FamilyWise));
        Assert.All(Judge([cohort, cohort with { Scores = new double[50] }], Exact, 1, 199), answer => Assert.Null(answer.Result?.Permutation));
    }

    [Fact]
    public void A_charge_keeps_its_bits_as_bytes()
    {
        var charge = new LedgerCharge(SubjectSet.First(5), [LedgerRow.Mean(5)], 3.3);
        var bytes = LedgerChargeBytes.Write(charge);
        Assert.Equal(3.3, LedgerChargeBytes.Read(bytes).Bits);
        Assert.Equal(bytes, LedgerChargeBytes.Write(LedgerChargeBytes.Read(bytes)));
        Assert.All(Enumerable.Range(0, bytes.Length), length => Assert.Throws<FormatException>(() => LedgerChargeBytes.Read(bytes.AsSpan(0, length))));
        BitConverter.TryWriteBytes(bytes.AsSpan(1), double.NaN);
        Assert.Throws<FormatException>(() => LedgerChargeBytes.Read(bytes));
    }

    private static JudgedAnswer Ask(ScoredCohort cohort, DisclosurePolicy policy, int question, int draws = 199) => Assert.Single(Judge([cohort], policy, question, draws));

    private static IReadOnlyList<JudgedAnswer> Judge(ScoredCohort[] cohorts, DisclosurePolicy policy, int question, int draws)
    {
        var answers = Array.ConvertAll(cohorts, cohort => DisclosureControl.Judge(cohort, policy, purpose => Stream(purpose, question)));
        return PermutationControl.Judge(cohorts, answers, policy, Alternative.TwoSided, PermutationControl.SeedOf(Stream("permutation", question)), draws, map => Stream($"null {map}", question));
    }

    private static ScoredCohort Cohort(Random random, int n)
    {
        var outcome = Gaussian.Column(random, n);
        return new ScoredCohort
        {
            Statistic = Statistic.Pearson,
            Scores = Array.ConvertAll(outcome, y => 0.2 * y + Gaussian.Next(random)),
            Outcome = outcome,
            Covariates = [],
            HasDrawnNull = true,
            Subjects = [.. Enumerable.Range(0, n).Select(i => $"s{i}")],
            Population = n,
            Traits = OutcomeTraits.Of(outcome),
        };
    }

    private static KeyedStream Stream(string purpose, int question) => KeyedStream.Of([1, 2, 3], purpose, "v1", BitConverter.GetBytes(question));
}
