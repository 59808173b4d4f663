using System.CommandLine;
using System.Globalization;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Cli;

/// <summary>Gives the database's free room back to the disk.</summary>
internal static class CompactCommand
{
    public static Command Create(Settings settings)
    {
        var command = new Command("compact", "Write the database anew without its free room: after the first large purge, or to shrink PostgreSQL's table of payloads. SQLite's file then shrinks by itself.");
        command.SetAction(async (_, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken);
            var disk = services.GetRequiredService<DiskReturn>();
            var before = await disk.SizeAsync(cancellationToken);
            await disk.CompactAsync(cancellationToken);
            var now = await disk.SizeAsync(cancellationToken);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"MiB before: {before / 1048576.0:F1}, now: {now / 1048576.0:F1}"));
            return ExitCodes.Done;
        });
        return command;
    }
}
