using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Answers;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Noise;
using Lazaret.Disclosure.Outcomes;

namespace Lazaret.Bench.Disclosure;

/// <summary>Somebody asks map after map about one outcome of everybody, until the first refusal.</summary>
internal sealed class HonestUse(DisclosurePolicy policy, int n, bool related, bool binary)
{
    /// <param name="most">Where it ends without a refusal.</param>
    /// <returns>How many were answered, and what refused the next; null when nothing did.</returns>
    public (int Answered, BlockRule? Rule) Run(int seed, int most)
    {
        var random = new Random(seed);
        double[] outcome = [.. Enumerable.Range(0, n).Select(i => binary ? i % 2 : Gaussian(random))];
        var traits = OutcomeTraits.Of(outcome);
        var cohort = SubjectSet.First(n);
        var ledger = new LeverageLedger(n);
        double[] network = [.. outcome.Select(_ => Gaussian(random))];
        for (var answered = 0; answered < most; answered++)
        {
            // Scores of two variants of one network correlate by 0.9.
            double[] scores = [.. network.Select(shared => related ? Math.Sqrt(0.9) * shared + Math.Sqrt(0.1) * Gaussian(random) : Gaussian(random))];
            var input = new CorrelationInput { Statistic = Statistic.Pearson, Cohort = cohort, Scores = scores, Outcome = outcome, Traits = traits };
            if (CorrelationAnswer.Of(input, policy, new KeyedStream([1], BitConverter.GetBytes(random.Next()))) is not CorrelationAnswer.Ready ready)
                return (answered, BlockRule.Outcome);
            var trial = ledger.Try([ready.Charge], policy.LimitsOf(ready.Discrete, traits.Entropy));
            if (trial.Rule is { } rule)
                return (answered, rule);
            ledger.Add(trial, [ready.Charge]);
        }

        return (most, null);
    }

    private static double Gaussian(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
