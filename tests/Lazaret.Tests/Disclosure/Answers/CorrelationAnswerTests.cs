using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Answers;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Noise;
using Lazaret.Disclosure.Outcomes;

namespace Lazaret.Tests.Disclosure.Answers;

public sealed class CorrelationAnswerTests
{
    private static readonly DisclosurePolicy Exact = new() { MinimumCohort = 20 };
    private static readonly DisclosurePolicy Guarded = Exact with { Profile = DisclosureProfile.Guarded };

    [Fact]
    public void An_exact_answer_is_the_value_to_three_decimals()
    {
        var input = Input(new Random(1), 50);
        var ready = Assert.IsType<CorrelationAnswer.Ready>(CorrelationAnswer.Of(input, Exact, Noise(1)));
        var plain = Assert.IsType<Correlation.Defined>(Correlation.Of(Statistic.Pearson, input.Scores, input.Outcome, []));
        Assert.Equal((50, Rounded.To(3, plain.R), Rounded.To(3, plain.P), 48, false), (ready.N, ready.R, ready.P, ready.DegreesOfFreedom, ready.Discrete));
        Assert.Equal(ready, Assert.IsType<CorrelationAnswer.Ready>(CorrelationAnswer.Of(input, Exact, Noise(2))) with { Charge = ready.Charge, Winsorised = ready.Winsorised });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Degrees_of_freedom_and_p_follow_from_the_columns_that_are_shown_and_not_from_who_is_there(int shown)
    {
        // Everybody has one level: the column tells nothing, and its rank would tell that.
        var alike = Input(new Random(1), 50) with { Covariates = [new double[50]], ColumnsShown = shown };
        var ready = Assert.IsType<CorrelationAnswer.Ready>(CorrelationAnswer.Of(alike, Exact, Noise(1)));
        var r = Assert.IsType<Correlation.Defined>(Correlation.Of(Statistic.Pearson, alike.Scores, alike.Outcome, [])).R;
        Assert.Equal((48 - shown, Rounded.To(3, r), Rounded.To(3, Pearson.P(r, 48 - shown))), (ready.DegreesOfFreedom, ready.R, ready.P));
        Assert.Equal(BlockRule.DegreesOfFreedom, Assert.IsType<CorrelationAnswer.Blocked>(CorrelationAnswer.Of(alike with { ColumnsShown = 48 }, Exact, Noise(1))).Rule);
    }

    [Theory]
    [InlineData(Statistic.Pearson)]
    [InlineData(Statistic.Spearman)]
    public void A_partial_correlation_is_charged_for_the_directions_of_its_covariates(Statistic statistic)
    {
        var random = new Random(8);
        double[] dose = [60, .. Enumerable.Range(0, 59).Select(_ => 5 + random.NextDouble())];
        var input = Input(random, 60) with { Statistic = statistic, Covariates = [dose, Gaussian.Column(random, 60)] };
        var rows = Assert.IsType<CorrelationAnswer.Ready>(CorrelationAnswer.Of(input, Exact, Noise(1))).Charge.Rows;
        Assert.Equal(3, rows.Count);
        // A patient whose dose stands out would be told by it, where doses count as numbers.
        Assert.Equal(statistic == Statistic.Pearson, Math.Abs(rows[1].Weights[0]) > 0.98);
        Assert.All(rows.Skip(1), row => Assert.Equal(0, row.Weights.Zip(rows[0].Weights, (a, b) => a * b).Sum(), 9));
        Assert.Single(Assert.IsType<CorrelationAnswer.Ready>(CorrelationAnswer.Of(input with { Covariates = [] }, Exact, Noise(1))).Charge.Rows);
    }

    [Fact]
    public void Noise_is_the_query_s_own_and_p_and_interval_follow_from_what_is_released()
    {
        var input = Input(new Random(2), 50);
        CorrelationAnswer.Ready Ask(int query) => Assert.IsType<CorrelationAnswer.Ready>(CorrelationAnswer.Of(input, Guarded, Noise(query)));
        Assert.Equal(Ask(1).R, Ask(1).R);
        var answers = Enumerable.Range(0, 200).Select(Ask).ToList();
        Assert.True(answers.Select(answer => answer.R).Distinct().Count() > 50);
        // Whoever knows R and n knows p: the true one would undo the noise.
        Assert.All(answers.GroupBy(answer => answer.R), same => Assert.Single(same.Select(answer => (answer.P, answer.Interval)).Distinct()));
        var plain = ((Correlation.Defined)Correlation.Of(Statistic.Pearson, input.Scores, input.Outcome, [])).R;
        Assert.Equal(0.25 / 7, Math.Sqrt(answers.Average(answer => Math.Pow((double)answer.R - plain, 2))), 0.006);
    }

    [Theory]
    [InlineData(Statistic.Pearson, false)]
    [InlineData(Statistic.Spearman, false)]
    [InlineData(Statistic.Kendall, false)]
    [InlineData(Statistic.Pearson, true)]
    public void What_an_answer_costs_does_not_depend_on_whose_outcome_is_whose(Statistic statistic, bool covariate)
    {
        var random = new Random(3);
        var input = Input(random, 60) with { Statistic = statistic, Covariates = covariate ? [Gaussian.Column(random, 60)] : [] };
        foreach (var policy in new[] { Exact, Guarded })
        {
            var expected = LedgerChargeBytes.Write(Assert.IsType<CorrelationAnswer.Ready>(CorrelationAnswer.Of(input, policy, Noise(1))).Charge);
            for (var round = 0; round < 20; round++)
            {
                var other = input with { Outcome = [.. input.Outcome.OrderBy(_ => random.Next())] };
                Assert.Equal(expected, LedgerChargeBytes.Write(Assert.IsType<CorrelationAnswer.Ready>(CorrelationAnswer.Of(other, policy, Noise(1))).Charge));
            }
        }
    }

    [Fact]
    public void A_binary_outcome_has_noise_in_every_profile_unless_the_control_is_off()
    {
        var input = Input(new Random(4), 60);
        double[] binary = [.. input.Outcome.Select(y => y > 0 ? 1.0 : 0)];
        input = input with { Outcome = binary, Traits = OutcomeTraits.Of(binary) };
        decimal[] Answers(DisclosurePolicy policy) => [.. Enumerable.Range(0, 20).Select(query => Assert.IsType<CorrelationAnswer.Ready>(CorrelationAnswer.Of(input, policy, Noise(query))).R).Distinct()];
        Assert.True(Answers(Exact).Length > 10);
        Assert.Single(Answers(Exact with { Off = new HashSet<DisclosureControlName> { DisclosureControlName.Discrete } }));
    }

    [Fact]
    public void The_area_under_the_curve_follows_from_the_released_R_and_how_many_have_which_value()
    {
        var random = new Random(7);
        var input = Input(random, 80) with { Statistic = Statistic.Spearman };
        double[] binary = [.. input.Outcome.Select((y, i) => y + (i % 3 - 1) > 0 ? 1.0 : 0)];
        input = input with { Scores = [.. input.Scores.Select(score => Math.Round(score, 1))], Outcome = binary, Traits = OutcomeTraits.Of(binary) };
        var naive = Exact with { Off = new HashSet<DisclosureControlName> { DisclosureControlName.Discrete } };
        var plain = Ask(input, naive, 1).Area!;
        var expected = MannWhitney.Of(input.Scores, binary, Alternative.TwoSided)!;
        Assert.Equal((expected.Ones, expected.Zeros), (plain.Ones, plain.Zeros));
        Assert.Equal(expected.Area, (double)plain.Value, 0.002);
        Assert.Equal(expected.P, (double)plain.P, 0.01);
        Assert.InRange(plain.Value, plain.Low, plain.High);

        // With noise: whatever the outcomes are, the same R and counts give the same area.
        var answers = Enumerable.Range(0, 300).Select(query => Ask(input with { Outcome = [.. binary.OrderBy(_ => random.Next())] }, Exact, query)).ToList();
        Assert.All(answers.GroupBy(answer => answer.R), same => Assert.Single(same.Select(answer => answer.Area).Distinct()));
        Assert.True(answers.Select(answer => answer.Area!.Value).Distinct().Count() > 50);
        Assert.Equal(0.05, answers.Average(answer => answer.Area!.P < 0.05m ? 1.0 : 0), 0.03);

        // Of a partial correlation, another statistic, or where fewer than the smallest cohort have a value, there is none.
        Assert.Null(Ask(input with { Covariates = [Gaussian.Column(random, 80)] }, Exact, 1).Area);
        Assert.Null(Ask(input with { Statistic = Statistic.Pearson }, Exact, 1).Area);
        Assert.Null(Ask(input, Exact with { MinimumCohort = Math.Min(plain.Ones, plain.Zeros) + 1 }, 1).Area);

        static CorrelationAnswer.Ready Ask(CorrelationInput input, DisclosurePolicy policy, int query) => Assert.IsType<CorrelationAnswer.Ready>(CorrelationAnswer.Of(input, policy, Noise(query)));
    }

    [Fact]
    public void Modular_scores_that_spell_four_binary_outcomes_are_not_read()
    {
        // 1, 2, 4, 8 for four people, 0 or 16 for the others: without noise, R to three decimals tells all four.
        var naive = Exact with { Off = new HashSet<DisclosureControlName> { DisclosureControlName.Discrete } };
        Assert.InRange(Decoded(naive), 195, 200);
        Assert.Equal(0, Decoded(Exact));

        static int Decoded(DisclosurePolicy policy)
        {
            var random = new Random(5);
            var right = 0;
            for (var site = 0; site < 200; site++)
            {
                double[] outcome = [.. Enumerable.Range(0, 60).Select(i => (double)(i % 2)).OrderBy(_ => random.Next())];
                double[] scores = [.. Enumerable.Range(0, 60).Select(i => i < 4 ? 1 << i : i % 3 == 0 ? 16.0 : 0)];
                var input = Input(random, 60) with { Scores = scores, Outcome = outcome, Traits = OutcomeTraits.Of(outcome) };
                if (CorrelationAnswer.Of(input, policy, Noise(site)) is not CorrelationAnswer.Ready ready)
                    continue;
                right += Decode(scores, (double)ready.R, outcome.Average()) == Enumerable.Range(0, 4).Sum(i => (int)outcome[i] << i) ? 1 : 0;
            }

            return right;
        }
    }

    [Fact]
    public void Outcomes_and_maps_that_hang_on_one_subject_are_blocked_or_bounded()
    {
        var input = Input(new Random(6), 40);
        var outcome = input.Outcome.ToArray();
        outcome[3] = 1000;
        Assert.Equal(new CorrelationAnswer.Blocked(BlockRule.Outcome), CorrelationAnswer.Of(input with { Outcome = outcome }, Exact, Noise(1)));
        Assert.Equal(new CorrelationAnswer.Blocked(BlockRule.Degenerate), CorrelationAnswer.Of(input with { Scores = new double[40] }, Exact, Noise(1)));
        Assert.Equal(new CorrelationAnswer.Blocked(BlockRule.Extreme), CorrelationAnswer.Of(input with { Scores = input.Outcome }, Exact, Noise(1)));

        var fingerprint = input.Scores.ToArray();
        fingerprint[7] = 1000;
        var ready = Assert.IsType<CorrelationAnswer.Ready>(CorrelationAnswer.Of(input with { Scores = fingerprint }, Exact, Noise(1)));
        Assert.Equal(1, ready.Winsorised!.Clipped);
        var unbounded = Assert.IsType<CorrelationAnswer.Ready>(CorrelationAnswer.Of(input with { Scores = fingerprint }, Exact with { Off = new HashSet<DisclosureControlName> { DisclosureControlName.C5, DisclosureControlName.Discrete } }, Noise(1)));
        Assert.Equal(BlockRule.Leverage, new LeverageLedger(40).Try([unbounded.Charge], Exact.LimitsOf(false, 5)).Rule);
    }

    [Theory]
    [InlineData(Statistic.Pearson)]
    [InlineData(Statistic.Spearman)]
    public void Scores_that_are_multiples_but_for_one_person_s_are_no_question_whatever_the_outcome(Statistic statistic)
    {
        var input = Input(new Random(8), 59) with { Statistic = statistic, Scores = [.. Enumerable.Range(0, 59).Select(i => i < 19 ? 0.0 : i == 19 ? 1 : 3)] };
        foreach (var policy in new[] { Exact, Guarded })
            Assert.Equal(new CorrelationAnswer.Blocked(BlockRule.ScoreLattice), CorrelationAnswer.Of(input, policy, Noise(1)));
        Assert.IsType<CorrelationAnswer.Ready>(CorrelationAnswer.Of(input, Exact with { Off = new HashSet<DisclosureControlName> { DisclosureControlName.Discrete } }, Noise(1)));
    }

    /// <summary>Σ xᵢyᵢ modulo 16, from R and what everybody's scores and the outcome's mean and variance are.</summary>
    private static int Decode(double[] scores, double r, double mean)
    {
        var centre = scores.Average();
        var product = r * Math.Sqrt(scores.Sum(x => (x - centre) * (x - centre)) * scores.Length * mean * (1 - mean)) + scores.Length * centre * mean;
        return ((int)Math.Round(product) % 16 + 16) % 16;
    }

    private static CorrelationInput Input(Random random, int n)
    {
        var outcome = Gaussian.Column(random, n);
        return new CorrelationInput
        {
            Statistic = Statistic.Pearson,
            Cohort = SubjectSet.First(n),
            Scores = Array.ConvertAll(outcome, y => 0.4 * y + 0.9 * Math.Tanh(Gaussian.Next(random))),
            Outcome = outcome,
            Traits = OutcomeTraits.Of(outcome),
        };
    }

    private static KeyedStream Noise(int query) => KeyedStream.Of([1, 2, 3], "noise", "v1", BitConverter.GetBytes(query));
}
