using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Scores;

namespace Lazaret.Tests.Disclosure.Scores;

public sealed class OutputRowTests
{
    [Fact]
    public void Leading_directions_are_the_eigenvectors_of_the_largest_eigenvalues()
    {
        // A = Σ λᵢ vᵢvᵢᵀ with eigenvalues 10, −6, 3 and a little noise.
        var random = new Random(1);
        const int N = 40;
        double[] lambda = [10, -6, 3];
        double[][] v = [.. Enumerable.Range(0, 3).Select(_ => UsedScores.OfValues(Gaussian.Column(random, N))!.Unit)];
        v[1] = UsedScores.OfResiduals(v[1], [v[0]])!.Unit;
        v[2] = UsedScores.OfResiduals(v[2], [v[0], v[1]])!.Unit;
        double[][] matrix = [.. Enumerable.Range(0, N).Select(i => Enumerable.Range(0, N).Select(j => lambda.Select((value, k) => value * v[k][i] * v[k][j]).Sum()).ToArray())];
        var leading = LeadingDirections.Of(matrix, 5)!;
        // 100 + 36 of 145 are 94 %.
        Assert.Equal(2, leading.Count);
        Assert.All(leading.Zip(v), pair => Assert.Equal(1, Math.Abs(pair.First.Zip(pair.Second, (a, b) => a * b).Sum()), 1e-9));
        Assert.Null(LeadingDirections.Of(matrix, 1));
        Assert.Empty(LeadingDirections.Of([.. Enumerable.Range(0, 4).Select(_ => new double[4])], 5)!);
        Assert.Equal(2, OutputRows.OfDirections(leading, 0.001, 0).Count);
    }

    [Fact]
    public void Too_many_directions_are_for_a_steward()
    {
        double[][] identity = [.. Enumerable.Range(0, 40).Select(i => Enumerable.Range(0, 40).Select(j => i == j ? 1.0 : 0).ToArray())];
        Assert.Null(LeadingDirections.Of(identity, 10));
        double[][] antisymmetric = [[0, 1], [-1, 0]];
        Assert.All(LeadingDirections.Symmetric(antisymmetric), row => Assert.All(row, value => Assert.Equal(0, value)));
    }

    [Fact]
    public void R_and_partial_R_charge_the_degree_s_own_direction()
    {
        var random = new Random(2);
        var (scores, degree) = (Gaussian.Column(random, 60), Gaussian.Column(random, 60));
        for (var i = 0; i < 60; i++)
            scores[i] += 2 * degree[i];
        var ledger = new LeverageLedger(60);
        ledger.Add([new LedgerCharge(SubjectSet.First(60), [UsedScores.OfValues(scores)!.Row(0.001, 0), UsedScores.OfResiduals(scores, [degree])!.Row(0.001, 0)])]);
        var own = ledger.Try([new LedgerCharge(SubjectSet.First(60), [UsedScores.OfValues(degree)!.Row(0.001, 0)])], LedgerLimits.None);
        Assert.InRange(own.MaxLeverage - ledger.Leverages.Max(), 0, 1e-3);
    }

    [Fact]
    public void An_area_is_the_correlation_of_ranks_in_another_unit()
    {
        var random = new Random(3);
        var scores = Gaussian.Column(random, 50);
        double[] outcome = [.. scores.Select((score, i) => i % 3 == 0 || score > 0.8 ? 1.0 : 0)];
        var area = AreaUnderCurve.Of(scores, outcome)!;
        var ranks = Ranks.Of(scores);
        var r = ((Correlation.Defined)Correlation.Of(Statistic.Pearson, ranks, outcome, [])).R;
        var length = Math.Sqrt(ranks.Sum(rank => Math.Pow(rank - ranks.Average(), 2)));
        Assert.Equal(r * length / Math.Sqrt(50.0 * area.Ones * area.Zeros), area.Value - 0.5, 1e-12);
        Assert.Null(AreaUnderCurve.Of(scores, scores));
    }

    [Fact]
    public void The_p_and_interval_of_an_area_keep_their_error_rates_under_noise()
    {
        const int Draws = 2000;
        var random = new Random(4);
        double[] outcome = [.. Enumerable.Range(0, 60).Select(i => i < 25 ? 1.0 : 0)];
        // Half the standard error of an area under the null hypothesis: what noise of half a unit on R is here.
        var sigma = 0.5 * Math.Sqrt(61 / (12.0 * 25 * 35));
        var (significant, covered) = (0, 0);
        for (var draw = 0; draw < Draws; draw++)
        {
            var area = AreaUnderCurve.Of(Gaussian.Column(random, 60), outcome)!;
            var released = area.Value + sigma * Gaussian.Next(random);
            significant += area.P(released, 0.5) < 0.05 ? 1 : 0;
            covered += area.Interval(released, 0.5) is var (low, high) && low <= 0.5 && high >= 0.5 ? 1 : 0;
        }

        Assert.InRange(significant / (double)Draws, 0.035, 0.065);
        Assert.InRange(covered / (double)Draws, 0.93, 0.97);
    }
}
