using System.CommandLine;
using System.Globalization;
using Lazaret.Cohort;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Store;
using Lazaret.Cohort.Tables;
using Lazaret.Node.Storage;
using Spectre.Console;

namespace Lazaret.Node.Cli;

/// <summary>For the steward: the cohort store, and queries in process without disclosure control.</summary>
internal static class CohortCommands
{
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
            var report = await AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).StartAsync(async context =>
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
        var map = new Option<string>("--map") { Description = "the map, NIfTI", Required = true };
        var outcome = new Option<string>("--outcome") { Description = "the outcome's name", Required = true };
        var score = new Option<string?>("--score") { Description = $"{ScoreNames.All[0]} (the default), {string.Join(", ", ScoreNames.All.Skip(1))}" };
        var stat = new Option<string?>("--stat") { Description = "pearson (the default), spearman or kendall" };
        var alternative = new Option<string?>("--alternative") { Description = "two-sided (the default), greater or less" };
        var mask = new Option<string?>("--mask") { Description = "a mask's name" };
        var filters = new Option<string?>("--filters") { Description = "a JSON object" };
        var covariates = new Option<string?>("--covariates") { Description = "names, separated by commas" };
        var space = new Option<string?>("--space") { Description = "the template that the map lies in, by TemplateFlow's name" };
        var exact = new Option<bool>("--exact") { Description = "17 significant digits instead of 3 decimals" };
        var json = new Option<bool>("--json") { Description = "JSON, which is the default" };
        var command = new Command("run", "One query in process: no HTTP, no disclosure control.") { map, outcome, score, stat, alternative, mask, filters, covariates, space, exact, json };
        command.SetAction((parsed, cancellationToken) =>
        {
            var options = settings.Enter(StateUse.None).Options;
            var view = Open(options);
            var fields = new QueryFields
            {
                Outcome = parsed.GetValue(outcome),
                Score = parsed.GetValue(score),
                Stat = parsed.GetValue(stat),
                Alternative = parsed.GetValue(alternative),
                Mask = parsed.GetValue(mask),
                Filters = parsed.GetValue(filters),
                Covariates = parsed.GetValue(covariates),
            };
            var query = CohortQuery.Parse(fields, Catalog.Of(view, minimumCohort: 0), Asker.Steward) switch
            {
                QueryParse.Accepted accepted => accepted.Query,
                QueryParse.Refused refused => throw new InputException(string.Join('\n', refused.Faults.Lines())),
                _ => throw new InvalidOperationException("A query is either accepted or refused."),
            };
            if (TemplateSpace.Fault(parsed.GetValue(space), view.Declaration.Template) is { } stranger)
                throw new InputException($"--space: {stranger}");
            var asked = NiftiCommands.Read(parsed.GetRequiredValue(map));
            var placed = MapPlacement.Of(asked, view.Grid!) switch
            {
                MapPlacement.Placed onGrid => onGrid.Map,
                MapPlacement.Refused refused => throw new InputException($"{parsed.GetValue(map)}: {refused.Reason}"),
                _ => throw new InvalidOperationException("A placement is either placed or refused."),
            };
            using var store = OpenStore(options.StateFolder());
            var scores = NiftiCommands.Reading(options.Data.View, () => new CohortAnalysis(view, store).Score(query, placed, cancellationToken));
            foreach (var fault in scores.Unusable)
                Console.Error.WriteLine($"lazaret: {fault}");
            var coverage = MapCoverage.Of(view, asked, query.Mask);
            string[] results = [.. scores.Correlate(query.Statistic, query.Alternative).Zip(coverage, (result, share) => Describe(result, share, query, parsed.GetValue(exact)))];
            Console.WriteLine(results is [var only] ? only : $"{{\"results\":[{string.Join(',', results)}]}}");
            return Task.FromResult(ExitCodes.Done);
        });
        return command;
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
    private static CohortStore? OpenStore(StateFolder state)
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

    private static string Describe(CohortResult result, double coverage, CohortQuery query, bool exact)
    {
        var members = new List<string> { $"\"n\":{result.N}", $"\"R\":{Number(result.R)}", $"\"p\":{Number(result.P)}" };
        if (result.P < 0.001)
            members.Add("\"p_below\":0.001");
        members.Add($"\"alternative\":\"{AlternativeNames.Of(query.Alternative)}\"");
        if (result.DegreesOfFreedom is { } df)
            members.Add($"\"df\":{df}");
        if (result.Interval is var (low, high))
            members.Add($"\"ci95\":[{Number(low)},{Number(high)}]");
        if (result.Area is { } area)
            members.Add($"\"auc\":{Number(area.Area)},\"auc_p\":{Number(area.P)},\"n1\":{area.Ones},\"n0\":{area.Zeros}");
        members.Add($"\"score\":\"{ScoreNames.Of(query.Score)}\"");
        members.Add($"\"coverage\":{Number(coverage)}");
        return $"{{{string.Join(',', members)}}}";

        string Number(double? value) => value is { } number ? number.ToString(exact ? "G17" : "F3", CultureInfo.InvariantCulture) : "null";
    }
}
