using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Answers;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Noise;
using Lazaret.Disclosure.Outcomes;

namespace Lazaret.Tests.Disclosure.Noise;

public sealed class DiscreteNoiseTests
{
    private static readonly DisclosurePolicy Exact = new() { MinimumCohort = 20 };

    private static readonly Statistic[] Statistics = [Statistic.Pearson, Statistic.Spearman, Statistic.Kendall];

    [Theory]
    [InlineData(Statistic.Pearson, false)]
    [InlineData(Statistic.Spearman, false)]
    [InlineData(Statistic.Kendall, false)]
    [InlineData(Statistic.Pearson, true)]
    [InlineData(Statistic.Spearman, true)]
    public void All_of_it_keeps_five_percent_of_false_positives_and_the_mean_of_many_questions_keeps_the_subjects_part(Statistic statistic, bool withCovariate)
    {
        const int Sites = 1000;
        const int N = 60;
        var random = new Random(1);
        var (significant, squares) = (0, 0.0);
        for (var site = 0; site < Sites; site++)
        {
            var outcome = Binary(N, random);
            // The covariate explains a good part of the outcome, and nothing of the scores.
            double[][] covariates = withCovariate ? [[.. outcome.Select(y => y + Gaussian.Next(random))]] : [];
            var input = new CorrelationInput
            {
                Statistic = statistic, Cohort = SubjectSet.First(N), Scores = Gaussian.Column(random, N), Outcome = outcome, Covariates = covariates, Traits = OutcomeTraits.Of(outcome), Offsets = Gaussian.Column(random, N),
            };
            var answer = Answer(input, site);
            significant += answer.P <= 0.05m ? 1 : 0;
            if (site >= 60)
                continue;
            var truth = Assert.IsType<Correlation.Defined>(Correlation.Of(statistic, input.Scores, outcome, covariates)).R;
            var kept = Enumerable.Range(0, 100).Average(question => (double)Answer(input, 10_000 + site * 100 + question).R) - truth;
            squares += kept * kept;
        }

        Assert.InRange(significant / (double)Sites, 0.03, 0.07);
        // In units of 1/√(n − 1): half of 0.5; τ is two thirds to four fifths of ρ, and its part with it.
        Assert.InRange(Math.Sqrt(squares / 60 * (N - 1)), statistic == Statistic.Kendall ? 0.15 : 0.19, 0.38);

        static CorrelationAnswer.Ready Answer(CorrelationInput input, int question) =>
            Assert.IsType<CorrelationAnswer.Ready>(CorrelationAnswer.Of(input, Exact, new KeyedStream([1], BitConverter.GetBytes(question))));
    }

    [Fact]
    public void No_two_statistics_of_the_same_scores_differ_in_the_subjects_part_of_an_outcome_of_two_values()
    {
        var random = new Random(2);
        var (outcome, scores, offsets) = (Binary(60, random), Ranked(60, random), Gaussian.Column(random, 60));
        var deviation = OutcomeTraits.Of(outcome).StandardDeviation;
        // Where scores are ranks, Pearson and Spearman are the same, and Kendall's τ is a fixed multiple.
        double[] with = [.. Statistics.Select(statistic => DiscreteNoise.Correlate(statistic, scores, outcome, [], deviation, 0.5, offsets)!.Value)];
        double[] without = [.. Statistics.Select(statistic => ((Correlation.Defined)Correlation.Of(statistic, scores, outcome, [])).R)];
        Assert.Equal(with[0], with[1], 1e-9);
        Assert.Equal(without[0], without[1], 1e-9);
        // But for the length of the moved outcome, which is not 1.
        Assert.Equal(without[2] / without[0], with[2] / with[0], 0.1 * (without[2] / without[0]));
    }

    /// <summary>One person has the score 1, all others 0 or 2, each map a little beside them so that none is on a lattice; all together are. They are asked as often as is allowed, and 60 times at most.</summary>
    [Theory]
    [InlineData(40, true, 0.4, 0.7)]
    [InlineData(60, true, 0.4, 0.7)]
    [InlineData(130, true, 0.4, 0.7)]
    [InlineData(60, false, 0.8, 1)]
    public void However_often_the_same_scores_are_asked_about_one_person_s_binary_outcome_is_guessed_seven_times_in_ten_at_most_since_outcomes_are_moved(int n, bool areMoved, double least, double most)
    {
        const int Sites = 150;
        var (right, asked) = (0, 0);
        for (var seed = 0; seed < Sites; seed++)
        {
            var random = new Random(seed);
            var site = new Site(n, random, areMoved);
            double[] scores = [.. Enumerable.Range(0, n).Select(member => member == 0 ? 1 : 2.0 * random.Next(2))];
            double[] shift = [.. scores.Select((_, member) => member == 0 ? 0 : random.NextDouble() - 0.5)];
            var sums = new List<double>();
            for (var map = 0; map < 60; map++)
            {
                double[] sent = [.. scores.Zip(shift, (score, by) => map % 2 == 0 ? score + by : score - by)];
                if (site.Ask(sent) is not { } answer)
                    break;
                sums.Add((double)answer.R * Length(sent));
            }

            if (sums.Count < 2)
                continue;
            asked += sums.Count;
            var (mean, share) = (scores.Average(), site.Outcome.Average());
            var sum = sums.Take(sums.Count / 2 * 2).Average() * Math.Sqrt(n * share * (1 - share)) + mean * n * share;
            right += Math.Abs(Math.IEEERemainder(sum, 2)) > 0.5 == site.Outcome[0] > 0 ? 1 : 0;
        }

        // Asked some dozens of times each, so that the question's part of the noise is next to nothing.
        Assert.True(asked > 20 * Sites, $"{asked}");
        Assert.InRange(right / (double)Sites, least, most);

        static double Length(double[] scores) => Math.Sqrt(scores.Sum(score => Math.Pow(score - scores.Average(), 2)));
    }

    private static double[] Binary(int n, Random random)
    {
        double[] outcome = [.. Enumerable.Range(0, n).Select(i => (double)(i % 2))];
        random.Shuffle(outcome);
        return outcome;
    }

    private static double[] Ranked(int n, Random random)
    {
        double[] ranks = [.. Enumerable.Range(1, n).Select(rank => (double)rank)];
        random.Shuffle(ranks);
        return ranks;
    }

    private sealed class Site
    {
        private readonly OutcomeTraits _traits;
        private readonly double[] _offsets;
        private readonly LeverageLedger _ledger;
        private readonly Random _random;

        public Site(int n, Random random, bool areMoved)
        {
            Outcome = [.. Enumerable.Range(0, n).Select(_ => (double)random.Next(2))];
            (_traits, _offsets, _ledger, _random) = (OutcomeTraits.Of(Outcome), areMoved ? Gaussian.Column(random, n) : [], new LeverageLedger(n), random);
        }

        public double[] Outcome { get; }

        public CorrelationAnswer.Ready? Ask(double[] scores)
        {
            var input = new CorrelationInput { Statistic = Statistic.Pearson, Cohort = SubjectSet.First(scores.Length), Scores = scores, Outcome = Outcome, Traits = _traits, Offsets = _offsets };
            if (CorrelationAnswer.Of(input, Exact, new KeyedStream([1], BitConverter.GetBytes(_random.NextInt64()))) is not CorrelationAnswer.Ready ready)
                return null;
            var trial = _ledger.Try([ready.Charge], Exact.LimitsOf(discrete: true, _traits.Entropy));
            if (trial.Rule is not null)
                return null;
            _ledger.Add(trial, [ready.Charge]);
            return ready;
        }
    }
}
