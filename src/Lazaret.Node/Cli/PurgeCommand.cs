using System.CommandLine;
using System.Globalization;
using Lazaret.Node.Audit;
using Lazaret.Node.Cli.Printing;
using Lazaret.Node.Jobs;
using Lazaret.Node.Retention;
using Spectre.Console;

namespace Lazaret.Node.Cli;

/// <summary>Deletes what has expired. A running node does the same by itself.</summary>
internal static class PurgeCommand
{
    public static Command Create(Settings settings)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "show what has expired, and delete nothing" };
        var command = new Command("purge", "Delete the inputs, results and logs whose time is over (Lazaret:Retention).") { dryRun };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var purge = services.GetRequiredService<Purge>();
            Print(await purge.FindAsync(cancellationToken), services.GetRequiredService<RetentionOptions>());
            if (parsed.GetValue(dryRun))
                Console.WriteLine("nothing was deleted");
            else
                Console.WriteLine($"Records deleted: {await purge.RunAsync(AuditEntry.Operator, cancellationToken)}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Print(IReadOnlyList<ExpiredPayloads> expired, RetentionOptions options)
    {
        var table = new Table().RoundedBorder().AddColumns("of jobs that are over", "kept for days", "expired records", "MiB");
        foreach (var kind in expired)
        {
            table.AddTexts(
                kind.Name == PayloadName.Basis ? "Bases" : $"{kind.Name}s",
                options.DaysOf(kind.Name).ToString(CultureInfo.InvariantCulture),
                kind.Records.ToString(CultureInfo.InvariantCulture),
                (kind.Bytes / (double)(1 << 20)).ToString("F1", CultureInfo.InvariantCulture));
        }

        AnsiConsole.Write(table);
    }
}
