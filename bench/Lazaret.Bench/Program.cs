using System.Diagnostics;
using System.Globalization;
using Lazaret.Bench;
using Lazaret.Cohort;
using Lazaret.Cohort.Kernels;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Prediction;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Store;
using Lazaret.Cohort.Tables;

// dotnet run -c Release --project bench/Lazaret.Bench -- [--python PYTHON] [--guest PUBLISHED-GUEST] [--nulls | --predictions [--spearman]] [SUBJECTS…]
var python = Option("--python") ?? "/usr/bin/python3";
var guest = Option("--guest");
int[] sizes = [.. args.Where(arg => char.IsAsciiDigit(arg[0])).Select(arg => int.Parse(arg, CultureInfo.InvariantCulture)).DefaultIfEmpty(24).Concat(args.Length == 0 ? [200, 1000] : [])];
var root = Path.Combine(Path.GetTempPath(), "lazaret-bench");
var query = new CohortQuery { Outcome = "y", Statistic = default };

Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}");
foreach (var subjects in sizes)
{
    if (args.Contains("--nulls"))
        MeasureNulls(subjects);
    else if (args.Contains("--predictions"))
        MeasurePredictions(subjects);
    else
        Measure(subjects);
}

// What nulls cost beyond the scores.
void MeasureNulls(int subjects)
{
    var site = new BenchSite(root, subjects);
    site.Make();
    var view = DataView.Open(site.Directory);
    StoreIngest.Run(view, site.Store, null, null, CancellationToken.None);
    using var store = CohortStore.Open(site.Store);
    Console.WriteLine($"\n{subjects} subjects\n| | median |\n|---|---|");
    var batch = new NiftiVolume(BenchSite.Grid, 64, [.. Enumerable.Range(0, 64).SelectMany(BenchSite.RandomMap)]);
    var all = new CohortAnalysis(view, store).Score(query, batch, CancellationToken.None);
    var one = all with { Scores = [all.Scores[0]] };
    double[] covariate = [.. Enumerable.Range(0, subjects).Select(row => Math.Sin(row))];
    foreach (var statistic in Enum.GetValues<Statistic>())
        Time($"1,000 permutations, {statistic}", null, 5, () => PermutedResults.Of(one, query with { Statistic = statistic }, [1], 1000));
    Time("1,000 permutations, a covariate (Freedman and Lane)", null, 5, () => PermutedResults.Of(one with { Selection = one.Selection with { Covariates = [covariate] } }, query, [1], 1000));
    Time("1,000 permutations, a batch of 64 with the furthest R", null, 3, () => PermutedResults.Of(all, query, [1], 1000));
    Time("a job with the mean map beside the map", null, 3, () => new CohortAnalysis(view, store).Run(query with { Null = NullModel.Degree }, NiftiVolume.Read(site.MapPath), CancellationToken.None));
}

// What a cross-validation costs, beside one job with the score spatial_pearson on the same store: the two in turn, so that whatever else the machine does meets both.
void MeasurePredictions(int subjects)
{
    var site = new BenchSite(root, subjects);
    site.Make();
    var view = DataView.Open(site.Directory);
    StoreIngest.Run(view, site.Store, null, null, CancellationToken.None);
    using var store = CohortStore.Open(site.Store);
    var (analysis, map) = (new CohortAnalysis(view, store), NiftiVolume.Read(site.MapPath));
    Console.WriteLine($"\n{subjects} subjects\n| | median | × a job |\n|---|---|---|");
    Beside("cross-validation in five parts, pearson", FoldScheme.Kfold, Statistic.Pearson, withReach: false);
    Beside("of each subject, pearson", FoldScheme.Loo, Statistic.Pearson, withReach: false);
    Beside("the same, and what each prediction takes from whom", FoldScheme.Loo, Statistic.Pearson, withReach: true);
    Beside("in five parts, with 1,000 permutations", FoldScheme.Kfold, Statistic.Pearson, withReach: false, draws: 1000);
    Beside("of each subject, with 1,000 permutations", FoldScheme.Loo, Statistic.Pearson, withReach: false, draws: 1000);
    if (args.Contains("--spearman"))
        Beside("in five parts, spearman", FoldScheme.Kfold, Statistic.Spearman, withReach: false);

    void Beside(string what, FoldScheme scheme, Statistic statistic, bool withReach, int draws = 0)
    {
        var asked = query with { Folds = scheme, Statistic = statistic, Mask = "brain" };
        var selection = CohortSelection.Of(view, asked);
        var folds = CohortPrediction.FoldsOf(view, asked, selection, [1]);
        var (predictions, jobs) = (new List<double>(), new List<double>());
        for (var i = 0; i < (subjects > 500 ? 1 : 3); i++)
        {
            jobs.Add(Once(() => analysis.Run(query with { Score = Score.SpatialPearson, Mask = "brain" }, map, CancellationToken.None)));
            predictions.Add(Once(() => CohortPrediction.Of(view, store, asked, selection, folds, withReach, draws == 0 ? null : (CohortPrediction.DrawSeedOf([1]), draws), CancellationToken.None)));
        }

        Console.WriteLine(Invariant($"| {what} | {Median(predictions):0.00} s | {Median(predictions) / Median(jobs):0} |"));
    }
}

void Measure(int subjects)
{
    var site = new BenchSite(root, subjects);
    var making = Stopwatch.StartNew();
    site.Make();
    Console.WriteLine($"\n{subjects} subjects, {BenchSite.Grid.X}×{BenchSite.Grid.Y}×{BenchSite.Grid.Z} (made in {making.Elapsed.TotalSeconds:0.0} s)");
    Console.WriteLine("| | median | of the peer |");
    Console.WriteLine("|---|---|---|");
    var map = NiftiVolume.Read(site.MapPath);

    var peer = Time("Python peer (pandas, nibabel, scipy; one process a job)", null, subjects > 100 ? 1 : 3, () => Start(python, Path.Combine(AppContext.BaseDirectory, "peer.py"), site.Directory, site.MapPath, "y"));
    Time("inflating every volume for the job", peer, subjects > 100 ? 1 : 3, () => new CohortAnalysis(DataView.Open(site.Directory)).Run(query, map, CancellationToken.None));
    Time("ingest of the whole store", peer, 1, () =>
    {
        if (File.Exists(site.Store))
            File.Delete(site.Store);
        StoreIngest.Run(DataView.Open(site.Directory), site.Store, null, null, CancellationToken.None);
    });
    Time("ingest when nothing changed", peer, 3, () => StoreIngest.Run(DataView.Open(site.Directory), site.Store, null, null, CancellationToken.None));

    var view = DataView.Open(site.Directory);
    using var store = CohortStore.Open(site.Store);
    var warm = new CohortAnalysis(view, store);
    Time("whole job from the store: tables, map, scores, statistic", peer, 9, () =>
    {
        using var opened = CohortStore.Open(site.Store);
        new CohortAnalysis(DataView.Open(site.Directory), opened).Run(query, NiftiVolume.Read(site.MapPath), CancellationToken.None);
    });
    Time("the same with view and store open", peer, 15, () => warm.Run(query, map, CancellationToken.None));
    using (var plain = new PlainRead(site.Store))
    {
        CohortStore.Entry?[] entries = [.. view.Rows.Select(store.Find)];
        var maps = new MaskedMaps(map, mask: null);
        double[][] scores = [new double[entries.Length]];
        var product = () => StoreScores.Fill(store, entries, maps, scores, Product.Widest, CancellationToken.None);
        // Turn by turn, so that whatever else the machine does meets both.
        var products = new List<double>();
        var reads = new List<double>();
        for (var i = 0; i < 31; i++)
        {
            reads.Add(Once(() => plain.Run()));
            products.Add(Once(product));
        }

        Row("the product alone", Median(products), peer);
        Row("a plain read of the same bytes", Median(reads), peer);
        Console.WriteLine(Invariant($"| product / plain read | {Median(products) / Median(reads):0.00} | |"));
        Console.WriteLine(Invariant($"| bandwidth of the product, GB/s | {plain.Length / Median(products) / 1e9:0.0} | |"));
    }

    // Turn by turn with the plain product, too.
    var jobs = Enum.GetValues<Score>().ToDictionary(score => score, _ => new List<double>());
    for (var i = 0; i < 9; i++)
    {
        foreach (var (score, seconds) in jobs)
            seconds.Add(Once(() => warm.Run(query with { Score = score }, map, CancellationToken.None)));
    }

    foreach (var (score, seconds) in jobs)
        Console.WriteLine(Invariant($"| the same job with the score {ScoreNames.Of(score)} | {Median(seconds) * 1000:0.0} ms | {Median(seconds) / Median(jobs[Score.Dot]):0.00} × dot |"));
    var brain = query with { Mask = "brain", Score = Score.SpatialSpearman };
    Time("spatial_spearman inside the mask of the brain", peer, 5, () => warm.Run(brain, map, CancellationToken.None));

    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    var own = File.ReadLines("/proc/self/status").Single(line => line.StartsWith("RssAnon", StringComparison.Ordinal)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1];
    Console.WriteLine(Invariant($"| memory of the process itself, beside the mapped store | {int.Parse(own, CultureInfo.InvariantCulture) >> 10} MB | |"));
    Time("masked job (small mask)", peer, 9, () => warm.Run(query with { Mask = "small" }, map, CancellationToken.None));
    foreach (var maps in new[] { 8, 64 })
    {
        var batch = new NiftiVolume(BenchSite.Grid, maps, [.. Enumerable.Range(0, maps).SelectMany(BenchSite.RandomMap)]);
        var seconds = Time($"batch of {maps}", peer, 3, () => warm.Run(query, batch, CancellationToken.None));
        Row("  a map of it", seconds / maps, peer);
        Time("  the products of a map, from registers alone", peer, 9, () => PlainProducts.Run((long)view.Rows.Count * store.Columns.Length));
    }

    if (guest is not null)
        Time("the guest's process, from the store", peer, 9, () => Start(guest));
    void Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["DATA_DIR"] = site.Directory;
        start.Environment["MAP_PATH"] = site.MapPath;
        start.Environment["OUT_JSON"] = Path.Combine(root, "out.json");
        start.Environment["OUTCOME"] = "y";
        start.Environment["COHORT_STORE"] = site.Store;
        using var process = Process.Start(start)!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }
}

string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

static double Time(string what, double? peer, int times, Action action)
{
    if (times > 1)
        action();
    var seconds = Median([.. Enumerable.Range(0, times).Select(_ => Once(action))]);
    Row(what, seconds, peer);
    return seconds;
}

static double Once(Action action)
{
    var watch = Stopwatch.StartNew();
    action();
    return watch.Elapsed.TotalSeconds;
}

static double Median(List<double> seconds) => seconds.Order().ElementAt(seconds.Count / 2);

static void Row(string what, double seconds, double? peer) =>
    Console.WriteLine(Invariant($"| {what} | {(seconds >= 1 ? Invariant($"{seconds:0.00} s") : Invariant($"{seconds * 1000:0.0} ms"))} | {(peer is { } whole ? Invariant($"{whole / seconds:0.0}×") : "1×")} |"));

static string Invariant(FormattableString text) => FormattableString.Invariant(text);
