using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Prediction;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Store;
using Lazaret.Cohort.Tables;
using Lazaret.Node.Cli.Printing;
using Lazaret.Node.Storage;
using Spectre.Console;

namespace Lazaret.Node.Cli.Cohorts;

/// <summary>For the steward: the cohort store, and queries in process without disclosure control.</summary>
internal static class CohortCommands
{
    private const int MostFaults = 10;
    private const int MostPermutations = 1_000_000;

    /// <summary>In memory, over all rows and permutations of a cross-validation.</summary>
    private const int MostPredictions = 1 << 26;

    public static Command Create(Settings settings) => new("cohort", "The site's cohort, for its steward.") { Ingest(settings), Run(settings) };

    private static Command Ingest(Settings settings)
    {
        var force = new Option<bool>("--force") { Description = "read every volume again" };
        var command = new Command("ingest", "Build or refresh the cohort store; only changed volumes are read again.") { force };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = settings.Enter(StateUse.MakesNamed).Options;
            var view = Open(options);
            var state = options.StateFolder();
            state.Create();
            var report = await Terminal.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).StartAsync(async context =>
            {
                var task = context.AddTask("Reading volumes", maxValue: Math.Max(1, view.Rows.Count));
                var clock = TimeProvider.System.GetTimestamp();
                var progress = new Progress<IngestProgress>(now =>
                {
                    task.Value = now.Done;
                    var rate = now.Bytes / 1e6 / TimeProvider.System.GetElapsedTime(clock).TotalSeconds;
                    task.Description = string.Create(CultureInfo.InvariantCulture, $"{now.Done} of {now.Total} rows, {now.Read} read, {rate:F0} MB/s");
                });
                return await Task.Run(() => StoreIngest.Run(view, state.CohortStore, parsed.GetValue(force), limits: null, progress, cancellationToken), cancellationToken);
            });
            foreach (var fault in report.Unusable)
                await Console.Error.WriteLineAsync(fault.ToString());
            Console.WriteLine($"{report.Rows} rows in {state.CohortStore}, {report.Read} volumes read, {report.Unusable.Count} unusable{(report.Replaced is { } why ? $"; built anew: {why}" : "")}");
            return report.Unusable.Count == 0 ? ExitCodes.Done : ExitCodes.No;
        });
        return command;
    }

    private static Command Run(Settings settings)
    {
        var map = new Option<string>("--map") { Description = "the map, NIfTI" };
        var outcome = new Option<string>("--outcome") { Description = "the outcome's name", Required = true };
        var score = new Option<string?>("--score") { Description = $"{ScoreNames.All[0]} (the default), {string.Join(", ", ScoreNames.All.Skip(1))}" };
        var stat = new Option<string?>("--stat") { Description = "pearson (the default), spearman or kendall" };
        var alternative = new Option<string?>("--alternative") { Description = "two-sided (the default), greater or less" };
        var mask = new Option<string?>("--mask") { Description = "a mask's name" };
        var filters = new Option<string?>("--filters") { Description = "a JSON object" };
        var covariates = new Option<string?>("--covariates") { Description = "names, separated by commas" };
        var model = new Option<string?>("--null") { Description = "permutation: p by shuffling the outcomes among the rows; degree: the cohort's mean map as a competing predictor; spatial: p by random maps that are as smooth" };
        var cv = new Option<string?>("--cv") { Description = "loo, kfold or group, in place of a map: how well each subject is predicted by the others" };
        var parcellation = new Option<string?>("--parcellation") { Description = "its name, in place of a map: the cohort's R-map as means over its parcels" };
        var within = new Option<string?>("--within") { Description = "a category: outcomes are shuffled within each of its levels only; with --cv group, each level is left out in turn" };
        var permutations = new Option<int>("--permutations") { Description = "how many permutations or random maps", DefaultValueFactory = _ => 1000 };
        var seed = new Option<string>("--seed") { Description = "any text; the same text draws the same permutations and parts again", DefaultValueFactory = _ => "1" };
        var space = new Option<string?>("--space") { Description = "the template that the map lies in, by TemplateFlow's name" };
        var exact = new Option<bool>("--exact") { Description = "17 significant digits instead of 3 decimals" };
        var json = new Option<bool>("--json") { Description = "JSON, which is the default" };
        var command = new Command("run", "One query in process: no HTTP, no disclosure control.") { map, outcome, score, stat, alternative, mask, filters, covariates, model, cv, parcellation, within, permutations, seed, space, exact, json };
        command.SetAction((parsed, cancellationToken) =>
        {
            if (((string?[])[parsed.GetValue(map), parsed.GetValue(cv), parsed.GetValue(parcellation)]).Count(given => given is not null) != 1)
                throw new InputException("one of --map, --cv and --parcellation is needed");
            var options = settings.Enter(StateUse.None).Options;
            var view = Open(options);
            var fields = new QueryFields
            {
                Asked = parsed.GetValue(parcellation) is not null ? Question.OutcomeMap : parsed.GetValue(cv) is not null ? Question.CrossValidation : Question.Map,
                Outcome = parsed.GetValue(outcome),
                Score = parsed.GetValue(score),
                Stat = parsed.GetValue(stat),
                Alternative = parsed.GetValue(alternative),
                Mask = parsed.GetValue(mask),
                Filters = parsed.GetValue(filters),
                Covariates = parsed.GetValue(covariates),
                Null = parsed.GetValue(model),
                Cv = parsed.GetValue(cv),
                Parcellation = parsed.GetValue(parcellation),
                Within = parsed.GetValue(within),
            };
            var query = CohortQuery.Parse(fields, Catalog.Of(view, minimumCohort: 0), Asker.Steward) switch
            {
                QueryParse.Accepted accepted => accepted.Query,
                QueryParse.Refused refused => throw new InputException(string.Join('\n', refused.Faults.Lines().Concat(FaultsOf(view)))),
                _ => throw new InvalidOperationException("A query is either accepted or refused."),
            };
            if (parsed.GetValue(permutations) is < 1 or > MostPermutations)
                throw new InputException($"--permutations: must be from 1 to {MostPermutations}");
            var isDrawn = query.Null is NullModel.Permutation or NullModel.Spatial;
            RefuseUnused(parsed, permutations, isDrawn, "--null permutation or spatial");
            RefuseUnused(parsed, seed, isDrawn || query.Folds == FoldScheme.Kfold, "--null permutation or spatial, or with --cv kfold");
            RefuseUnused(parsed, space, parsed.GetValue(map) is not null, "--map");
            if (TemplateSpace.Fault(parsed.GetValue(space), view.Declaration.Template) is { } stranger)
                throw new InputException($"--space: {stranger}");
            using var store = OpenStore(options.StateFolder());
            if (query.Parcellation is not null)
            {
                Console.WriteLine(MapOutcome(view, store, query, options.Disclosure.ParcelVoxels, parsed.GetValue(exact), cancellationToken));
                TellFaults(view);
                return Task.FromResult(ExitCodes.Done);
            }

            var drawn = SHA256.HashData(Encoding.UTF8.GetBytes(parsed.GetValue(seed)!));
            var (scores, coverage) = query.Folds is null
                ? Score(view, store, query, parsed.GetValue(map)!, (drawn, parsed.GetValue(permutations)), cancellationToken)
                : (NiftiCommands.Reading(MaskOf(view, query), () => Predict(view, store, query, drawn, parsed.GetValue(permutations), cancellationToken)), []);
            foreach (var fault in scores.Unusable)
                Console.Error.WriteLine($"lazaret: {fault}");
            var results = query.Null switch
            {
                NullModel.Permutation when query.Folds is not null => [PermutedResults.OfPredictions(view, scores, query, CohortPrediction.DrawSeedOf(drawn))],
                NullModel.Permutation => PermutedResults.Of(scores, query, drawn, parsed.GetValue(permutations)),
                NullModel.Spatial => [PermutedResults.OfSurrogates(scores, query)],
                _ => scores.Correlate(query.Statistic, query.Alternative),
            };
            foreach (var (index, why) in scores.WhyUndefined(results))
                Console.Error.WriteLine($"lazaret: {(results.Count > 1 ? $"map {index + 1} of {results.Count}: " : "")}R is not defined: {why}");
            Console.WriteLine(CohortRunText.Of(query, results, coverage, parsed.GetValue(seed)!, parsed.GetValue(exact)));
            TellFaults(view);
            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }

    /// <summary>The file that is at fault where the mask cannot be used.</summary>
    private static string MaskOf(DataView view, CohortQuery query) => query.Mask is { } mask ? view.MaskPath(mask) : view.Directory;

    /// <summary>A steward may ask about several rows of one person, which a node refuses: but is told that n counts rows, and p takes them for independent.</summary>
    private static void TellWhoIsThereTwice(DataView view, CohortSelection selection)
    {
        if (OneVisit.FaultOf(view, selection.Rows) is { } twice)
            Console.Error.WriteLine($"lazaret: n counts rows here, and p takes the rows of one person for independent: {twice}");
    }

    /// <summary>Of what the tables lose nobody would know by n alone.</summary>
    private static void TellFaults(DataView view)
    {
        foreach (var line in FaultsOf(view))
            Console.Error.WriteLine($"lazaret: {line}");
    }

    private static IEnumerable<string> FaultsOf(DataView view) => view.Faults.Total == 0 ? []
        : view.Faults.Take(MostFaults).Select(fault => $"{fault}").Append($"faults of the data view: {view.Faults.Total}; rows that are left: {view.Rows.Count}. 'lazaret site check {view.Directory}' lists all");

    /// <summary>What is given and would do nothing is a mistake.</summary>
    private static void RefuseUnused(ParseResult parsed, Option option, bool isUsed, string with)
    {
        if (!isUsed && parsed.GetResult(option) is { Implicit: false })
            throw new InputException($"{option.Name}: goes with {with}");
    }

    private static (CohortScores Scores, IReadOnlyList<double> Coverage) Score(DataView view, CohortStore? store, CohortQuery query, string file, (byte[] Seed, int Count) draws, CancellationToken cancellationToken)
    {
        using var reader = NiftiCommands.Reading(file, () => NiftiReader.Open(file));
        var count = NiftiCommands.Reading(file, reader.CountMaps);
        TellWhoIsThereTwice(view, CohortSelection.Of(view, query));
        if (query.Null == NullModel.Spatial && count > 1)
            throw new InputException("--null: spatial takes one map at a time");
        var (coverage, masked) = NiftiCommands.Reading(MaskOf(view, query), () => (new MapCoverage(view, query.Mask), new MaskedMap(view, query.Mask, query.Score)));
        var last = default(NiftiVolume);
        var maps = MapPlacement.ReadEach(reader, view.Grid!, coverage.Add).Select((placement, index) => last = placement switch
        {
            MapPlacement.Placed placed => Checked(placed.Map, count == 1 ? "the map" : $"map {index + 1} of {count}"),
            MapPlacement.Refused refused => throw new InputException($"{file}: {refused.Reason}"),
            _ => throw new InvalidOperationException("A placement is either placed or refused."),
        });
        var analysis = new CohortAnalysis(view, store);
        var scores = NiftiCommands.Reading(file, () => SeriesScores.Of(analysis, query, maps, cancellationToken));
        if (query.Null == NullModel.Spatial)
        {
            scores = scores with { Surrogates = SurrogateScores.Of(analysis, query, last!, draws.Seed, draws.Count, cancellationToken) };
            if (scores.Surrogates.Count == 0)
                throw new InputException($"--null: spatial: {SurrogateScores.WhyNone(analysis, query, last!)}");
        }

        return (scores, coverage.Shares);

        NiftiVolume Checked(NiftiVolume map, string which)
        {
            if (masked.WhyEmpty(masked.Of(map.Map(0)), which) is { } why)
                Console.Error.WriteLine($"lazaret: {file}: {why}");
            return map;
        }
    }

    private static CohortScores Predict(DataView view, CohortStore? store, CohortQuery query, byte[] seed, int draws, CancellationToken cancellationToken) => FromStore(store, ingested =>
    {
        var selection = CohortSelection.Of(view, query);
        TellWhoIsThereTwice(view, selection);
        if (query.Null is not null && (long)draws * selection.Rows.Count > MostPredictions)
            throw new InputException($"--permutations: {selection.Rows.Count} rows are predicted at most {MostPredictions / selection.Rows.Count} times");
        return CohortPrediction.Of(view, ingested, query, selection, CohortPrediction.FoldsOf(view, query, selection, seed), withReach: false, query.Null is null ? null : (CohortPrediction.DrawSeedOf(seed), draws), cancellationToken);
    });

    private static string MapOutcome(DataView view, CohortStore? store, CohortQuery query, int fewest, bool exact, CancellationToken cancellationToken) => NiftiCommands.Reading(view.Directory, () =>
    {
        var selection = CohortSelection.Of(view, query);
        TellWhoIsThereTwice(view, selection);
        var weights = FromStore(store, ingested => CohortOutcomeMap.Of(view, ingested, query, selection, fewest, cancellationToken));
        foreach (var fault in weights.Unusable)
            Console.Error.WriteLine($"lazaret: {fault}");
        if (!weights.Scores.Any(parcel => parcel.Any(double.IsFinite)))
            Console.Error.WriteLine($"lazaret: no parcel of {query.Parcellation} has {fewest} voxels that are finite in every volume of the cohort: there is no R");
        return CohortRunText.OfParcels(view.Parcellations.First(known => known.Name == query.Parcellation).Parcels, weights, query, exact);
    });

    /// <summary>What is asked without a map reads every volume voxel by voxel, which the store alone can.</summary>
    private static T FromStore<T>(CohortStore? store, Func<CohortStore, T> read)
    {
        const string Ingest = "without a map the cohort store is read: run 'lazaret cohort ingest' first";
        try
        {
            return read(store ?? throw new MissingException(Ingest));
        }
        catch (StoreException)
        {
            throw new MissingException(Ingest);
        }
    }

    public static DataView Open(NodeOptions options)
    {
        if (options.Data.View.Length == 0)
            throw new MissingException("this node has no cohort: set Lazaret:Data:View to the folder of its data view");
        if (!Directory.Exists(options.Data.View))
            throw new MissingException($"there is no data view at {options.Data.View}: set Lazaret:Data:View");
        var view = DataView.Open(Path.GetFullPath(options.Data.View), hostDirectory: null, Path.GetFullPath(options.State));
        return view.Grid is null ? throw new InputException($"{options.Data.View}: holds no volume that could be read: 'lazaret site check' says why") : view;
    }

    // A store that is missing or damaged only costs time here: volumes are read instead.
    public static CohortStore? OpenStore(StateFolder state)
    {
        if (state.Faults() is [_, ..] faults)
            throw new MissingException(string.Join('\n', faults));
        try
        {
            return CohortStore.Open(state.CohortStore);
        }
        catch (StoreException)
        {
            return null;
        }
    }
}
