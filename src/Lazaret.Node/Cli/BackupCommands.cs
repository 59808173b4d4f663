using System.CommandLine;
using Lazaret.Node.Backups;
using Lazaret.Node.Cli.Doctor;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Lazaret.Node.Cli;

/// <summary>Copies of the database: SQLite's are made here, PostgreSQL's by its own programs.</summary>
internal static class BackupCommands
{
    private static readonly Argument<string> File = new("file") { Description = "the backup" };

    public static Command Backup(Settings settings)
    {
        var command = new Command("backup", "Write a copy of the database, while the node runs.") { File };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var file = Path.GetFullPath(parsed.GetRequiredValue(File));
            await using var services = Settings.Open(settings.Enter(StateUse.MakesNamed));
            if (Postgres(services) is { } connection)
            {
                Console.WriteLine($"pg_dump --format=custom --file={Quote(file)} {Quote(connection)}");
                return ExitCodes.Done;
            }

            await services.GetRequiredService<DatabaseMigration>().RunAsync(force: false, cancellationToken);
            await services.GetRequiredService<DatabaseBackup>().WriteAsync(file, cancellationToken);
            Console.WriteLine($"{file}: {new FileInfo(file).Length >> 10} KiB");
            Console.WriteLine($"What it holds of patients is sealed: it is worth nothing without the key ring ({services.GetRequiredService<IKeySource>().Place}), which is to be kept apart from it.");
            foreach (var fault in await services.GetRequiredService<SchemaCheck>().FaultsAsync(cancellationToken))
                await Console.Error.WriteLineAsync($"lazaret: the database {fault.What}: 'lazaret restore' will refuse this backup");
            Console.WriteLine($"Not in it: the images of registered models, in {services.GetRequiredService<StateFolder>().Models}.");
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command Restore(Settings settings)
    {
        var force = new Option<bool>("--force") { Description = "replace a database that holds anything" };
        var command = new Command("restore", "Put a backup in the database's place, while no node runs.") { File, force };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var file = Path.GetFullPath(parsed.GetRequiredValue(File));
            await using var services = Settings.Open(settings.Enter(StateUse.MakesNamed));
            if (Postgres(services) is { } connection)
            {
                // The node compares the triggers that it restores with its own at the next start.
                Console.WriteLine($"pg_restore --clean --if-exists --single-transaction --dbname={Quote(connection)} {Quote(file)}");
                return ExitCodes.Done;
            }

            await services.GetRequiredService<DatabaseBackup>().RestoreAsync(file, parsed.GetValue(force), cancellationToken);
            Console.WriteLine($"{file}: restored");
            await WarnOfMissingKeysAsync(services, cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task WarnOfMissingKeysAsync(ServiceProvider services, CancellationToken cancellationToken)
    {
        var ring = KeyExamination.Read(services.GetRequiredService<IKeySource>(), out _);
        if (await KeyExamination.FaultAsync(services, ring, cancellationToken) is { } fault)
            await Console.Error.WriteLineAsync($"lazaret: {fault}. No node starts before it is there");
    }

    // Without the password: PGPASSWORD or ~/.pgpass are no business of a command line, which every user of the machine can read.
    private static string? Postgres(IServiceProvider services)
    {
        if (services.GetRequiredService<NodeOptions>().Database.Provider != DatabaseOptions.Postgres)
            return null;
        using var db = services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContext();
        var given = new NpgsqlConnectionStringBuilder(db.Database.GetConnectionString());
        return string.Join(' ', new (string Name, string? Value)[] { ("host", given.Host), ("port", $"{given.Port}"), ("user", given.Username), ("dbname", given.Database) }
            .Where(part => !string.IsNullOrEmpty(part.Value))
            .Select(part => $"{part.Name}='{part.Value!.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal)}'"));
    }

    private static string Quote(string word) => $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
