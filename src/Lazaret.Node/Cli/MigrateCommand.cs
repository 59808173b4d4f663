using System.CommandLine;

namespace Lazaret.Node.Cli;

internal static class MigrateCommand
{
    public static Command Create(Settings settings)
    {
        var command = new Command("migrate", "Bring the database up to date.");
        command.SetAction(async (_, cancellationToken) =>
        {
            await using var services = await settings.OpenNodeAsync(cancellationToken, StateUse.Makes, forceMigration: true);
            return ExitCodes.Done;
        });
        return command;
    }
}
