using Lazaret.Disclosure;
using Lazaret.Disclosure.Checks;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Outcomes;

namespace Lazaret.Tests.Disclosure.Checks;

public sealed class CheckTests
{
    private static readonly DisclosurePolicy Twenty = new() { MinimumCohort = 20 };

    [Theory]
    [InlineData(20, 20, 100, null)]
    [InlineData(19, 19, 100, BlockRule.MinimumCohort)]
    [InlineData(100, 100, 100, null)]
    [InlineData(81, 81, 100, BlockRule.Remainder)]
    [InlineData(80, 80, 100, null)]
    [InlineData(99, 99, 100, BlockRule.Remainder)]
    [InlineData(30, 31, 100, BlockRule.RepeatedSubject)]
    public void A_cohort_and_those_whom_it_leaves_out_are_at_least_the_minimum(int n, int rows, int population, BlockRule? rule) =>
        Assert.Equal(rule, CohortCheck.Of(SubjectSet.First(n), rows, population, [], Twenty));

    [Theory]
    [InlineData(0, 50, null)]
    [InlineData(0, 49, BlockRule.Difference)]
    [InlineData(1, 50, BlockRule.Difference)]
    [InlineData(1, 51, BlockRule.Difference)]
    [InlineData(20, 70, null)]
    [InlineData(19, 70, BlockRule.Difference)]
    [InlineData(0, 70, null)]
    [InlineData(0, 69, BlockRule.Difference)]
    [InlineData(100, 150, null)]
    public void A_cohort_differs_from_every_answered_one_by_nobody_or_by_the_minimum(int first, int end, BlockRule? rule)
    {
        // Answered before: subjects 0 to 49.
        var cohort = SubjectSet.Of([.. Enumerable.Range(first, end - first)]);
        Assert.Equal(rule, CohortCheck.Of(cohort, cohort.Count, 1000, [SubjectSet.First(50)], Twenty));
        Assert.Null(CohortCheck.Of(cohort, cohort.Count, 1000, [SubjectSet.First(50)], Twenty with { Off = new HashSet<DisclosureControlName> { DisclosureControlName.C2 } }));
    }

    [Fact]
    public void An_outcome_that_hangs_on_few_subjects_is_not_answered()
    {
        double[] Binary(int ones) => [.. Enumerable.Range(0, 50).Select(i => i < ones ? 1.0 : 0)];
        Assert.Null(OutcomeCheck.Suitable(Binary(10)));
        Assert.Equal(BlockRule.Outcome, OutcomeCheck.Suitable(Binary(9)));
        Assert.Equal(BlockRule.Outcome, OutcomeCheck.Suitable(Binary(41)));
        Assert.Equal(BlockRule.Degenerate, OutcomeCheck.Suitable(Binary(0)));
        double[] counts = [.. Enumerable.Range(0, 50).Select(i => (double)(i % 5))];
        Assert.Null(OutcomeCheck.Suitable(counts));
        // One value so far off that it makes up more than half of the variance.
        Assert.Equal(BlockRule.Outcome, OutcomeCheck.Suitable([.. counts, 30]));
    }

    [Fact]
    public void Covariates_that_tell_the_outcome_are_refused()
    {
        var random = new Random(1);
        var outcome = Gaussian.Column(random, 100);
        double[] Near(double noise) => [.. outcome.Select(y => y + noise * Gaussian.Next(random))];
        Assert.Null(OutcomeCheck.Covariates(outcome, [], 20));
        Assert.Null(OutcomeCheck.Covariates(outcome, [Near(1)], 20));
        Assert.Equal(BlockRule.CovariateFit, OutcomeCheck.Covariates(outcome, [Near(0.3)], 20));
        double[][] many = [.. Enumerable.Range(0, 79).Select(_ => Gaussian.Column(random, 100))];
        Assert.Equal(BlockRule.DegreesOfFreedom, OutcomeCheck.Covariates(outcome, many, 20));
    }

    [Fact]
    public void An_extreme_correlation_is_withheld()
    {
        Assert.Null(OutcomeCheck.Extreme(-0.995));
        Assert.Equal(BlockRule.Extreme, OutcomeCheck.Extreme(-0.9951));
    }

    [Fact]
    public void Few_levels_or_wide_gaps_make_an_outcome_discrete()
    {
        var eight = OutcomeTraits.Of(Enumerable.Range(0, 200).Select(i => (double)(i % 8)));
        Assert.Equal((200, 8, 25, 1.0, 3.0), (eight.Known, eight.Levels, eight.Minority, eight.SmallestGap, eight.Entropy));
        Assert.True(eight.IsDiscrete(200, 0.001));
        var years = OutcomeTraits.Of(Enumerable.Range(0, 2000).Select(i => 40.0 + i % 50));
        // 1 year in 14.4: wider than rounding hides at n = 30, not at 130.
        Assert.True(years.IsDiscrete(30, 0.001));
        Assert.False(years.IsDiscrete(130, 0.001));
        Assert.False(OutcomeTraits.Of(Gaussian.Column(new Random(2), 100).Append(double.NaN)).IsDiscrete(30, 0.001));
    }
}
