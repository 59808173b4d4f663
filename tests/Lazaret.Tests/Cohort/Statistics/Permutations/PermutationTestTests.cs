using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Statistics.Permutations;
using Lazaret.Tests.Disclosure;

namespace Lazaret.Tests.Cohort.Statistics.Permutations;

public sealed class PermutationTestTests
{
    [Theory]
    [InlineData(Alternative.TwoSided)]
    [InlineData(Alternative.Greater)]
    [InlineData(Alternative.Less)]
    public void All_orders_of_seven_rows_give_Kendalls_own_exact_p(Alternative alternative)
    {
        var random = new Random(1);
        for (var round = 0; round < 10; round++)
        {
            var (x, y) = (Gaussian.Column(random, 7), Gaussian.Column(random, 7));
            var r = ((Correlation.Defined)Correlation.Of(Statistic.Kendall, x, y, [])).R;
            var test = PermutationTest.Of([PermutedCorrelation.Of(Statistic.Kendall, x, y, [])!], [r], Shuffles.Of(7, [], [1], 99), alternative);
            Assert.Equal(Kendall.P(x, y, alternative)!.Value, test.P[0], 1e-12);
        }
    }

    [Theory]
    [InlineData(Statistic.Pearson, 0)]
    [InlineData(Statistic.Spearman, 0)]
    [InlineData(Statistic.Kendall, 0)]
    [InlineData(Statistic.Pearson, 2)]
    [InlineData(Statistic.Spearman, 2)]
    public void In_any_order_it_is_the_correlation_of_the_scores_with_the_outcomes_in_that_order(Statistic statistic, int covariates)
    {
        var random = new Random(2);
        // With ties on both sides.
        double[] x = [.. Gaussian.Column(random, 40).Select(value => Math.Round(value, 1))], y = [.. Gaussian.Column(random, 40).Select(value => Math.Round(value * 2))];
        double[][] z = [.. Enumerable.Range(0, covariates).Select(_ => Gaussian.Column(random, 40))];
        var permuted = PermutedCorrelation.Of(statistic, x, y, z)!;
        foreach (var order in Shuffles.Of(40, [], [2], 20).Orders())
        {
            // Freedman and Lane: what the covariates explain stays, and what they leave is given away.
            double[] used = statistic == Statistic.Spearman ? Ranks.Of(y) : y;
            double[][] columns = [.. z.Select(column => statistic == Statistic.Spearman ? Ranks.Of(column) : column)];
            var basis = PartialCorrelation.Basis(columns);
            var rest = basis.Count == 0 ? used : Left(used, basis);
            double[] given = [.. used.Zip(rest, (value, left) => value - left).Zip(order, (fit, from) => fit + rest[from])];
            double[] scores = statistic == Statistic.Spearman ? Ranks.Of(x) : x;
            var expected = (Correlation.Defined)Correlation.Of(statistic == Statistic.Kendall ? Statistic.Kendall : Statistic.Pearson, scores, given, columns);
            Assert.Equal(expected.R, permuted.At(order), 1e-10);
        }

        Assert.Null(PermutedCorrelation.Of(statistic, new double[40], y, z));

        static double[] Left(double[] column, List<double[]> basis)
        {
            var mean = column.Average();
            double[] left = [.. column.Select(value => value - mean)];
            foreach (var direction in basis)
            {
                var share = left.Zip(direction, (a, b) => a * b).Sum();
                left = [.. left.Zip(direction, (value, along) => value - share * along)];
            }

            return left;
        }
    }

    [Theory]
    [InlineData(Statistic.Pearson, false, false)]
    [InlineData(Statistic.Spearman, true, false)]
    [InlineData(Statistic.Kendall, false, true)]
    [InlineData(Statistic.Pearson, true, true)]
    public void Of_two_thousand_nulls_five_in_a_hundred_are_false_positives(Statistic statistic, bool hasCovariate, bool hasBlocks)
    {
        const int Rows = 30;
        var random = new Random(7);
        var positives = 0;
        string[] blocks = hasBlocks ? [.. Enumerable.Range(0, Rows).Select(row => row % 2 == 0 ? "a" : "b")] : [];
        for (var round = 0; round < 2000; round++)
        {
            double[] z = Gaussian.Column(random, Rows), x = Gaussian.Column(random, Rows), y = Gaussian.Column(random, Rows);
            for (var row = 0; row < Rows; row++)
            {
                // What both share with a covariate or a block is no effect of the score.
                var shared = (hasCovariate && statistic == Statistic.Pearson ? z[row] : 0) + (hasBlocks && row % 2 == 0 ? 0.5 : 0);
                (x[row], y[row]) = (x[row] + (hasBlocks && !hasCovariate ? 0 : shared), Math.Exp(y[row]) + shared);
            }

            double[][] covariates = hasCovariate ? [z] : [];
            var r = ((Correlation.Defined)Correlation.Of(statistic, x, y, covariates)).R;
            var test = PermutationTest.Of(
                [PermutedCorrelation.Of(statistic, x, y, covariates)!], [r], Shuffles.Of(Rows, blocks, BitConverter.GetBytes(round), 99), Alternative.TwoSided);
            positives += test.P[0] <= 0.05 ? 1 : 0;
        }

        Assert.InRange(positives / 2000.0, 0.04, 0.06);
    }

    [Fact]
    public void Over_a_family_of_nulls_five_in_a_hundred_have_any_false_positive()
    {
        var random = new Random(6);
        var (families, single) = (0, 0);
        for (var round = 0; round < 1000; round++)
        {
            var y = Gaussian.Column(random, 30);
            double[][] maps = [.. Enumerable.Range(0, 10).Select(_ => Gaussian.Column(random, 30))];
            var test = PermutationTest.Of(
                Array.ConvertAll(maps, x => PermutedCorrelation.Of(Statistic.Pearson, x, y, [])!),
                Array.ConvertAll(maps, x => ((Correlation.Defined)Correlation.Of(Statistic.Pearson, x, y, [])).R), Shuffles.Of(30, [], BitConverter.GetBytes(round), 99), Alternative.TwoSided);
            Assert.All(test.P.Zip(test.FamilyWise), p => Assert.True(p.First <= p.Second));
            families += test.FamilyWise.Any(p => p <= 0.05) ? 1 : 0;
            single += test.P.Any(p => p <= 0.05) ? 1 : 0;
        }

        Assert.InRange(families, 35, 65);
        Assert.InRange(single, 350, 450);
    }

    [Fact]
    public void Q_is_monotone_in_p()
    {
        // As R's p.adjust(p, "BH"); p·m/rank alone would be 0.1 for the first and 0.9 for the seventh.
        double[] p = [0.01, 0.19, 0.014, 0.013, 0.35, 0.63, 0.5, 0.67, 0.75, 0.81];
        double[] q = [0.14 / 3, 0.475, 0.14 / 3, 0.14 / 3, 0.7, 0.81, 0.81, 0.81, 0.81, 0.81];
        Assert.All(FalseDiscovery.Q(p).Zip(q), pair => Assert.Equal(pair.Second, pair.First, 1e-12));
        Assert.Equal([1.0, 1.0], FalseDiscovery.Q([1, 1]));
        Assert.Empty(FalseDiscovery.Q([]));
    }
}
