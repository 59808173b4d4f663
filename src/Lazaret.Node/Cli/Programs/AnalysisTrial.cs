using System.CommandLine;
using System.Globalization;
using Lazaret.Cohort;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Tables;
using Lazaret.Node.Analyses;
using Lazaret.Node.Cli.Cohorts;
using Lazaret.Node.Cohorts;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Cohorts.Visiting;
using Lazaret.Node.Programs;
using Lazaret.Node.Runs;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Cli.Programs;

/// <summary>A visiting analysis, tried in the node's sandbox on the site's data before anybody registers it. For the steward: no disclosure control.</summary>
internal static class AnalysisTrial
{
    public static Command Create(Settings settings)
    {
        var manifest = new Argument<string>("MANIFEST") { Description = "the manifest; the image is in the same folder" };
        var map = new Option<string>("--map") { Description = "the map, NIfTI", Required = true };
        var outcome = new Option<string>("--outcome") { Description = "the outcome's name", Required = true };
        var score = new Option<string?>("--score") { Description = "a score; by default the first of the manifest's" };
        var stat = new Option<string?>("--stat") { Description = "a statistic; by default the first of the manifest's" };
        var mask = new Option<string?>("--mask") { Description = "a mask's name" };
        var filters = new Option<string?>("--filters") { Description = "a JSON object" };
        var covariates = new Option<string?>("--covariates") { Description = "names, separated by commas" };
        var command = new Command("run", "Try one in the sandbox, without registering it: its answer, what it printed (on stderr), and whether it counts as the node does.")
        {
            manifest, map, outcome, score, stat, mask, filters, covariates,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var node = settings.Enter(StateUse.MakesNamed);
            var file = parsed.GetRequiredValue(manifest);
            var text = ProgramManifestReader.ReadFile(file);
            var analysis = AnalysisManifestReader.Read(text, file);
            var fields = new QueryFields
            {
                Outcome = parsed.GetValue(outcome),
                Score = parsed.GetValue(score) ?? analysis.Scores[0],
                Stat = parsed.GetValue(stat) ?? analysis.Stats[0],
                Mask = parsed.GetValue(mask),
                Filters = parsed.GetValue(filters),
                Covariates = parsed.GetValue(covariates),
            };
            await using var services = Settings.Open(node);
            services.GetRequiredService<StateFolder>().Create();
            return await RunAsync(services, CohortCommands.Open(node.Options), (file, text, analysis), fields, parsed.GetRequiredValue(map), cancellationToken);
        });
        return command;
    }

    private static MapPlacement ReadMap(string file, Grid grid)
    {
        using var reader = NiftiReader.Open(file);
        return MapPlacement.Read(reader, grid);
    }

    private static async Task<int> RunAsync(
        ServiceProvider services, DataView view, (string File, string Text, AnalysisManifest Manifest) asked, QueryFields fields, string mapFile, CancellationToken cancellationToken)
    {
        // As a requester asks, but for the smallest cohort.
        var query = CohortQuery.Parse(fields, Catalog.Of(view, minimumCohort: 0), Asker.Requester) switch
        {
            QueryParse.Accepted accepted => accepted.Query,
            QueryParse.Refused refused => throw new InputException(string.Join('\n', refused.Faults.Lines())),
            _ => throw new InvalidOperationException("A query is either accepted or refused."),
        };
        var placed = NiftiCommands.Reading(mapFile, () => ReadMap(mapFile, view.Grid!)) switch
        {
            MapPlacement.Placed onGrid => onGrid.Map,
            MapPlacement.Refused refused => throw new InputException($"{mapFile}: {refused.Reason}"),
            _ => throw new InvalidOperationException("A placement is either placed or refused."),
        };
        var request = new CohortRequest(
            asked.Manifest.Key, query.Outcome, fields.Stat!, query.Mask, FilterJson.Write(query.Filters), query.Covariates, placed.Maps) { Score = ScoreNames.Of(query.Score) };

        using var tried = services.GetRequiredService<ProgramRegistry>().Try(ProgramKind.Analysis, asked.File, asked.Text, asked.Manifest);
        var analysis = new Analysis(tried.Row, asked.Manifest);
        if (analysis.Faults(request.Score, request.Stat, request.Covariates.Count, request.Maps).ToList() is [_, ..] faults)
            throw new InputException(string.Join('\n', faults.Select(fault => $"{fault.Field}: {fault.Why}")));
        var limits = services.GetRequiredService<ProgramRun>().Limits(asked.Manifest);
        using var store = CohortCommands.OpenStore(services.GetRequiredService<StateFolder>());
        var selection = NiftiCommands.Reading(view.Directory, () => VisitingFiles.Select(view, store, query, placed, cancellationToken));
        var run = NiftiCommands.Reading(mapFile, () => VisitingRun.Of(Guid.NewGuid().ToString("N"), analysis, tried.Root, limits, request, view, query, selection, placed));
        var sandbox = await services.GetRequiredService<SandboxBackends>().ChooseAsync(cancellationToken);
        var outcome = await sandbox.RunAsync(run, cancellationToken);
        if (outcome.Log.Length > 0)
            JobCommands.Print(outcome.Log, Console.Error);

        if (outcome is not SandboxOutcome.Completed { Output: var output })
            return No(RunFailure.Of(outcome, limits).Error);
        if (VisitingGate.Read(output) is not var (n, r, p))
            return No("the analysis did not answer n, R and p");
        Console.WriteLine($"{{\"n\":{n},\"R\":{Number(r)},\"p\":{Number(p)}}}");
        return n == selection.Rows.Count ? ExitCodes.Done : No($"the query selects {selection.Rows.Count} rows: an answer about {n} would be blocked");

        static int No(string why)
        {
            Console.Error.WriteLine($"lazaret: {why}");
            return ExitCodes.No;
        }

        static string Number(double? value) => value is { } number ? number.ToString("R", CultureInfo.InvariantCulture) : "null";
    }
}
