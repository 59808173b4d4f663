using System.Diagnostics;
using System.Globalization;
using Lazaret.Bench.Disclosure;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Ledgers;

// dotnet run -c Release --project bench/disclosure -- time | maps [SUBJECTS…]
if (args is ["maps", ..])
    Maps([.. args.Skip(1).Select(arg => int.Parse(arg, CultureInfo.InvariantCulture)).DefaultIfEmpty(30).Concat(args.Length == 1 ? [50, 130, 500, 5000] : [])]);
else
    Time();

static void Maps(int[] sizes)
{
    Console.WriteLine("| n | outcome | maps | exact | guarded, c = 0.25 | guarded, c = 0.5 |\n|---|---|---|---|---|---|");
    foreach (var n in sizes)
    {
        foreach (var (binary, related) in new[] { (false, false), (false, true), (true, false), (true, true) })
        {
            var cells = new[] { (DisclosureProfile.Exact, 0.25), (DisclosureProfile.Guarded, 0.25), (DisclosureProfile.Guarded, 0.5) }.Select(profile =>
            {
                var policy = new DisclosurePolicy { MinimumCohort = 20, Profile = profile.Item1, Noise = profile.Item2 };
                var (most, seeds) = n >= 5000 ? (300, 1) : n >= 500 ? (1000, 3) : (1000, 10);
                (int Answered, BlockRule? Rule)[] runs = [.. Enumerable.Range(0, seeds).Select(seed => new HonestUse(policy, n, related, binary).Run(seed, most)).OrderBy(run => run.Answered)];
                var median = runs[runs.Length / 2];
                return median.Rule is null ? $"> {most}" : Invariant($"{median.Answered} ({runs[0].Answered} to {runs[^1].Answered}; {string.Join(", ", runs.Select(run => run.Rule).Distinct())})");
            });
            Console.WriteLine(Invariant($"| {n} | {(binary ? "binary" : "continuous")} | {(related ? "related" : "unrelated")} | {string.Join(" | ", cells)} |"));
        }
    }
}

// N = 5,000 with 1,000 unrelated releases before, about twenty cohorts: a trial and the addition.
static void Time()
{
    const int Subjects = 5000;
    var random = new Random(1);
    SubjectSet[] cohorts = [SubjectSet.First(Subjects), .. Enumerable.Range(0, 19).Select(_ => SubjectSet.Of([.. Enumerable.Range(0, Subjects).Where(_ => random.Next(2) == 0)]))];
    var ledger = new LeverageLedger(Subjects);
    var limits = new DisclosurePolicy { MinimumCohort = 20, Profile = DisclosureProfile.Guarded }.LimitsOf(discrete: false, entropy: 12);
    var times = new List<double>();
    for (var release = 0; release < 1020; release++)
    {
        var cohort = cohorts[random.Next(cohorts.Length)];
        var sigma = 0.25 / Math.Sqrt(cohort.Count - 1);
        double[] scores = [.. Enumerable.Range(0, cohort.Count).Select(_ => random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5)];
        LedgerCharge[] charges = [new(cohort, [LedgerRow.Of(scores, LedgerRow.ScoreVariance(cohort.Count, 0.001, sigma))!])];
        var watch = Stopwatch.StartNew();
        ledger.Add(ledger.Try(charges, limits), charges);
        times.Add(watch.Elapsed.TotalMilliseconds);
        if (release % 100 == 99 || release == 1019)
            Console.WriteLine(Invariant($"after {release + 1}: median of the last 20 {times[^20..].Order().ElementAt(10):0.0} ms, slowest {times[^20..].Max():0.0} ms, largest leverage {ledger.Leverages.Max():0.000}"));
    }
}

static string Invariant(FormattableString text) => FormattableString.Invariant(text);
