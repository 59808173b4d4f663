using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure.Scores;

namespace Lazaret.Tests.Disclosure.Scores;

public sealed class ScoreTests
{
    [Fact]
    public void A_score_far_off_is_brought_to_five_deviations()
    {
        var scores = Gaussian.Column(new Random(1), 200);
        scores[7] = 1000;
        var winsorised = WinsorisedScores.Of(scores, discrete: false)!;
        Assert.Equal((5, 1), (winsorised.Reach, winsorised.Clipped));
        Assert.InRange(winsorised.Values[7], 4, 6);
        Assert.Equal(scores.Where((_, i) => i != 7), winsorised.Values.Where((_, i) => i != 7));
    }

    [Fact]
    public void A_small_cohort_is_clipped_nearer_until_nobody_has_too_much()
    {
        // At five deviations the one far off would have two thirds of the variance.
        double[] scores = [.. Enumerable.Range(0, 24).Select(i => (i - 11.5) / 12), 1000];
        var winsorised = WinsorisedScores.Of(scores, discrete: false)!;
        Assert.InRange(winsorised.Reach, 1.5, 4);
        var unit = UsedScores.OfValues(winsorised.Values)!.Unit;
        Assert.InRange(unit.Max(u => u * u) + 1.0 / 25, 0, 0.4);
    }

    [Fact]
    public void A_map_that_most_subjects_have_nothing_of_is_not_degenerate()
    {
        // A lesion's map: 0 for 40 of 50, so that the median absolute deviation is 0.
        double[] scores = [.. Enumerable.Range(0, 50).Select(i => i < 40 ? 0.0 : 1 + i % 3)];
        var winsorised = WinsorisedScores.Of(scores, discrete: false)!;
        Assert.True(winsorised.Values.Distinct().Count() > 1);
        Assert.Null(WinsorisedScores.Of(new double[50], discrete: false));
        Assert.Null(WinsorisedScores.Of([.. scores.Skip(1), double.NaN], discrete: false));
    }

    [Theory]
    [InlineData(Statistic.Pearson)]
    [InlineData(Statistic.Spearman)]
    public void The_product_of_used_scores_and_outcomes_is_what_the_answer_tells(Statistic statistic)
    {
        var random = new Random(2);
        var (x, y, z) = (Gaussian.Column(random, 40), Gaussian.Column(random, 40), Gaussian.Column(random, 40));
        foreach (double[][] covariates in new double[][][] { [], [z] })
        {
            var used = UsedScores.Of(statistic, x, covariates)!;
            double[][] seen = [.. covariates.Select(column => statistic == Statistic.Spearman ? Ranks.Of(column) : column)];
            var outcome = UsedScores.OfResiduals(statistic == Statistic.Spearman ? Ranks.Of(y) : y, seen)!.Unit;
            var r = Assert.IsType<Correlation.Defined>(Correlation.Of(statistic, x, y, covariates)).R;
            Assert.Equal(r, used.Unit.Zip(outcome, (a, b) => a * b).Sum(), 1e-12);
            Assert.Equal(covariates.Length == 0 ? 1 : 0.25, used.VarianceFactor);
        }
    }

    [Fact]
    public void Influence_is_the_correlation_without_each_subject()
    {
        var random = new Random(3);
        var (x, y) = (Gaussian.Column(random, 24), Gaussian.Column(random, 24));
        var without = Influence.LeaveOneOut(x, y)!;
        for (var left = 0; left < x.Length; left++)
        {
            var r = Assert.IsType<Correlation.Defined>(Correlation.Of(Statistic.Pearson, [.. x.Where((_, i) => i != left)], [.. y.Where((_, i) => i != left)], [])).R;
            Assert.Equal(r, without[left], 1e-12);
        }

        var vector = VectorFile.Statistics.GetProperty("bca_splitmix64_seed7");
        var basic = VectorFile.Statistics.GetProperty("pearson_basic");
        var influence = Influence.LeaveOneOut(basic.Numbers("x"), basic.Numbers("y"))!;
        Assert.All(vector.Numbers("loo_r").Zip(influence), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.25, 0)]
    [InlineData(0.5, 0)]
    [InlineData(0, 0.6)]
    [InlineData(0.25, 0.6)]
    [InlineData(0.5, 0.6)]
    public void Five_percent_stay_five_percent_under_noise(double c, double rho)
    {
        const int Draws = 2000, N = 60;
        var random = new Random(4);
        var (significant, covered) = (0, 0);
        for (var draw = 0; draw < Draws; draw++)
        {
            var x = Gaussian.Column(random, N);
            double[] y = [.. x.Select(value => rho * value + Math.Sqrt(1 - rho * rho) * Gaussian.Next(random))];
            var r = ((Correlation.Defined)Correlation.Of(Statistic.Pearson, x, y, [])).R + c / Math.Sqrt(N - 1) * Gaussian.Next(random);
            r = Math.Clamp(Math.Round(r, 3), -1, 1);
            significant += ReleasedCorrelation.P(Statistic.Pearson, r, N, 0, c) < 0.05 ? 1 : 0;
            covered += ReleasedCorrelation.Interval(Statistic.Pearson, r, N, 0, c) is var (low, high) && low <= rho && rho <= high ? 1 : 0;
        }

        // Three standard errors.
        if (rho == 0)
            Assert.InRange(significant / (double)Draws, 0.035, 0.065);
        Assert.InRange(covered / (double)Draws, 0.935, 0.97);
    }
}
