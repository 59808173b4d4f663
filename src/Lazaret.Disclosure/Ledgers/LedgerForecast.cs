using Lazaret.Disclosure.Noise;

namespace Lazaret.Disclosure.Ledgers;

/// <summary>How many further answers ledgers would take. It depends on no outcome, and neither does the ledger.</summary>
public static class LedgerForecast
{
    private const ulong Seed = 1;
    private const int Few = 5;

    // If a try takes more multiplications than this, the step is left out.
    private const long MostWork = 50_000_000;

    // Only a few steps: a number that changed with every answer would tell how exposed somebody is.
    private static readonly int[] Steps = [50, 20, 10, 5, 2, 1];

    /// <summary>The largest of a few steps such that every ledger would take that many unrelated maps on this cohort in one decision; 0 for none.</summary>
    /// <param name="variance">As <see cref="LedgerRow.ScoreVariance"/> returns it.</param>
    public static int AtLeast(IReadOnlyList<(LeverageLedger Ledger, LedgerLimits Limits)> ledgers, SubjectSet cohort, double variance)
    {
        var charges = Unrelated(Steps[0], cohort, variance);
        return Array.Find(Steps, step => ledgers.All(pair => (step == 1 || WorkOf(step, pair.Ledger) <= MostWork) && pair.Ledger.Try(charges[..step], pair.Limits).Rule is null));
    }

    /// <summary>
    /// What one more unrelated map would add, and whether the ledger would take it. It is the average over a few maps: a single map often does not change the largest leverage,
    /// because the map tells most about a different subject.
    /// </summary>
    /// <param name="variance">As <see cref="LedgerRow.ScoreVariance"/> returns it.</param>
    public static (double Leverage, double Bits, bool Fits) OneMore(LeverageLedger ledger, LedgerLimits limits, SubjectSet cohort, double variance)
    {
        var maps = WorkOf(Few, ledger) <= MostWork ? Few : 1;
        var charges = Unrelated(maps, cohort, variance);
        var trial = ledger.Try(charges, limits);
        return ((trial.MaxLeverage - ledger.MaxLeverage) / maps, trial.Bits / maps, ledger.Try(charges[..1], limits).Rule is null);
    }

    private static LedgerCharge[] Unrelated(int maps, SubjectSet cohort, double variance)
    {
        var random = new SplitMix64(Seed);
        return [.. Enumerable.Range(0, maps).Select(_ => new LedgerCharge(cohort, [LedgerRow.Of(Unrelated(random, cohort.Count), variance)!]))];
    }

    private static long WorkOf(int step, LeverageLedger ledger) => 2L * step * ledger.Subjects * Math.Min(ledger.Subjects, 1024);

    private static double[] Unrelated(SplitMix64 random, int n)
    {
        var scores = new double[n];
        for (var i = 0; i < n; i++)
            scores[i] = random.Gaussian();
        var mean = scores.Average();
        return Array.ConvertAll(scores, score => score - mean);
    }
}
