using System.CommandLine;
using Lazaret.Cohort;
using Lazaret.Cohort.Tables;
using Spectre.Console;

namespace Lazaret.Node.Cli;

internal static class SiteCommands
{
    public static Command Create(Settings settings) => new("site", "The folder of the data view.") { Init(), Check(settings) };

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
        var command = new Command("check", "List every problem of a data view, with file, line and column. Every volume is read.") { folder };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var source = parsed.GetRequiredValue(folder);
            if (!Directory.Exists(source))
                throw new InputException($"{source}: there is no such folder");
            // The state folder is the only setting that counts here: no volume may lie in it.
            var state = settings.State;
            var view = DataView.Open(Path.GetFullPath(source), hostDirectory: null, Path.GetFullPath(state));
            var faults = await AnsiConsole.Progress().StartAsync(async context =>
            {
                var task = context.AddTask("Reading volumes and masks", maxValue: view.Rows.Count + view.Masks.Count);
                var progress = new Progress<(int Done, int Total)>(now => task.Value = now.Done);
                return await Task.Run(() => SiteCheck.Run(view, limits: null, progress, cancellationToken), cancellationToken);
            });
            foreach (var fault in faults.Lines())
                Console.WriteLine(fault);
            foreach (var note in view.Notes.Lines())
                Console.WriteLine($"{note} (not a fault: no job sees it)");
            Console.WriteLine($"Rows: {view.Rows.Count}, masks: {view.Masks.Count}, faults: {faults.Total}");
            return faults.Count == 0 ? ExitCodes.Done : ExitCodes.No;
        });
        return command;
    }
}
