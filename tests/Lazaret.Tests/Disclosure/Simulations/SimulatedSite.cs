using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Answers;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Noise;
using Lazaret.Disclosure.Outcomes;

namespace Lazaret.Tests.Disclosure.Simulations;

/// <summary>A site of n subjects with one outcome, asked map after map about all of them.</summary>
internal sealed class SimulatedSite
{
    private const int Components = 300;

    private readonly DisclosurePolicy _policy;
    private readonly OutcomeTraits _traits;
    private readonly double[][] _scans;

    public SimulatedSite(DisclosurePolicy policy, int n, int seed, Func<Random, double> outcome)
    {
        (_policy, Random) = (policy, new Random(seed));
        Outcome = [.. Enumerable.Range(0, n).Select(_ => outcome(Random))];
        _traits = OutcomeTraits.Of(Outcome);
        Ledger = new LeverageLedger(n);
        // Components of connectivity whose variance falls as j^−1.5, as that of smooth maps does.
        _scans = [.. Outcome.Select(_ => Enumerable.Range(1, Components).Select(j => Gaussian.Next(Random) * Math.Pow(j, -0.75)).ToArray())];
    }

    public Random Random { get; }

    public double[] Outcome { get; }

    public LeverageLedger Ledger { get; }

    /// <summary>What was answered and added to the ledger; null for a refusal.</summary>
    public CorrelationAnswer.Ready? Ask(double[] scores)
    {
        var input = new CorrelationInput { Statistic = Statistic.Pearson, Cohort = SubjectSet.First(scores.Length), Scores = scores, Outcome = Outcome, Traits = _traits };
        if (CorrelationAnswer.Of(input, _policy, new KeyedStream([1], BitConverter.GetBytes(Random.NextInt64()))) is not CorrelationAnswer.Ready ready)
            return null;
        var trial = Ledger.Try([ready.Charge], _policy.LimitsOf(ready.Discrete, _traits.Entropy));
        if (trial.Rule is not null)
            return null;
        Ledger.Add(trial, [ready.Charge]);
        return ready;
    }

    /// <summary>How many maps are answered before the first refusal.</summary>
    public int Answered(Func<double[]> scores, int most)
    {
        var answered = 0;
        while (answered < most && Ask(scores()) is not null)
            answered++;
        return answered;
    }

    /// <summary>Scores that have nothing to do with each other: what costs most.</summary>
    public double[] IndependentScores() => Gaussian.Column(Random, Outcome.Length);

    /// <summary>The scores of a map at random.</summary>
    public double[] ScoresOfMap()
    {
        var map = Gaussian.Column(Random, Components);
        return Array.ConvertAll(_scans, scan => scan.Zip(map, (a, b) => a * b).Sum());
    }
}
