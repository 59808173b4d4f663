using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;
using Lazaret.Node.Configuration;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Storage;

namespace Lazaret.Node.Storage;

/// <summary>
/// Which migrations a database has had, and which this version knows. EF Core says both. But to list its migrations it loads every type of the program, and to read the database's it builds a model of
/// their table: together a fifth of the processor time of a command.
/// </summary>
internal static class SchemaHistory
{
    private const string Table = "__EFMigrationsHistory";

    private static readonly ConcurrentDictionary<string, IReadOnlyList<string>> KnownBy = new(StringComparer.Ordinal);

    /// <summary>The migrations that this version knows, in their order.</summary>
    public static IReadOnlyList<string> Known(LazaretDb db) => KnownBy.GetOrAdd(db is SqliteLazaretDb ? "Sqlite" : "Postgres", ReadKnown);

    /// <summary>The schema of this version.</summary>
    public static string Own(LazaretDb db) => Known(db)[^1];

    /// <summary>The migrations that were applied, in their order; none where nothing was ever migrated.</summary>
    public static async Task<IReadOnlyList<string>> AppliedAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        // Looking makes no file.
        if (db is SqliteLazaretDb { File: var file } && !File.Exists(file))
            return [];
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = db.Database.GetDbConnection().CreateCommand();
            command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
            command.CommandText = db is SqliteLazaretDb
                ? $"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '{Table}'"
                : $"SELECT count(*) FROM pg_class WHERE oid = to_regclass('\"{Table}\"')";
            if (Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture) == 0)
                return [];
            command.CommandText = $"SELECT \"MigrationId\" FROM \"{Table}\" ORDER BY \"MigrationId\"";
            var applied = new List<string>();
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
                applied.Add(rows.GetString(0));
            return applied;
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    /// <summary>Whether all that this version knows was applied.</summary>
    public static async Task<bool> IsUpToDateAsync(LazaretDb db, CancellationToken cancellationToken) => !Known(db).Except(await AppliedAsync(db, cancellationToken), StringComparer.Ordinal).Any();

    /// <summary>That a later version of Lazaret has brought the database up to date, with both versions and what to do: this one does not know what it writes to. Null where it knows the whole schema.</summary>
    public static async Task<string?> LaterFaultAsync(LazaretDb db, CancellationToken cancellationToken) =>
        FindLater(db, await AppliedAsync(db, cancellationToken)) is { } later
            ? $"the database has the schema {later} of a later version of Lazaret, and this is version {NodeVersion.Current} with the schema {Own(db)}: install the later version, or restore the backup that was made before the upgrade"
            : null;

    /// <summary>The last of these migrations, where this version does not know it.</summary>
    public static string? FindLater(LazaretDb db, IEnumerable<string> applied) => applied.Except(Known(db), StringComparer.Ordinal).LastOrDefault() is { } later ? SchemaFault.Cleaned(later) : null;

    private static unsafe IReadOnlyList<string> ReadKnown(string database)
    {
        var assembly = typeof(SchemaHistory).Assembly;
        if (!assembly.TryGetRawMetadata(out var start, out var length))
            throw new InvalidOperationException("The program has no metadata.");
        var metadata = new MetadataReader(start, length);
        var space = $"{typeof(SchemaHistory).Namespace}.Migrations.{database}";
        var known = new List<string>();
        foreach (var type in metadata.TypeDefinitions.Select(metadata.GetTypeDefinition).Where(type => metadata.StringComparer.Equals(type.Namespace, space)))
        {
            if (assembly.GetType($"{space}.{metadata.GetString(type.Name)}")!.GetCustomAttribute<MigrationAttribute>() is { } migration)
                known.Add(migration.Id);
        }

        return [.. known.Order(StringComparer.Ordinal)];
    }
}
