using System.Data.Common;
using System.Net.Sockets;
using Lazaret.Node.Linux;
using Lazaret.Node.Storage.Faults;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Storage;

/// <summary>Brings the database up to date, whichever process comes first.</summary>
internal sealed class DatabaseMigration(StateFolder state, IDbContextFactory<LazaretDb> databases, DatabaseOptions options, LostDatabase lost)
{
    // "lazaret", as PostgreSQL's advisory locks have it: a number that whoever uses this database agrees on.
    private const long AdvisoryLock = 0x6c617a61726574;

    private const string Setting = "ConnectionStrings:Lazaret";

    /// <summary>Applies the migrations, unless the configuration leaves that to <c>lazaret migrate</c>; then they must have been applied.</summary>
    /// <exception cref="MissingException">The database cannot be opened, is lost or another program's, is not up to date, or lies aside.</exception>
    public Task RunAsync(bool force, CancellationToken cancellationToken) => RunAsync(force, isRestore: false, cancellationToken);

    /// <param name="force">Whether they are applied whatever the configuration says.</param>
    /// <param name="isRestore">Whether a restore asks, and the database before lies aside as it should.</param>
    /// <inheritdoc cref="RunAsync(bool, CancellationToken)"/>
    public async Task RunAsync(bool force, bool isRestore, CancellationToken cancellationToken)
    {
        state.Create();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        try
        {
            if (db is SqliteLazaretDb sqlite)
            {
                // Before there is a file; one that is there is opened only when it was checked.
                if (!isRestore && !File.Exists(sqlite.File) && await lost.FaultAsync(db, cancellationToken) is { } gone)
                    throw new MissingException(gone);
                MakeFile(sqlite.File);
            }

            if (!isRestore && await MissingFaultAsync(db, cancellationToken) is { } missing)
                throw new MissingException(missing);
            if (await LaterSchema.FaultAsync(db, cancellationToken) is { } later)
                throw new MissingException(later);
            if (!(await db.Database.GetPendingMigrationsAsync(cancellationToken)).Any())
                return;
            if (!force && !options.AutoMigrate)
                throw new MissingException("the database is not up to date: run 'lazaret migrate', or set Lazaret:Database:AutoMigrate=true");
            if (db is SqliteLazaretDb)
                await MigrateSqliteAsync(db, cancellationToken);
            else
                await MigratePostgresAsync(db, cancellationToken);
        }
        catch (Exception e) when (IsAway(e))
        {
            throw Away(e);
        }
    }

    /// <summary>The database, for messages: SQLite's file, or the setting that says where PostgreSQL is.</summary>
    public string Place
    {
        get
        {
            using var db = databases.CreateDbContext();
            return db is SqliteLazaretDb sqlite ? sqlite.File : Setting;
        }
    }

    /// <summary>Whether there is a database that a node has used. It is not made, as opening SQLite's file would.</summary>
    /// <exception cref="MissingException">It cannot be opened, is lost or another program's, or lies aside.</exception>
    public async Task<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        try
        {
            // Whether a file that is there is the node's own is said once its modes are checked: before it is used.
            if (db is SqliteLazaretDb { File: var file } && File.Exists(file))
                return true;
            if (await MissingFaultAsync(db, cancellationToken) is { } missing)
                throw new MissingException(missing);
            if (db is SqliteLazaretDb)
                return false;
            return (await db.Database.GetAppliedMigrationsAsync(cancellationToken)).Any();
        }
        catch (Exception e) when (IsAway(e))
        {
            throw Away(e);
        }
    }

    /// <summary>Why the database must not be used or made, or not by this version; null when it may, or when there is none that answers.</summary>
    public async Task<string?> FaultAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        try
        {
            return await lost.FaultAsync(db, cancellationToken)
                ?? (db is SqliteLazaretDb { File: var file } && !File.Exists(file) ? null : await LaterSchema.FaultAsync(db, cancellationToken));
        }
        catch (Exception e) when (IsAway(e))
        {
            return null;
        }
    }

    private async Task<string?> MissingFaultAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        // If the server cannot be reached, this says why; a question about migrations takes it for a database that does not exist yet.
        if (db is not SqliteLazaretDb)
            await db.Database.OpenConnectionAsync(cancellationToken);
        return await InterruptedRestore.FaultAsync(db, cancellationToken) ?? await lost.FaultAsync(db, cancellationToken);
    }

    // The node makes the file itself: SQLite would give it a mode that depends on the umask. SQLite gives the files beside it the same mode.
    private static void MakeFile(string file)
    {
        foreach (var beside in (string[])["-wal", "-shm", "-journal"])
        {
            if (StrictModes.FaultOfEntry(file + beside, folder: false) is { } fault)
                throw new MissingException(fault);
        }

        OwnFile.Create(file, Setting);
        OwnFile.Restrict(file, OwnFile.Mode);
    }

    // On SQLite EF Core locks a migration by a row, which outlives a process that was killed and then stops every later start.
    // We hold a lock (flock) that ends with its process, so that a row found now belongs to no living process.
    private async Task MigrateSqliteAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        using (await state.LockMigrationAsync(cancellationToken))
        {
            // Taken by a file that is empty yet; an older one is converted by 'lazaret compact'. Then what is deleted can be given back to the disk.
            await db.Database.ExecuteSqlRawAsync("PRAGMA auto_vacuum = INCREMENTAL", cancellationToken);
            // Readers and the writer do not wait for each other. The file keeps this; EF Core would set it only in a file that it makes.
            await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancellationToken);
            var tables = await db.Database.SqlQuery<string>($"SELECT name AS Value FROM sqlite_master").ToListAsync(cancellationToken);
            if (tables.Count == 0)
            {
                await db.Database.OpenConnectionAsync(cancellationToken);
                await SqliteSchema.MakeAsync((SqliteConnection)db.Database.GetDbConnection(), db.Database.GetMigrations().Last(), cancellationToken);
                return;
            }

            if (tables.Contains("__EFMigrationsLock", StringComparer.Ordinal))
                await db.Database.ExecuteSqlAsync($"DELETE FROM __EFMigrationsLock", cancellationToken);
            await MigrateAsync(db, cancellationToken);
        }
    }

    // EF Core's own lock is on a table, which does not exist before the first migration.
    private async Task MigratePostgresAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock({AdvisoryLock})", cancellationToken);
        try
        {
            await MigrateAsync(db, cancellationToken);
        }
        finally
        {
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({AdvisoryLock})", CancellationToken.None);
            // As often as it was opened: a context that goes back to its pool closes once, and would hold a connection whenever it is used again.
            await db.Database.CloseConnectionAsync();
        }
    }

    // Under the lock: what another process brings up to date is between two versions meanwhile.
    private async Task MigrateAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        if (await SchemaCheck.FaultBetweenAsync(db, cancellationToken) is { } fault)
            throw new MissingException($"the database {Place} cannot be brought up to date: {fault}: {DatabaseWords.Replace}");
        await db.Database.MigrateAsync(cancellationToken);
    }

    /// <summary>Whether the database cannot be reached or read. Npgsql puts what may pass into an InvalidOperationException.</summary>
    internal static bool IsAway(Exception e) =>
        e is DbException or SocketException or TimeoutException or ArgumentException or IOException or UnauthorizedAccessException
            or InvalidOperationException { InnerException: DbException or SocketException or TimeoutException };

    private static MissingException Away(Exception e) => new($"the database cannot be opened ({DatabaseWords.Of(e)}): {DatabaseWords.MendOf(e) ?? $"check Lazaret:State and {Setting}"}");
}
