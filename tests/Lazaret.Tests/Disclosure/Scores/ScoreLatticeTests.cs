using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure.Scores;

namespace Lazaret.Tests.Disclosure.Scores;

public sealed class ScoreLatticeTests
{
    [Theory]
    [InlineData(30)]
    [InlineData(50)]
    [InlineData(130)]
    [InlineData(1000)]
    public void Scores_that_are_multiples_but_for_a_few_are_found(int n)
    {
        var random = new Random(n);
        Assert.All(Enumerable.Range(0, 20), _ =>
        {
            // One person between all others; the same, where most have nothing of the map; four with powers of two; several multiples.
            Assert.True(Holds(i => i == 0 ? 1 : 2.0 * random.Next(2)));
            Assert.True(n < 50 || Holds(i => i == 0 ? 1 : i < n / 5 ? 2 * (i % 2 == 0 ? 1 : -1) : 0));
            Assert.True(Holds(i => i < 3 ? 1 << i : 16.0 * random.Next(2)));
            Assert.True(Holds(i => i == 0 ? 3 : 7.0 * random.Next(5)));
            // As near to multiples as scans and a map of 10 bits make them.
            Assert.True(Holds(i => (i == 0 ? 1 : 2.0 * (i % 2)) + 0.02 * Gaussian.Next(random)));
        });

        bool Holds(Func<int, double> score) => IsLattice(Statistic.Pearson, [.. Enumerable.Range(0, n).Select(score)]);
    }

    [Fact]
    public void Ties_make_a_lattice_of_ranks()
    {
        // 19, one, and 39: the one's rank is a third of the way from the first to the last.
        Assert.True(IsLattice(Statistic.Spearman, [.. Enumerable.Range(0, 59).Select(i => i < 19 ? 0.0 : i == 19 ? 1 : 2)]));
        // Six groups of ten: nobody is apart.
        Assert.False(IsLattice(Statistic.Spearman, [.. Enumerable.Range(0, 60).Select(i => (double)(i / 10))]));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(12)]
    [InlineData(20)]
    [InlineData(30)]
    [InlineData(130)]
    [InlineData(1000)]
    public void Scans_do_not_make_one(int n)
    {
        var random = new Random(n);
        var sites = 20_000 / n;
        var found = Enumerable.Range(0, sites).Count(_ =>
        {
            var scores = Gaussian.Column(random, n);
            return IsLattice(Statistic.Pearson, scores) || IsLattice(Statistic.Spearman, scores)
                || IsLattice(Statistic.Pearson, [.. scores.Select(Math.Exp)])
                // Two scanners, and a lesion that a fifth of the subjects have something of.
                || IsLattice(Statistic.Pearson, [.. scores.Select((score, i) => score + 4 * (i % 2))])
                || (n > 20 && IsLattice(Statistic.Spearman, [.. scores.Select((score, i) => i % 5 == 0 ? Math.Abs(score) : 0)]));
        });
        // Scores of twenty subjects are brought so near that some are alike.
        Assert.InRange(found, 0, sites / 500);
    }

    private static bool IsLattice(Statistic statistic, double[] scores) => 
        ScoreLattice.Holds(UsedScores.Of(statistic, statistic == Statistic.Pearson ? WinsorisedScores.Of(scores, discrete: true)!.Values : scores, [])!.Unit);
}
