using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Lazaret.Node.Storage;

/// <summary>
/// Compares the schema of a SQLite database with that of a new one in memory: the whole statement of every table, index,
/// trigger and view (so columns, defaults, checks, generated columns and WITHOUT ROWID count, too), and three settings of the file.
/// </summary>
internal static class SqliteSchema
{
    private const int MostFaults = 20;

    // Makes a new database as the migrations do, the last of which its first line names. Running them takes a quarter of a node's start.
    private static readonly string Written = ReadWritten();

    // Lazaret sets neither user_version nor application_id, so that a file that sets them is not ours. Another encoding sorts differently.
    private static readonly string[] Settings = ["application_id", "user_version", "encoding"];

    /// <param name="database">An open one.</param>
    /// <param name="migration">The last one that was applied to it.</param>
    public static async Task<IReadOnlyList<SchemaFault>> FaultsAsync(SqliteConnection database, string migration, CancellationToken cancellationToken)
    {
        await using var ours = new SqliteConnection("Data Source=:memory:");
        await ours.OpenAsync(cancellationToken);
        await MakeAsync(ours, migration, cancellationToken);
        var expected = await EntriesAsync(ours, cancellationToken);
        var found = await EntriesAsync(database, cancellationToken);
        var faults = new List<SchemaFault>();
        foreach (var name in Settings)
        {
            var (here, there) = (await ReadAsync(database, $"PRAGMA {name}", cancellationToken), await ReadAsync(ours, $"PRAGMA {name}", cancellationToken));
            if (here[0][0] != there[0][0])
                faults.Add(new SchemaFault($"has another {name} than Lazaret's", null));
        }

        faults.AddRange(expected.Except(found).Select(entry => found.Exists(entry.HasNameOf)
            ? new SchemaFault($"has another {entry.Named} than Lazaret's", entry.IsMade ? $"{entry.Drop} {entry.Make}" : null)
            : new SchemaFault($"lacks the {entry.Named}", entry.IsMade ? entry.Make : null)));
        faults.AddRange(found.Where(entry => !expected.Exists(entry.HasNameOf)).Select(entry => new SchemaFault(
            $"holds the {entry.Named}, which is not Lazaret's",
            entry.IsPlain ? entry.Drop : null)));
        if (faults.Count == 0 && found.Count != expected.Count)
            faults.Add(new SchemaFault("holds a part of its schema twice", null));
        return [.. faults.Take(MostFaults)];
    }

    /// <summary>What SQLite itself finds wrong with the rows: damage, and references that lead nowhere.</summary>
    public static async Task<string?> DamageAsync(SqliteConnection database, CancellationToken cancellationToken)
    {
        if (await CheckAsync(database, "PRAGMA integrity_check(1)", cancellationToken) is { } damage)
            return damage;
        return await ReadAsync(database, "SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1", cancellationToken) is [[var table]]
            ? $"a row of {SchemaFault.Cleaned(table)} refers to one that is not there"
            : null;
    }

    /// <summary>What SQLite finds wrong with the pages of a file. It reads each once, and does not compare the indexes with the rows.</summary>
    public static Task<string?> PageDamageAsync(SqliteConnection database, CancellationToken cancellationToken) => CheckAsync(database, "PRAGMA quick_check(1)", cancellationToken);

    private static async Task<string?> CheckAsync(SqliteConnection database, string check, CancellationToken cancellationToken) =>
        await ReadAsync(database, check, cancellationToken) switch
        {
            [["ok"]] => null,
            [[var what, ..], ..] => SchemaFault.Cleaned(what.Replace("*** in database main ***", "", StringComparison.Ordinal).ReplaceLineEndings(" ").Trim()),
            _ => "it cannot be checked",
        };

    /// <summary>The migrations that were applied, in their order.</summary>
    public static async Task<IReadOnlyList<string>> MigrationsAsync(SqliteConnection database, CancellationToken cancellationToken) =>
        [.. (await ReadAsync(database, "SELECT MigrationId FROM __EFMigrationsHistory ORDER BY MigrationId LIMIT 1000", cancellationToken)).Select(row => row[0])];

    /// <summary>A context over an open connection.</summary>
    public static SqliteLazaretDb Over(SqliteConnection connection) => new(new DbContextOptionsBuilder<SqliteLazaretDb>().UseSqlite(connection).Options);

    /// <summary>Makes a new database as it is after this migration: all of it, or nothing.</summary>
    /// <param name="empty">An open one that holds nothing.</param>
    public static async Task MakeAsync(SqliteConnection empty, string migration, CancellationToken cancellationToken)
    {
        if (!Written.StartsWith($"-- {migration}\n", StringComparison.Ordinal))
        {
            await using var db = Over(empty);
            await db.GetService<IMigrator>().MigrateAsync(migration, cancellationToken);
            return;
        }

        await using var making = await empty.BeginTransactionAsync(cancellationToken);
        await using var command = empty.CreateCommand();
        command.CommandText = Written;
        await command.ExecuteNonQueryAsync(cancellationToken);
        await making.CommitAsync(cancellationToken);
    }

    private static string ReadWritten()
    {
        using var reader = new StreamReader(typeof(SqliteSchema).Assembly.GetManifestResourceStream("schema.sql")!);
        return reader.ReadToEnd();
    }

    private static async Task<List<Entry>> EntriesAsync(SqliteConnection database, CancellationToken cancellationToken) =>
    [
        // All is bounded, since a stranger may have made the file; our own schema is far below these bounds.
        .. (await ReadAsync(
                database, "SELECT substr(type, 1, 100), substr(name, 1, 1000), substr(tbl_name, 1, 1000), substr(sql, 1, 100000) FROM main.sqlite_master LIMIT 10000", cancellationToken))
            // EF Core ends the lines of this one as the machine did on which it was compiled.
            .Select(row => new Entry(row[0], row[1], row[2], row[1] == "__EFMigrationsLock" ? row[3].Replace("\r\n", "\n", StringComparison.Ordinal) : row[3])),
    ];

    /// <summary>The rows that a statement finds, as text.</summary>
    internal static async Task<List<string[]>> ReadAsync(SqliteConnection database, string statement, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand();
        command.CommandText = statement;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<string[]>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(column => reader.IsDBNull(column) ? "" : reader.GetString(column))]);
        return rows;
    }

    private sealed record Entry(string Type, string Name, string Table, string Statement)
    {
        public string Named => $"{SchemaFault.Cleaned(Type)} {SchemaFault.Cleaned(Name)}";

        /// <summary>Whether its name can be written in a statement as it is.</summary>
        public bool IsPlain => Type is "table" or "index" or "trigger" or "view" && SchemaFault.Cleaned(Name) == Name;

        /// <summary>Whether it can be dropped and made again by its statement without loss of data.</summary>
        public bool IsMade => Type != "table" && Statement.Length > 0;

        public string Make => $"{Statement};";

        public string Drop => $"DROP {Type.ToUpperInvariant()} \"{Name}\";";

        public bool HasNameOf(Entry other) => Type == other.Type && Name == other.Name;
    }
}
