using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace Lazaret.Node.Cli.Doctor;

internal static class DoctorCommand
{
    public static Command Create(Settings settings)
    {
        var json = new Option<bool>("--json") { Description = "one JSON document" };
        var command = new Command("doctor", "What this machine and this configuration can do, and why not.") { json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var configuration = settings.Configuration;
            var options = LazaretConfiguration.Read(configuration);
            var findings = await Examination.RunAsync(options, configuration, cancellationToken);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(findings, JsonSerializerOptions.Web));
            else
                Print(findings);
            return findings.All(finding => finding.Ok || !finding.Needed) ? ExitCodes.Done : ExitCodes.Missing;
        });
        return command;
    }

    private static void Print(IReadOnlyList<Finding> findings)
    {
        var table = new Table().RoundedBorder().AddColumns("what", "", "why");
        foreach (var finding in findings)
        {
            var mark = finding.Ok ? "[green]yes[/]" : finding.Needed ? "[red]no[/]" : "[yellow]no[/]";
            table.AddRow(Markup.Escape(finding.What), mark, Markup.Escape(finding.Why));
        }

        AnsiConsole.Write(table);
    }
}
