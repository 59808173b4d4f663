using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure.Noise;
using Lazaret.Disclosure.Privacy;

namespace Lazaret.Tests.Disclosure.Privacy;

public sealed class PrivateCorrelationTests
{
    private static readonly byte[] Key = [1, 2, 3];

    [Theory]
    [InlineData(Statistic.Spearman, 1)]
    [InlineData(Statistic.Kendall, 1)]
    [InlineData(Statistic.Pearson, 0.1)]
    public void P_and_interval_keep_their_error_rates_under_noise(Statistic statistic, double epsilon)
    {
        const int Draws = 1000, N = 40;
        var random = new Random(1);
        var (significant, covered) = (0, 0);
        for (var draw = 0; draw < Draws; draw++)
        {
            var answer = PrivateCorrelation.WithLaplace(statistic, Gaussian.Column(random, N), Gaussian.Column(random, N), (decimal)epsilon, Stream(draw));
            significant += answer.P(Stream(Draws + draw), draws: 399) < 0.05 ? 1 : 0;
            covered += answer.Interval() is var (low, high) && low <= 0 && high >= 0 ? 1 : 0;
        }

        Assert.InRange(significant / (double)Draws, 0.03, 0.07);
        Assert.InRange(covered / (double)Draws, 0.93, 0.975);
    }

    [Fact]
    public void Neighbours_differ_in_no_event_by_more_than_epsilon()
    {
        // The worst neighbours: one record at either end of both columns. 4,000 keys; four standard errors are allowed for.
        const int Keys = 4000, N = 12;
        double[] x = [.. Enumerable.Range(0, N).Select(i => (double)i)];
        double[] other = [N, .. x[1..]];
        int[] Histogram(double[] scores, int first)
        {
            var bins = new int[3];
            for (var key = 0; key < Keys; key++)
            {
                var answer = PrivateCorrelation.WithLaplace(Statistic.Spearman, scores, x, 1m, Stream(first + key));
                bins[answer.Noisy < 250 ? 0 : answer.Noisy < 450 ? 1 : 2]++;
            }

            return bins;
        }

        foreach (var (one, two) in Histogram(x, 0).Zip(Histogram(other, Keys)))
        {
            var error = 4 * Math.Sqrt(1.0 / one + 1.0 / two);
            Assert.InRange(Math.Abs(Math.Log((double)one / two)), 0, 1 + error);
        }
    }

    [Fact]
    public void The_same_query_gets_the_same_noise_and_another_gets_another()
    {
        var (x, y) = (Gaussian.Column(new Random(2), 30), Gaussian.Column(new Random(3), 30));
        PrivateCorrelation Ask(string version, byte query) => PrivateCorrelation.WithLaplace(Statistic.Spearman, x, y, 0.1m, KeyedStream.Of(Key, "noise", version, [query]));
        Assert.Equal(Ask("v1", 1), Ask("v1", 1));
        Assert.NotEqual(Ask("v1", 1), Ask("v1", 2));
        Assert.NotEqual(Ask("v1", 1), Ask("v2", 1));
    }

    [Fact]
    public void An_account_is_never_overdrawn()
    {
        var account = new PrivacyAccount(0, 1);
        for (var i = 0; i < 10; i++)
            account = account!.Charge(0.1m);
        Assert.Equal(1, account!.Spent);
        Assert.Null(account.Charge(0.0000001m));
        Assert.Equal(0.125m, PrivacyAccount.RhoOfEpsilon(0.5m));
    }

    private static KeyedStream Stream(int query) => KeyedStream.Of(Key, "noise", "v1", BitConverter.GetBytes(query));
}
