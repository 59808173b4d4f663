using Lazaret.Disclosure.Privacy;

namespace Lazaret.Tests.Disclosure.Privacy;

public sealed class RankProductTests
{
    [Fact]
    public void Integers_and_sensitivities_are_the_vectors()
    {
        var spearman = VectorFile.Statistics.GetProperty("spearman_ties");
        var m = RankProducts.Spearman(spearman.Numbers("x"), spearman.Numbers("y"));
        Assert.Equal(spearman.GetProperty("M_integer").GetInt64(), m);
        Assert.Equal(spearman.Number("rho_a"), RankProducts.SpearmanOf(m, 20), 1e-14);
        Assert.Equal(spearman.GetProperty("delta_M_subst").GetInt64(), RankProducts.SpearmanSensitivity(20));
        var kendall = VectorFile.Statistics.GetProperty("kendall_ties");
        var k = RankProducts.Kendall(kendall.Numbers("x"), kendall.Numbers("y"));
        Assert.Equal(kendall.GetProperty("K_integer").GetInt64(), k);
        Assert.Equal(kendall.Number("tau_a"), RankProducts.KendallOf(k, 20), 1e-14);
        Assert.Equal(kendall.GetProperty("delta_K_subst").GetInt64(), RankProducts.KendallSensitivity(20));
    }

    [Fact]
    public void No_two_neighbours_of_three_subjects_differ_by_more_than_the_sensitivity()
    {
        // Every pair of columns of three values, ties and missing ones among them, and every other record for the first subject.
        double[] values = [0, 1, 2, double.NaN];
        double[][] columns = [.. from a in values from b in values from c in values select new[] { a, b, c }];
        var (spearman, kendall) = (0L, 0L);
        foreach (var x in columns)
        {
            foreach (var y in columns)
            {
                var (m, k) = (RankProducts.Spearman(x, y), RankProducts.Kendall(x, y));
                foreach (var a in values)
                {
                    foreach (var b in values)
                    {
                        double[] otherX = [a, x[1], x[2]], otherY = [b, y[1], y[2]];
                        spearman = Math.Max(spearman, Math.Abs(m - RankProducts.Spearman(otherX, otherY)));
                        kendall = Math.Max(kendall, Math.Abs(k - RankProducts.Kendall(otherX, otherY)));
                    }
                }
            }
        }

        Assert.Equal(RankProducts.SpearmanSensitivity(3), spearman);
        Assert.Equal(RankProducts.KendallSensitivity(3), kendall);
    }

    [Fact]
    public void A_missing_value_stands_in_the_middle() =>
        // Signs −3, −1, 1, 3, 0 and −4, −2, 0, 2, 4.
        Assert.Equal(20, RankProducts.Spearman([1, 2, 3, 4, double.NaN], [1, 2, 3, 4, 5]));
}
