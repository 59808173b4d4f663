using System.CommandLine;
using System.CommandLine.Parsing;
using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Audit.Chain.Archives;
using Lazaret.Node.Audit.Chain.Copies;
using Lazaret.Node.Cli.Released;
using Lazaret.Node.Storage.Faults;

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
        var format = new Option<string>("--format") { Description = "ndjson, or fhir (one AuditEvent per line)", DefaultValueFactory = _ => "ndjson" };
        format.AcceptOnlyFromAmong("ndjson", "fhir");
        var since = new Option<DateTimeOffset?>("--since") { Description = "entries of this instant (2026-11-27 or 2026-11-27T08:00:00Z; UTC) and later", HelpName = "INSTANT", CustomParser = ReadInstant };
        var until = new Option<DateTimeOffset?>("--until") { Description = "entries before this instant", HelpName = "INSTANT", CustomParser = ReadInstant };
        var job = new Option<Guid?>("--job") { Description = "entries about this job", HelpName = "ID" };
        var action = new Option<string>("--action") { Description = "entries of this action: result_released", HelpName = "NAME" };
        action.AcceptOnlyFromAmong([.. Enum.GetValues<AuditAction>().Select(AuditExport.Name)]);
        var archive = new Option<string>("--archive") { Description = "print nothing, and add what is new, with its chain, to the parts in this folder: 'audit verify --archive DIR' checks them without a database", HelpName = "DIR" };
        var size = new Option<int>("--part-mib") { Description = "the size of a part of an archive, 1 to 4096", DefaultValueFactory = _ => 64, HelpName = "N" };
        var export = new Command("export", "Print the audit, one entry per line, oldest first.") { format, since, until, job, action, archive, size };
        export.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(size) is < 1 or > 4096)
                throw new InputException("--part-mib: must be 1 to 4096");
            if (parsed.GetValue(archive) is not null && ((Option[])[format, since, until, job, action]).Where(option => parsed.GetResult(option) is { Implicit: false }).Select(option => option.Name).ToList() is [_, ..] unused)
                throw new InputException($"--archive: goes without {string.Join(", ", unused)}: an archive has the whole chain");
            if (parsed.GetValue(since) >= parsed.GetValue(until))
                throw new InputException("--since: is not before --until, so that there can be no entry");
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            if (parsed.GetValue(archive) is { } folder)
            {
                foreach (var part in await services.GetRequiredService<ChainArchive>().AddAsync(Path.GetFullPath(folder), (long)parsed.GetValue(size) << 20, cancellationToken))
                    Console.WriteLine(part);
                return ExitCodes.Done;
            }

            var selection = new AuditSelection
            {
                Since = parsed.GetValue(since),
                Until = parsed.GetValue(until),
                Job = parsed.GetValue(job),
                Action = parsed.GetValue(action) is { } name ? Enum.GetValues<AuditAction>().Single(value => AuditExport.Name(value) == name) : null,
            };
            await using var stdout = Console.OpenStandardOutput();
            var exporter = services.GetRequiredService<AuditExport>();
            var unreadable = await exporter.WriteAsync(stdout, Enum.Parse<AuditFormat>(parsed.GetValue(format)!, ignoreCase: true), selection, cancellationToken);
            if (unreadable.Count == 0)
                return ExitCodes.Done;
            await Console.Error.WriteLineAsync($"lazaret: {unreadable.Count} entries cannot be read, the first of them entry {unreadable[0]}: somebody changed the database; 'lazaret audit verify' says more");
            return ExitCodes.No;
        });
        return export;
    }

    private static DateTimeOffset? ReadInstant(ArgumentResult result)
    {
        if (DateTimeOffset.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant))
            return instant;
        result.AddError($"{result.Argument.Name}: '{result.Tokens[0].Value}' is no instant like 2026-11-27T08:00:00Z");
        return null;
    }

    private static int VerifyArchive(string folder)
    {
        var verification = new ArchiveVerification();
        if (verification.Run(folder) is { } fault)
        {
            Console.WriteLine($"{fault.Kind}: {fault.Why}");
            return ExitCodes.No;
        }

        Console.WriteLine($"The archive is whole. Entries: {verification.Links}. Last link: {verification.Last}, hash {verification.Hash}");
        foreach (var key in verification.Keys)
            Console.WriteLine($"Key: {key}");
        return ExitCodes.Done;
    }

    private static Command Verify(Settings settings)
    {
        var archive = new Option<string>("--archive") { Description = "verify the parts in this folder instead; no database is needed", HelpName = "DIR" };
        var from = new Option<long>("--from") { Description = "the first link to check", DefaultValueFactory = _ => 1, HelpName = "N" };
        from.Validators.Add(given =>
        {
            // What is no number is said by the parser, and cannot be read here.
            if (given.Tokens is [var token] && long.TryParse(token.Value, CultureInfo.InvariantCulture, out var link) && link < 1)
                given.AddError("--from: links are counted from 1");
        });
        var json = new Option<bool>("--json") { Description = "one JSON document" };
        var checkpoint = new Option<string>("--checkpoint") { Description = "a file of checkpoints that was kept elsewhere, to compare with as well", HelpName = "FILE" };
        var receipts = new Option<string[]>("--receipt") { Description = "receipts that left the node: the chain must have the entries that they name", HelpName = "FILE", AllowMultipleArgumentsPerToken = true };
        var keys = new Option<string>("--keys") { Description = "the keys of the hosts that signed the receipts, as /.well-known/lazaret-keys has them; without it this node's", HelpName = "FILE" };
        var verify = new Command("verify", "Check the audit's chain; exits with 1 and names the first bad entry.") { from, json, checkpoint, receipts, keys, archive };
        verify.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(archive) is { } folder)
                return VerifyArchive(Path.GetFullPath(folder));
            IReadOnlyList<AuditCheckpoint> elsewhere = parsed.GetValue(checkpoint) is { } file ? CheckpointCopies.Read(file) : [];
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            AuditCheckpoint[] kept = [.. services.GetRequiredService<CheckpointCopies>().Read(), .. elsewhere];
            var links = await ReceiptCommands.LinksOfAsync(parsed.GetValue(receipts) ?? [], parsed.GetValue(keys), services);
            ChainReport report;
            try
            {
                try
                {
                    await services.GetRequiredService<ChainStart>().LinkEarlierAsync(cancellationToken);
                }
                catch (InvalidDataException)
                {
                    // Nothing can be linked to a chain that has lost its beginning: the verification names what is missing.
                }

                report = await services.GetRequiredService<ChainVerification>().RunAsync(parsed.GetValue(from), kept, cancellationToken, links);
            }
            catch (Exception e) when (e is DbException or InvalidCastException or InvalidDataException)
            {
                await Console.Error.WriteLineAsync($"lazaret: the audit cannot be read as this version writes it: {DatabaseWords.Of(e)}");
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
            Console.WriteLine($"The chain is whole. Entries from link {report.From} on: {report.Links}, {(report.Checkpoints > 0 ? $"checkpoints: {report.Checkpoints}, signed up to link {report.SignedTo}" : "and no checkpoint signs any of them yet")}.");
        Console.WriteLine($"Last link: {report.Last}, hash {report.Hash}");
        if (report.Stamp is { } stamp)
            Console.WriteLine($"Link {stamp.Link} existed at {stamp.At:u}, by the time stamp of {stamp.By}");
        foreach (var key in report.Keys)
            Console.WriteLine($"Key: {key}");
        if (report is { WrittenElsewhere: > 0, Keys.Count: > 1 })
            Console.WriteLine($"Entries written by processes with another key than this node's: {report.WrittenElsewhere}");
    }
}
