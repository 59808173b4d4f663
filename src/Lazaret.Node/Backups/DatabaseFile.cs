using Lazaret.Node.Linux;
using Lazaret.Node.Programs;
using Lazaret.Node.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Backups;

/// <summary>SQLite's one-file databases: the node's own and its copies.</summary>
internal static class DatabaseFile
{
    // Of each statement, and of a copy.
    private const int PatienceSeconds = 30;

    private static readonly string[] Beside = ["-wal", "-shm", "-journal"];

    /// <summary>
    /// Copies a database, whoever reads and writes it meanwhile, into a new file that its owner alone may read: one file, complete, on the
    /// disk. On failure there is none.
    /// </summary>
    /// <exception cref="IOException">There is such a file already, or the disk does not take it.</exception>
    /// <exception cref="InvalidDataException">What was copied is damaged.</exception>
    public static async Task CopyAsync(string from, string to, CancellationToken cancellationToken)
    {
        // The node makes the file, with its mode: SQLite would make one that others may read.
        await using (new FileStream(to, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnFile.Mode }))
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
                if (await SqliteSchema.DamageAsync(target, cancellationToken) is { } damage)
                    throw new InvalidDataException(damage);
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

    /// <summary>Opens a database to read it, unpooled.</summary>
    public static Task<SqliteConnection> OpenAsync(string file, CancellationToken cancellationToken) => OpenAsync(file, SqliteOpenMode.ReadOnly, cancellationToken);

    /// <summary>Deletes a database with all that SQLite puts beside it.</summary>
    public static void Delete(string file)
    {
        foreach (var end in Beside.Prepend(""))
            File.Delete(file + end);
    }

    /// <summary>Moves a database into the place of another (rename).</summary>
    public static async Task ReplaceAsync(string place, string next, CancellationToken cancellationToken)
    {
        // A log that is not of the file would damage it. What the old one's log holds goes into the old file first, which then is whole by
        // itself until the moment it is replaced.
        try
        {
            if (File.Exists(place))
                await FoldLogAsync(place, cancellationToken);
        }
        catch (SqliteException)
        {
            // It is damaged, and about to be replaced.
        }

        foreach (var end in Beside)
            File.Delete(place + end);
        File.Move(next, place, overwrite: true);
    }

    /// <summary>
    /// Checks a copy of a database that a stranger may have made, then brings it up to date. Nothing is written to it before its
    /// schema is known to be ours, since another schema could have triggers that act on what is written.
    /// </summary>
    /// <exception cref="InvalidDataException">It is none of ours; the message has one fault per line.</exception>
    /// <exception cref="SqliteException">It is no database, or none that holds what it must.</exception>
    public static async Task AdoptAsync(string file, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(file, SqliteOpenMode.ReadWrite, cancellationToken);
        await using var db = SqliteSchema.Over(connection);
        if (await FaultsAsync(connection, db, cancellationToken) is [_, ..] faults)
            throw new InvalidDataException(string.Join('\n', faults));

        // EF Core would wait for whoever holds it.
        await ExecuteAsync(connection, "DELETE FROM __EFMigrationsLock", cancellationToken);
        await db.Database.MigrateAsync(cancellationToken);
        // Reads every row whose texts become paths: the form of each is checked while it is read.
        await db.Programs.AsNoTracking().LoadAsync(cancellationToken);
        await ExecuteAsync(connection, "PRAGMA journal_mode = WAL", cancellationToken);
    }

    /// <summary>Why a copy of a database would not be restored, a line each; empty when it would. Nothing is written.</summary>
    public static async Task<IReadOnlyList<string>> FaultsAsync(SqliteConnection connection, SqliteLazaretDb db, CancellationToken cancellationToken)
    {
        string[] known = [.. db.Database.GetMigrations()];
        var applied = await SqliteSchema.MigrationsAsync(connection, cancellationToken);
        if (LaterSchema.Find(db, applied) is { } later)
            return [$"was made by a later version of Lazaret, with the schema {later}, and the schema of this one is {LaterSchema.Own(db)}: restore it with that version"];
        if (applied.Count == 0 || !applied.SequenceEqual(known.Take(applied.Count)))
            return ["is no backup of Lazaret's: its list of migrations has gaps"];
        return [.. (await SqliteSchema.FaultsAsync(connection, applied[^1], cancellationToken)).Select(fault => fault.What)];
    }

    /// <summary>Moves the write-ahead log beside a database into the database's file (checkpoint).</summary>
    private static async Task FoldLogAsync(string file, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(file, SqliteOpenMode.ReadWrite, cancellationToken);
        await ExecuteAsync(connection, "PRAGMA wal_checkpoint(TRUNCATE)", cancellationToken);
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string statement, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task<SqliteConnection> OpenAsync(string file, SqliteOpenMode mode, CancellationToken cancellationToken)
    {
        // Unpooled: the file may be moved or deleted next.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false, DefaultTimeout = PatienceSeconds }.ToString());
        await connection.OpenAsync(cancellationToken);
        // A stranger may have made the file: its schema may call no function that has effects, and SQLite checks the structure of its pages.
        // A copy (sqlite3_backup_step) waits for a lock only by this time-out, not by the connection's: the last process that closes the
        // database locks it while it moves the log into the file.
        await ExecuteAsync(connection, FormattableString.Invariant($"PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA busy_timeout = {1000 * PatienceSeconds}"), cancellationToken);
        return connection;
    }
}
