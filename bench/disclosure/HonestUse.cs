using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Answers;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Noise;
using Lazaret.Disclosure.Outcomes;

namespace Lazaret.Bench.Disclosure;

/// <summary>Which maps somebody asks about.</summary>
internal enum Maps
{
    /// <summary>Scores that have nothing to do with each other: no maps of real scans cost as much.</summary>
    Independent,

    /// <summary>Maps at random over scans whose components have variances that fall as j^−1.5.</summary>
    Unrelated,

    /// <summary>Variants of one such map: two of them correlate by 0.9.</summary>
    Related,
}

/// <summary>Somebody asks map after map about one outcome of everybody, until the first refusal.</summary>
internal sealed class HonestUse(DisclosurePolicy policy, int n, Maps maps, bool binary)
{
    private const int Components = 300;

    /// <param name="most">Where it ends without a refusal.</param>
    /// <returns>How many were answered, and what refused the next; null when nothing did.</returns>
    public (int Answered, BlockRule? Rule) Run(int seed, int most)
    {
        var random = new Random(seed);
        double[] outcome = [.. Enumerable.Range(0, n).Select(i => binary ? i % 2 : Gaussian(random))];
        double[][] scans = [.. outcome.Select(_ => Enumerable.Range(1, Components).Select(j => Gaussian(random) * Math.Pow(j, -0.75)).ToArray())];
        var network = Map(random);
        var traits = OutcomeTraits.Of(outcome);
        var cohort = SubjectSet.First(n);
        var ledger = new LeverageLedger(n);
        for (var answered = 0; answered < most; answered++)
        {
            var map = Map(random);
            if (maps == Maps.Related)
                map = [.. network.Zip(map, (shared, own) => Math.Sqrt(0.9) * shared + Math.Sqrt(0.1) * own)];
            double[] scores = maps == Maps.Independent
                ? [.. outcome.Select(_ => Gaussian(random))]
                : Array.ConvertAll(scans, scan => scan.Zip(map, (a, b) => a * b).Sum());
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

    private static double[] Map(Random random) => [.. Enumerable.Range(0, Components).Select(_ => Gaussian(random))];

    private static double Gaussian(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
