using System.CommandLine;
using System.Text.Json;
using Lazaret.Cohort;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Tables;
using Lazaret.Node.Cli.Printing;
using Spectre.Console;

namespace Lazaret.Node.Cli.Site;

internal static class SiteCommands
{
    private const int MostAlike = 5;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static Command Create(Settings settings) => new("site", "The folder of the data view.") { Init(), Check(settings), BidsImportCommand.Create(settings) };

    private static Command Init()
    {
        var folder = new Argument<string>("DIR") { Description = "a folder that is empty or does not exist" };
        var command = new Command("init", "Make an empty site folder with documented examples.") { folder };
        command.SetAction(parsed =>
        {
            var target = parsed.GetRequiredValue(folder);
            if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
                throw new InputException($"{target}: is not empty");
            try
            {
                SiteTemplate.Write(target);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new InputException($"{target}: {e.Message}");
            }

            Console.WriteLine($"{target}: fill the tables, put volumes into conn/ and masks into masks/, then run 'lazaret site check {target}'");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Check(Settings settings)
    {
        var folder = new Argument<string>("DIR") { Description = "the data view" };
        var json = new Option<bool>("--json") { Description = "one JSON document" };
        var command = new Command("check", "List every problem of a data view, with file, line and column. Every volume is read. It ends with 1 when there are faults, or rows join to nothing.") { folder, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var source = parsed.GetRequiredValue(folder);
            if (!Directory.Exists(source))
                throw new InputException($"{source}: there is no such folder");
            // Two settings count here: no volume may lie in the state folder, and outcomes that differ for fewer people than the minimum are told.
            var options = settings.Options;
            var (state, minimum) = (options.State, options.Disclosure.SmallestDifference);
            var view = DataView.Open(Path.GetFullPath(source), hostDirectory: null, Path.GetFullPath(state));
            SiteReport report;
            if (parsed.GetValue(json))
            {
                report = await Task.Run(() => SiteCheck.Run(view, limits: null, progress: null, cancellationToken, minimum), cancellationToken);
                Console.WriteLine(JsonSerializer.Serialize(SiteCheckAnswer.Of(report, view), Indented));
            }
            else
            {
                report = await Terminal.Progress().StartAsync(async context =>
                {
                    var task = context.AddTask("Reading volumes and masks", maxValue: view.Rows.Count + view.Masks.Count + view.Parcellations.Count);
                    var progress = new Progress<(int Done, int Total)>(now => task.Value = now.Done);
                    return await Task.Run(() => SiteCheck.Run(view, limits: null, progress, cancellationToken, minimum), cancellationToken);
                });
                Print(report, view);
            }

            return report.Faults.Count == 0 && report.Lost == 0 ? ExitCodes.Done : ExitCodes.No;
        });
        return command;
    }

    private static void Print(SiteReport report, DataView view)
    {
        foreach (var fault in report.Faults.Lines())
            Console.WriteLine(fault);
        // Rows that are alike in it are one line where they are many, as faults are; with how many, the findings say it too.
        foreach (var alike in view.Notes.GroupBy(note => (note.File, note.Message)).Select(group => group.ToList()))
        {
            foreach (var note in alike.Take(MostAlike))
                Console.WriteLine($"{note} (no job sees it)");
            if (alike.Count > MostAlike)
                Console.WriteLine($"{alike[0].File}: {alike.Count - MostAlike} more lines like these");
        }

        foreach (var finding in report.Findings)
            Console.WriteLine($"{finding} (a finding, not a fault)");
        Console.WriteLine($"Rows: {string.Join(", ", report.Lines.Select(table => $"{table.Key} {table.Value}"))}, joined {report.Joined}, of a table and joined to nothing {report.Lost}");
        Console.WriteLine($"Variables: {List(report.Variables.Select(variable => variable is Variable.Category category ? $"{Quoted.Bare(variable.Name)} {category.Levels.Count} level{(category.Levels.Count == 1 ? "" : "s")}" : $"{Quoted.Bare(variable.Name)} numbers"))}");
        Console.WriteLine($"Outcomes: {List(report.Outcomes.Select(outcome => $"{Quoted.Bare(outcome.Key)} n = {outcome.Value}"))}");
        Console.WriteLine($"Volumes: {report.Volumes} of {report.Joined} can be used");
        Console.WriteLine($"Masks: {List(report.Masks.OrderBy(mask => mask.Key, StringComparer.Ordinal).Select(mask => $"{Quoted.Bare(mask.Key)} {mask.Value} voxels"))}");
        if (report.Parcellations.Count > 0)
            Console.WriteLine($"Parcellations: {List(report.Parcellations.OrderBy(known => known.Key, StringComparer.Ordinal).Select(known => $"{Quoted.Bare(known.Key)} {known.Value} parcels"))}");
        Console.WriteLine($"Faults: {report.Faults.Total}, findings: {report.Findings.Count}");

        static string List(IEnumerable<string> items) => string.Join(", ", items) is { Length: > 0 } list ? list : "none";
    }
}
