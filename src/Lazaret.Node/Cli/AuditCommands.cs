using System.CommandLine;
using Lazaret.Node.Audit;

namespace Lazaret.Node.Cli;

internal static class AuditCommands
{
    public static Command Create(Settings settings)
    {
        var format = new Option<string>("--format") { Description = "ndjson, or fhir (an AuditEvent a line)", DefaultValueFactory = _ => "ndjson" };
        format.AcceptOnlyFromAmong("ndjson", "fhir");
        var export = new Command("export", "Print the audit, one entry a line, oldest first.") { format };
        export.SetAction(async (parsed, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            await using var stdout = Console.OpenStandardOutput();
            var exporter = services.GetRequiredService<AuditExport>();
            await exporter.WriteAsync(stdout, Enum.Parse<AuditFormat>(parsed.GetValue(format)!, ignoreCase: true), cancellationToken);
            return ExitCodes.Done;
        });
        return new Command("audit", "The record of every admission, refusal, run and release.") { export };
    }
}
