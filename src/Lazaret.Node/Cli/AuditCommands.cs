using System.CommandLine;
using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Audit.Chain.Copies;

namespace Lazaret.Node.Cli;

internal static class AuditCommands
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static Command Create(Settings settings) =>
        new("audit", "The record of every admission, refusal, run and release.") { Export(settings), Verify(settings) };

    private static Command Export(Settings settings)
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
        return export;
    }

    private static Command Verify(Settings settings)
    {
        var from = new Option<long>("--from") { Description = "the first link to check", DefaultValueFactory = _ => 1, HelpName = "N" };
        from.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<long>() < 1)
                given.AddError("--from: links are counted from 1");
        });
        var json = new Option<bool>("--json") { Description = "one JSON document" };
        var checkpoint = new Option<string>("--checkpoint") { Description = "a file of checkpoints that was kept elsewhere, instead of the state folder's", HelpName = "FILE" };
        var verify = new Command("verify", "Check the audit's chain; exits with 1 and names the first bad entry.") { from, json, checkpoint };
        verify.SetAction(async (parsed, cancellationToken) =>
        {
            var given = parsed.GetValue(checkpoint) is { } file ? CheckpointCopies.Read(file) : null;
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            ChainReport report;
            try
            {
                await services.GetRequiredService<ChainStart>().LinkEarlierAsync(cancellationToken);
                report = await services.GetRequiredService<ChainVerification>().RunAsync(parsed.GetValue(from), given, cancellationToken);
            }
            catch (Exception e) when (e is DbException or InvalidCastException or InvalidDataException)
            {
                await Console.Error.WriteLineAsync($"lazaret: the audit cannot be read as this version writes it: {e.Message}");
                return ExitCodes.No;
            }

            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(report, Json));
            else
                Print(report);
            return report.Ok ? ExitCodes.Done : ExitCodes.No;
        });
        return verify;
    }

    private static void Print(ChainReport report)
    {
        foreach (var fault in report.Faults)
            Console.WriteLine($"{fault.Kind}: {fault.Why}");
        if (report.Ok)
            Console.WriteLine($"The chain is whole. Entries from link {report.From} on: {report.Links}, checkpoints: {report.Checkpoints}, signed up to link {report.SignedTo}.");
        Console.WriteLine($"Last link: {report.Last}, hash {report.Hash}");
        if (report.Stamp is { } stamp)
            Console.WriteLine($"Link {stamp.Link} existed at {stamp.At:u}, by the time stamp of {stamp.By}");
        foreach (var key in report.Keys)
            Console.WriteLine($"Key: {key}");
        if (report is { WrittenElsewhere: > 0, Keys.Count: > 1 })
            Console.WriteLine($"Entries written by processes with another key than this node's: {report.WrittenElsewhere}");
    }
}
