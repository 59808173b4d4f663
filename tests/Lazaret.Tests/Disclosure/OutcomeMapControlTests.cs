using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Noise;
using Lazaret.Disclosure.Outcomes;

namespace Lazaret.Tests.Disclosure;

public sealed class OutcomeMapControlTests
{
    private static readonly DisclosurePolicy Exact = new() { MinimumCohort = 20 };

    [Fact]
    public void Each_parcel_is_a_value_of_two_decimals_and_a_row_of_its_own()
    {
        var random = new Random(1);
        var (cohort, weights) = (Cohort(random, 60), Weights(random, 60, parcels: 3, voxels: 16));
        var judged = Judge(cohort, [weights[0], [], weights[1], weights[2]]);
        Assert.Null(judged.Rule);
        Assert.Equal((4, 3), (judged.Values.Count, judged.Rows.Count));
        Assert.Null(judged.Values[1]);
        var unit = Pearson.Centre(cohort.Outcome)!;
        Assert.Equal(Math.Round(weights[1].Zip(unit, (a, b) => a * b).Sum(), 2), (double)judged.Values[2]!.Value, 1e-12);
        // What a mean of R tells of the outcomes along a unit row is as much coarser as the mean of unit columns is shorter than one of them.
        var length = Math.Sqrt(weights[1].Sum(weight => weight * weight));
        Assert.Equal(60 * 0.01 * 0.01 / 12 / (length * length), judged.Rows[1].Variance, 1e-12);
        Assert.Equal(weights[1][5] / length, judged.Rows[1].Weights[5], 1e-12);
    }

    [Theory]
    [InlineData(50, 10, 0.42)]
    [InlineData(130, 20, 0.35)]
    [InlineData(500, 100, 0.27)]
    public void As_many_parcels_as_a_cohort_bears_cost_what_was_simulated(int n, int parcels, double expected)
    {
        var random = new Random(n);
        var judged = Judge(Cohort(random, n), Weights(random, n, parcels, voxels: 12));
        var trial = new LeverageLedger(n).Try([new LedgerCharge(SubjectSet.First(n), judged.Rows)], Exact.LimitsOf(discrete: false, entropy: 6));
        Assert.InRange(trial.MaxLeverage, expected - 0.12, expected + 0.12);
        Assert.Null(trial.Rule);
        // Twice as many as subjects tell everything, and no ledger takes them.
        var all = Judge(Cohort(random, 50), Weights(random, 50, 100, voxels: 12));
        Assert.Equal(BlockRule.Leverage, new LeverageLedger(50).Try([new LedgerCharge(SubjectSet.First(50), all.Rows)], Exact.LimitsOf(discrete: false, entropy: 6)).Rule);
    }

    [Fact]
    public void Outcomes_of_few_values_have_noise_of_their_own_in_each_parcel()
    {
        var random = new Random(2);
        double[] responder = [.. Enumerable.Range(0, 200).Select(_ => (double)random.Next(2))];
        var (cohort, weights) = (Cohort(random, 200) with { Outcome = responder, Traits = OutcomeTraits.Of(responder) }, Weights(random, 200, 40, voxels: 1));
        var judged = Judge(cohort, weights);
        var sigma = 0.5 / Math.Sqrt(199);
        Assert.All(judged.Rows, row => Assert.Equal(200 * (0.01 * 0.01 / 12 + sigma * sigma), row.Variance, 1e-9));
        var unit = Pearson.Centre(responder)!;
        double[] errors = [.. weights.Zip(judged.Values, (of, value) => (double)value!.Value - of.Zip(unit, (a, b) => a * b).Sum())];
        Assert.InRange(Math.Sqrt(errors.Average(error => error * error)), 0.7 * sigma, 1.3 * sigma);
        Assert.Equal(judged.Values, Judge(cohort, weights).Values);
    }

    [Fact]
    public void Small_cohorts_unsuitable_outcomes_and_parcels_that_do_not_vary_keep_the_whole_map()
    {
        var random = new Random(3);
        var (cohort, weights) = (Cohort(random, 60), Weights(random, 60, 2, voxels: 4));
        double[] alone = [1, .. new double[59]];
        foreach (var (rule, asked, of) in new[]
        {
            (BlockRule.Remainder, cohort with { Population = 65 }, weights),
            (BlockRule.MinimumCohort, Cohort(random, 19), Weights(random, 19, 2, voxels: 4)),
            (BlockRule.Outcome, cohort with { Outcome = alone, Traits = OutcomeTraits.Of(alone) }, weights),
            (BlockRule.Extreme, cohort, [.. weights, Pearson.Centre(cohort.Outcome)!]),
            // Which of the parcels that the site gives says nothing would tell who is not in the cohort.
            (BlockRule.Degenerate, cohort, [.. weights, new double[60]]),
            (BlockRule.Degenerate, cohort with { Outcome = new double[60] }, weights),
            (BlockRule.Degenerate, cohort, [[], []]),
        })
        {
            var judged = Judge(asked, of);
            Assert.Equal(rule, judged.Rule);
            Assert.Empty(judged.Values);
            Assert.Empty(judged.Rows);
        }
    }

    private static JudgedParcels Judge(ScoredCohort cohort, double[][] weights) => OutcomeMapControl.Judge(cohort, weights, Exact, KeyedStream.Of([1], "noise", "v1", [2]));

    private static double[][] Weights(Random random, int n, int parcels, int voxels) =>
    [
        .. Enumerable.Range(0, parcels).Select(_ =>
        {
            double[][] units = [.. Enumerable.Range(0, voxels).Select(_ => Pearson.Centre(Gaussian.Column(random, n))!)];
            return Enumerable.Range(0, n).Select(row => units.Average(unit => unit[row])).ToArray();
        }),
    ];

    private static ScoredCohort Cohort(Random random, int n)
    {
        var outcome = Gaussian.Column(random, n);
        return new ScoredCohort
        {
            Statistic = Statistic.Pearson,
            Scores = new double[n],
            Outcome = outcome,
            Covariates = [],
            Subjects = [.. Enumerable.Range(0, n).Select(i => $"s{i}")],
            Population = n,
            Traits = OutcomeTraits.Of(outcome),
        };
    }
}
