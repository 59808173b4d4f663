using Lazaret.Cohort.Statistics;
using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Tests.Cli.Attack;

/// <summary>What the attackers conclude, from answers that no node gave.</summary>
public sealed class EstimatesTests
{
    [Fact]
    public void One_observation_moves_the_estimate_by_its_share_of_the_variance()
    {
        var posterior = new GaussianPosterior(2);
        posterior.Observe([0.6, 0.8], 2, 1);
        Assert.Equal([0.6, 0.8], [posterior.Estimate(0), posterior.Estimate(1)], (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(0.18, posterior.Known(0), 1e-12);
        Assert.Equal(0.32, posterior.Known(1), 1e-12);
    }

    [Fact]
    public void As_many_exact_equations_as_unknowns_give_all_of_them()
    {
        double[] truth = [0.3, -1.2, 2.1];
        var posterior = new GaussianPosterior(3);
        foreach (double[] row in (double[][])[[1, 1, 0], [0, 1, 1], [1, 0, 1]])
            posterior.Observe(row, row.Zip(truth).Sum(pair => pair.First * pair.Second), 1e-9);
        Assert.All(truth.Index(), one => Assert.Equal(one.Item, posterior.Estimate(one.Index), 1e-6));
    }

    [Fact]
    public void Rounded_correlations_of_more_maps_than_subjects_give_every_outcome()
    {
        var cohort = new SeededCohort("estimates", 1, 30);
        var inference = new Inference(cohort, noise: 0);
        Assert.False(inference.HasAnswers);
        for (var i = 0; i < 40; i++)
        {
            var map = cohort.DrawMap();
            inference.Learn(Answered(cohort, map, _ => true), [map]);
        }

        Assert.True(Recovered.Correlation([.. inference.About(Enumerable.Range(0, 30))]).Value > 0.99);
    }

    [Fact]
    public void Two_cohorts_that_differ_by_one_give_that_ones_outcome()
    {
        var found = new List<(double, double)>();
        for (var number = 0; number < 20; number++)
        {
            var cohort = new SeededCohort("estimates-difference", number, 51);
            var inference = new Inference(cohort, noise: 0);
            var map = cohort.DrawMap(toward: 0, share: 0.1f);
            inference.Learn(Answered(cohort, map, _ => true), [map]);
            inference.Learn(Answered(cohort, map, member => member > 0), [map], member => member > 0);
            found.AddRange(inference.About([0]));
            Assert.Equal([0], inference.FindMostExposed(1));
        }

        Assert.True(Recovered.Correlation(found).Value > 0.99);
    }

    [Fact]
    public void A_refusal_teaches_nothing()
    {
        var cohort = new SeededCohort("estimates", 2, 30);
        var inference = new Inference(cohort, noise: 0);
        inference.Learn(new Answer([], "blocked", TimeSpan.Zero), [cohort.DrawMap()]);
        Assert.False(inference.HasAnswers);
        Assert.All(inference.About(Enumerable.Range(0, 30)), about => Assert.Equal(0, about.Estimate));
    }

    [Fact]
    public void Seven_bits_are_read_from_one_rounded_R()
    {
        var random = new Random(3);
        for (var time = 0; time < 50; time++)
        {
            var (outcomes, scores) = DrawBits(random, bearers: 7);
            var found = (Correlation.Defined)Correlation.Of(Statistic.Pearson, scores, outcomes, []);
            Assert.Equal(outcomes.Take(7).Select(bit => bit > 0), BitDecoder.Decode(50, 25, 7, Math.Round(found.R, 3)));
        }
    }

    [Fact]
    public void Ten_bits_need_the_decimals_of_p_as_well()
    {
        var random = new Random(4);
        var (alone, both) = (new List<bool>(), new List<bool>());
        for (var time = 0; time < 100; time++)
        {
            var (outcomes, scores) = DrawBits(random, bearers: 10);
            var found = (Correlation.Defined)Correlation.Of(Statistic.Pearson, scores, outcomes, []);
            alone.Add(BitDecoder.Decode(50, 25, 10, Math.Round(found.R, 3))[0] == outcomes[0] > 0);
            both.Add(BitDecoder.Decode(50, 25, 10, Math.Round(found.R, 3), Math.Round(found.P, 3))[0] == outcomes[0] > 0);
        }

        Assert.InRange(Recovered.Accuracy(alone).Value!.Value, 0.35, 0.8);
        Assert.True(Recovered.Accuracy(both).Value > 0.9);
    }

    [Fact]
    public void Four_bits_are_read_modulo_sixteen()
    {
        var random = new Random(5);
        for (var time = 0; time < 50; time++)
        {
            double[] outcomes = [.. Enumerable.Range(0, 130).Select(i => i % 2.0)];
            random.Shuffle(outcomes);
            double[] scores = [.. Enumerable.Range(0, 130).Select(i => i < 4 ? 1 << i : 16.0 * random.Next(2))];
            var found = (Correlation.Defined)Correlation.Of(Statistic.Pearson, scores, outcomes, []);
            Assert.Equal(outcomes.Take(4).Select(bit => bit > 0), BitDecoder.DecodeModulo(scores, 65, Math.Round(found.R, 3)));
        }
    }

    private static (double[] Outcomes, double[] Scores) DrawBits(Random random, int bearers)
    {
        double[] outcomes = [.. Enumerable.Range(0, 50).Select(i => i % 2.0)];
        random.Shuffle(outcomes);
        return (outcomes, [.. Enumerable.Range(0, 50).Select(i => i < bearers ? 1 << i : 0.0)]);
    }

    private static Answer Answered(SeededCohort cohort, float[] map, Func<int, bool> members)
    {
        int[] held = [.. Enumerable.Range(0, cohort.Size).Where(members)];
        var scores = cohort.ScoresOf(map);
        var found = (Correlation.Defined)Correlation.Of(Statistic.Pearson, Array.ConvertAll(held, i => scores[i]), Array.ConvertAll(held, i => cohort.Values[i]), []);
        return new Answer([new AnsweredMap(held.Length, Math.Round(found.R, 3), Math.Round(found.P, 3))], null, TimeSpan.Zero);
    }
}
