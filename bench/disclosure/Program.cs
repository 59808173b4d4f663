using System.Diagnostics;
using System.Globalization;
using Lazaret.Bench.Disclosure;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Ledgers;

// dotnet run -c Release --project bench/disclosure -- time | maps [SUBJECTS…]
if (args is ["maps", ..])
    AskMaps([.. args.Skip(1).Select(arg => int.Parse(arg, CultureInfo.InvariantCulture)).DefaultIfEmpty(30).Concat(args.Length == 1 ? [50, 130, 500, 5000] : [])]);
else
    Time();

static void AskMaps(int[] sizes)
{
    Console.WriteLine("Answered before the first refusal: median (what nine seeds of ten reach, least; what refused).\n");
    Console.WriteLine("| n | outcome | maps | exact | guarded, c = 0.25 | guarded, c = 0.5 |\n|---|---|---|---|---|---|");
    foreach (var n in sizes)
    {
        foreach (var binary in new[] { false, true })
        {
            foreach (var maps in Enum.GetValues<Maps>())
                Console.WriteLine(Invariant($"| {n} | {(binary ? "binary" : "continuous")} | {maps} | {Cell(n, binary, maps, DisclosureProfile.Exact, 0.25)} | {Cell(n, binary, maps, DisclosureProfile.Guarded, 0.25)} | {Cell(n, binary, maps, DisclosureProfile.Guarded, 0.5)} |"));
        }
    }
}

static string Cell(int n, bool binary, Maps maps, DisclosureProfile profile, double c)
{
    var policy = new DisclosurePolicy { MinimumCohort = 20, Profile = profile, Noise = c };
    var (most, seeds) = n >= 5000 ? (300, 1) : n >= 500 ? (900, 3) : (900, 100);
    (int Answered, BlockRule? Rule)[] runs = [.. Enumerable.Range(0, seeds).Select(seed => new HonestUse(policy, n, maps, binary).Run(seed, most)).OrderBy(run => run.Answered)];
    var median = runs[runs.Length / 2];
    return median.Rule is null ? $"> {most}" : $"{median.Answered} ({runs[seeds / 10].Answered}, {runs[0].Answered}; {string.Join(", ", runs.Select(run => run.Rule).Distinct().Order())})";
}

// N = 5,000 with 1,000 unrelated releases before, eleven cohorts, and then a twelfth: a trial and the addition. Ten halves at random make a thousand small groups.
static void Time()
{
    const int Subjects = 5000;
    var random = new Random(1);
    SubjectSet[] cohorts = [SubjectSet.First(Subjects), .. Enumerable.Range(0, 11).Select(_ => SubjectSet.Of([.. Enumerable.Range(0, Subjects).Where(_ => random.Next(2) == 0)]))];
    var ledger = new LeverageLedger(Subjects);
    var limits = new DisclosurePolicy { MinimumCohort = 20, Profile = DisclosureProfile.Guarded }.LimitsOf(discrete: false, entropy: 12);
    var times = new List<double>();
    var busy = new List<double>();
    using var process = Process.GetCurrentProcess();
    for (var release = 0; release < 1020; release++)
    {
        var cohort = release == 1000 ? cohorts[^1] : cohorts[random.Next(cohorts.Length - 1)];
        var sigma = 0.25 / Math.Sqrt(cohort.Count - 1);
        double[] scores = [.. Enumerable.Range(0, cohort.Count).Select(_ => random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5)];
        LedgerCharge[] charges = [new(cohort, [LedgerRow.Of(scores, LedgerRow.ScoreVariance(cohort.Count, 0.001, sigma))!])];
        process.Refresh();
        var (watch, before) = (Stopwatch.StartNew(), process.TotalProcessorTime);
        ledger.Add(ledger.Try(charges, limits), charges);
        times.Add(watch.Elapsed.TotalMilliseconds);
        process.Refresh();
        busy.Add((process.TotalProcessorTime - before).TotalMilliseconds);
        if (release == 1000)
            Console.WriteLine(Invariant($"a cohort that was never asked about before: {times[^1]:0.0} ms, {busy[^1]:0} of the processor"));
        if (release % 100 == 99 || release == 1019)
            Console.WriteLine(Invariant($"after {release + 1}: median of the last 20 {times[^20..].Order().ElementAt(10):0.0} ms, slowest {times[^20..].Max():0.0} ms; of the processor {busy[^20..].Average():0.0} ms; largest leverage {ledger.Leverages.Max():0.000}"));
    }
}

static string Invariant(FormattableString text) => FormattableString.Invariant(text);
