using System.CommandLine;
using Lazaret.Node.Analyses;
using Lazaret.Node.Cli.Printing;
using Lazaret.Node.Programs;
using Spectre.Console;

namespace Lazaret.Node.Cli.Programs;

internal static class AnalysisCommands
{
    public static Command Create(Settings settings) => new("analyses", "The registry of visiting analyses.")
    {
        ProgramCommands.Add(settings, ProgramKind.Analysis, async (services, manifest, cancellationToken) =>
            (await services.GetRequiredService<AnalysisRegistry>().AddAsync(manifest, cancellationToken)).Row),
        List(settings),
        AnalysisTrial.Create(settings),
        ProgramCommands.Show(settings, ProgramKind.Analysis),
        ProgramCommands.Remove(settings, ProgramKind.Analysis),
        ProgramCommands.Verify(settings, ProgramKind.Analysis),
    };

    private static Command List(Settings settings)
    {
        var command = new Command("list", "The registered analyses.");
        command.SetAction(async (_, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var table = new Table().RoundedBorder().AddColumns("analysis", "name", "stats", "signed", "digest");
            var analyses = await services.GetRequiredService<AnalysisRegistry>().ListAsync(cancellationToken);
            foreach (var (row, manifest) in analyses)
                table.AddTexts(row.Name, manifest.Name, string.Join(", ", manifest.Stats), row.SignedBy is null ? "no" : "yes", row.Digest[..19]);
            AnsiConsole.Write(table);
            if (analyses.Count == 0)
                ProgramCommands.SayHowToAdd("analyses");
            return ExitCodes.Done;
        });
        return command;
    }
}
