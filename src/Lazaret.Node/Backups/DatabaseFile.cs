using Lazaret.Node.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Backups;

/// <summary>SQLite's one-file databases: the node's own and its copies.</summary>
internal static class DatabaseFile
{
    private const UnixFileMode ReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The node's own file, wherever the connection string puts it.</summary>
    public static string Of(LazaretDb db) => Path.GetFullPath(new SqliteConnectionStringBuilder(db.Database.GetConnectionString()).DataSource);

    /// <summary>
    /// Copies a database, whoever reads and writes it meanwhile, into a new file that its owner alone may read: one file, complete, on the
    /// disk. On failure there is none.
    /// </summary>
    /// <exception cref="IOException">There is such a file already, or the disk does not take it.</exception>
    public static async Task CopyAsync(string from, string to, CancellationToken cancellationToken)
    {
        // Made before SQLite would, which would let others read it.
        await using (new FileStream(to, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = ReadWrite }))
        {
        }

        try
        {
            await using var source = await OpenAsync(from, SqliteOpenMode.ReadOnly, cancellationToken);
            await using (var target = await OpenAsync(to, SqliteOpenMode.ReadWrite, cancellationToken))
            {
                await Task.Run(() => source.BackupDatabase(target), cancellationToken);
                // The copy would otherwise ask for a log beside it, as the original does.
                await ExecuteAsync(target, "PRAGMA journal_mode = DELETE", cancellationToken);
                if (await FaultAsync(target, cancellationToken) is { } fault)
                    throw new IOException($"the copy is damaged: {fault}");
            }

            using var written = File.OpenHandle(to, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(written);
        }
        catch
        {
            File.Delete(to);
            throw;
        }
    }

    /// <summary>Why this file cannot be the node's database; null when it can.</summary>
    /// <param name="known">The migrations that this version knows.</param>
    public static async Task<string?> FaultAsync(string file, IEnumerable<string> known, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await OpenAsync(file, SqliteOpenMode.ReadOnly, cancellationToken);
            if (await FaultAsync(connection, cancellationToken) is { } damage)
                return $"is damaged: {damage}";
            var applied = new List<string>();
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT MigrationId FROM __EFMigrationsHistory";
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
                applied.Add(rows.GetString(0));
            return applied.Except(known, StringComparer.Ordinal).Any() ? "was made by a later version of Lazaret: restore it with that one" : null;
        }
        catch (SqliteException e)
        {
            return $"is no backup of Lazaret's ({e.Message.TrimEnd('.')})";
        }
    }

    private static async Task<string?> FaultAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check(1)";
        return await command.ExecuteScalarAsync(cancellationToken) is string and not "ok" and var fault ? fault : null;
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string statement, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<SqliteConnection> OpenAsync(string file, SqliteOpenMode mode, CancellationToken cancellationToken)
    {
        // Unpooled: the file may be moved or deleted next.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false, DefaultTimeout = 30 }.ToString());
        await connection.OpenAsync(cancellationToken);
        return connection;
    }
}
