using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Noise;
using Lazaret.Disclosure.Outcomes;

namespace Lazaret.Tests.Disclosure;

public sealed class CrossValidationControlTests
{
    private static readonly DisclosurePolicy Exact = new() { MinimumCohort = 20 };

    [Fact]
    public void What_a_few_voxels_predict_is_charged_along_the_directions_that_it_tells()
    {
        // One voxel: the answer is that voxel's |R|, and the direction is its values.
        var random = new Random(1);
        var voxel = Gaussian.Column(random, 60);
        var (cohort, reach) = Predicted(random, [voxel]);
        var answer = CrossValidationControl.Judge(cohort, reach, Exact, Noise);
        Assert.Null(answer.Rule);
        Assert.False(answer.IsUncounted);
        var unit = Pearson.Centre(voxel)!;
        Assert.InRange(Math.Abs(answer.Rows[0].Weights.Zip(unit, (a, b) => a * b).Sum()), 0.95, 1);
        Assert.Equal(LedgerRow.ScoreVariance(60, 0.001, 0), answer.Rows[0].Variance, 1e-12);
        // p is that of the released R.
        Assert.Equal(Pearson.P((double)answer.Result!.R, 58), (double)answer.Result.P, 0.00051);

        // Its score may not be asked for, too, as if it were a new one.
        var ledger = new LeverageLedger(60);
        var row = LedgerRow.Of(unit, LedgerRow.ScoreVariance(60, 0.001, 0))!;
        var first = ledger.Try([new LedgerCharge(SubjectSet.First(60), [row])], LedgerLimits.None).Bits;
        ledger.Add([new LedgerCharge(SubjectSet.First(60), answer.Rows)]);
        Assert.True(ledger.Try([new LedgerCharge(SubjectSet.First(60), [row])], LedgerLimits.None).Bits < first / 2);
    }

    [Fact]
    public void What_many_voxels_predict_is_for_a_steward_and_so_is_what_nobody_measured()
    {
        var random = new Random(2);
        var (cohort, reach) = Predicted(random, [.. Enumerable.Range(0, 200).Select(_ => Gaussian.Column(random, 60))]);
        Assert.True(CrossValidationControl.Judge(cohort, reach, Exact, Noise) is { IsUncounted: true, Rule: null, Result: not null, Rows: [] });
        Assert.True(CrossValidationControl.Judge(cohort, [], Exact, Noise).IsUncounted);
    }

    [Fact]
    public void Small_groups_small_cohorts_and_unsuitable_outcomes_are_blocked_like_anywhere()
    {
        var random = new Random(3);
        var (cohort, reach) = Predicted(random, [Gaussian.Column(random, 60)]);
        string[] groups = [.. Enumerable.Range(0, 60).Select(i => i < 20 ? "a" : "b")];
        Assert.Null(CrossValidationControl.Judge(cohort with { Blocks = groups }, reach, Exact, Noise).Rule);
        groups[0] = "b";
        Assert.Equal((BlockRule.SmallBlock, null), Said(cohort with { Blocks = groups }));
        Assert.Equal((BlockRule.Remainder, null), Said(cohort with { Population = 65 }));
        double[] alone = [1, .. new double[59]];
        Assert.Equal(BlockRule.Outcome, Said(cohort with { Outcome = alone, Traits = OutcomeTraits.Of(alone) }).Rule);
        Assert.Equal(BlockRule.Extreme, Said(cohort with { Scores = cohort.Outcome }).Rule);
        Assert.Equal(BlockRule.Degenerate, Said(cohort with { Scores = new double[60] }).Rule);

        (BlockRule? Rule, ReleasedResult? Result) Said(ScoredCohort asked)
        {
            var answer = CrossValidationControl.Judge(asked, reach, Exact, Noise);
            return (answer.Rule, answer.Result);
        }
    }

    [Theory]
    [InlineData(Alternative.TwoSided, 0.31)]
    [InlineData(Alternative.Greater, 0.21)]
    [InlineData(Alternative.Less, 0.90)]
    public void A_p_by_permutation_is_counted_from_the_released_R_and_costs_what_it_does_beside_a_map(Alternative alternative, double expected)
    {
        var random = new Random(4);
        var (cohort, reach) = Predicted(random, [Gaussian.Column(random, 60)]);
        var answer = CrossValidationControl.Judge(cohort, reach, Exact, Noise);
        var r = (double)answer.Result!.R;
        // Of 99, ten are farther below than R is above, ten are R but for the rounding, ten are above it.
        double[] permuted = [.. Enumerable.Repeat(-Math.Abs(r) - 0.01, 10), .. Enumerable.Repeat(Math.Abs(r) - 0.0004, 10), .. Enumerable.Repeat(Math.Abs(r) + 0.02, 10), .. Enumerable.Repeat(0.0, 69)];
        var positive = answer with { Result = answer.Result with { R = Math.Abs(answer.Result.R) } };
        var judged = CrossValidationControl.JudgePermuted(cohort, positive, permuted, Exact, alternative, "digest", Noise);
        Assert.Equal(expected, (double)judged.Result!.P, 1e-9);
        Assert.Equal((99, "digest", (decimal?)null), (judged.Result.Permutation!.Orders, judged.Result.Permutation.SeedDigest, judged.Result.Permutation.FamilyWise));
        Assert.Equal((positive.Result.R, positive.Result.Interval, PermutationControl.Bits), (judged.Result.R, judged.Result.Interval, judged.Bits));
        Assert.Equal(answer.Rows.Count, judged.Rows.Count);
        // Within blocks, R and p give the part of R between them.
        string[] blocks = [.. Enumerable.Range(0, 60).Select(i => i < 30 ? "a" : "b")];
        Assert.Equal(answer.Rows.Count + 2, CrossValidationControl.JudgePermuted(cohort with { Blocks = blocks }, positive, permuted, Exact, alternative, "digest", Noise).Rows.Count);
        // What is kept stays kept, and what no ledger counts is still for a steward.
        Assert.Null(CrossValidationControl.JudgePermuted(cohort, new JudgedAnswer(BlockRule.Remainder, null), permuted, Exact, alternative, "digest", Noise).Result);
        Assert.True(CrossValidationControl.JudgePermuted(cohort with { Blocks = blocks }, CrossValidationControl.Judge(cohort, [], Exact, Noise), permuted, Exact, alternative, "digest", Noise) is { IsUncounted: true, Rows: [] });
    }

    private static KeyedStream Noise => KeyedStream.Of([1], "noise", "v1", [2]);

    /// <summary>Leave-one-out predictions in their linear form, A·z.</summary>
    private static (ScoredCohort Cohort, double[][] Reach) Predicted(Random random, double[][] voxels)
    {
        double[][] units = Array.ConvertAll(voxels, voxel => Pearson.Centre(voxel)!);
        double[][] reach = [.. Enumerable.Range(0, 60).Select(i => Enumerable.Range(0, 60).Select(j => i == j ? 0 : units.Sum(unit => unit[i] * unit[j])).ToArray())];
        var outcome = Gaussian.Column(random, 60);
        var cohort = new ScoredCohort
        {
            Statistic = Statistic.Pearson,
            Scores = Array.ConvertAll(reach, row => row.Zip(outcome, (a, z) => a * z).Sum()),
            Outcome = outcome,
            Covariates = [],
            Subjects = [.. Enumerable.Range(0, 60).Select(i => $"s{i}")],
            Population = 60,
            Traits = OutcomeTraits.Of(outcome),
        };
        return (cohort, reach);
    }
}
