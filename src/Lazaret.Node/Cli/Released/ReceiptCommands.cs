using System.CommandLine;
using Lazaret.Cohort.Files;
using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Cohorts.Receipts;
using Lazaret.Node.Diagnoses;
using Lazaret.Node.Identity.Tokens;
using Lazaret.Node.Receipts;

namespace Lazaret.Node.Cli.Released;

/// <summary>Signed receipts of what left: checked anywhere, exported on the node.</summary>
internal static class ReceiptCommands
{
    private const int MaxBytes = 4 << 20;
    private const string KeysNeeded = "--keys: is needed (curl https://NODE/.well-known/lazaret-keys -o keys.json, then --keys keys.json)";

    public static Command Create(Settings settings) => new("receipt", "The signed receipts of what left the node.") { Verify(settings), Export(settings) };

    private static Command Verify(Settings settings)
    {
        var file = new Argument<string>("FILE") { Description = "a receipt" };
        var keys = new Option<string?>("--keys") { Description = "the node's keys, as /.well-known/lazaret-keys has them; without it this state folder's key", HelpName = "FILE" };
        var command = new Command("verify", "Check a receipt, without a node; exits with 1 and says what is wrong with it.") { file, keys };
        command.SetAction(async (parsed, _) =>
        {
            var bytes = ReadFile(parsed.GetRequiredValue(file));
            var known = parsed.GetValue(keys) is { } given ? KeysOf(given) : OwnKey(settings);
            Receipt? receipt = null;
            var faults = await ReceiptCheck.FindFaultsAsync(bytes, known.Keys, found => receipt = found);
            foreach (var fault in faults)
                Console.WriteLine(PlainText.Line(fault));
            if (faults.Count > 0)
                return ExitCodes.No;
            Console.WriteLine(PlainText.Line($"The receipt is valid: {receipt!.Site} released job {receipt.JobId} to {receipt.Requester} at {receipt.ReleasedAt.UtcDateTime:u}, entry {receipt.Audit.Sequence} of its audit."));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Export(Settings settings)
    {
        var job = new Argument<Guid>("JOB") { Description = "the id of a job whose result was released" };
        var crate = new Option<bool>("--ro-crate") { Description = "as a Five Safes RO-Crate, a zip" };
        var output = new Option<string>("--out") { Description = "the file to write", HelpName = "FILE", Required = true };
        var command = new Command("export", "Write the receipt of a job.") { job, crate, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (id, file) = (parsed.GetRequiredValue(job), parsed.GetRequiredValue(output));
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var outcome = await services.GetRequiredService<CohortReceipts>().FindAsync(id, cancellationToken);
            if (outcome is ReceiptOutcome.NoSuchJob)
                outcome = await services.GetRequiredService<DiagnosisReceipts>().FindAsync(id, cancellationToken);
            var receipt = outcome switch
            {
                ReceiptOutcome.Signed signed => signed.Receipt,
                ReceiptOutcome.NoSuchJob => throw new InputException($"JOB: there is no job {id}"),
                ReceiptOutcome.Expired => throw new InputException($"JOB: the result of job {id} has expired, and its receipt with it"),
                ReceiptOutcome.NotReleased not => throw new InputException($"JOB: job {id} is {not.Status}: only what was released has a receipt"),
                _ => throw new MissingException(ReceiptOutcome.Unlinked),
            };
            await File.WriteAllBytesAsync(file, parsed.GetValue(crate) ? ReceiptCrate.Write(receipt, services.GetRequiredService<SigningKeyFile>().Find()!) : receipt.Write(), cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>The links of the audit that receipts name.</summary>
    /// <param name="files">The receipts.</param>
    /// <param name="keys">A file of keys; null for this node's own.</param>
    /// <exception cref="InputException">One is none, or is not signed by these keys.</exception>
    public static async Task<IReadOnlyList<KeptLink>> LinksOfAsync(IReadOnlyList<string> files, string? keys, IServiceProvider services)
    {
        if (files.Count == 0)
            return [];
        var known = keys is null ? OwnKey(services) : KeysOf(keys);
        var links = new List<KeptLink>();
        foreach (var file in files)
        {
            Receipt? receipt = null;
            if (await ReceiptCheck.FindFaultsAsync(ReadFile(file), known.Keys, found => receipt = found) is [var fault, ..])
                throw new InputException($"{file}: {PlainText.Line(fault)}");
            links.Add(new KeptLink(receipt!.Audit.Link, receipt.Audit.Sequence, receipt.Audit.Hash, $"the receipt {file}"));
        }

        return links;
    }

    private static KeySet KeysOf(string file)
    {
        try
        {
            return KeySet.Read(ReadFile(file));
        }
        catch (FormatException e)
        {
            throw new InputException($"{file}: {e.Message}");
        }
    }

    private static KeySet OwnKey(Settings settings)
    {
        NodeSettings node;
        try
        {
            node = settings.Enter(StateUse.Finds);
        }
        catch (MissingException e)
        {
            throw new InputException($"{KeysNeeded}: {e.Message}");
        }

        using var services = Settings.Open(node);
        return OwnKey(services);
    }

    private static KeySet OwnKey(IServiceProvider services) =>
        services.GetRequiredService<SigningKeyFile>().Find() is { } key
            ? KeySet.Read(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new NodeKeys([NodeKey.Of(key)])))
            : throw new InputException($"{KeysNeeded}: this state folder has no key");

    private static byte[] ReadFile(string file)
    {
        try
        {
            return RegularFile.ReadAllBytes(Path.GetFullPath(file), MaxBytes);
        }
        catch (Exception e) when (e is RegularFileException or IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file}: {e.Message}");
        }
    }
}
