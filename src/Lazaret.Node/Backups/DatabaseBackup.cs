using System.Data.Common;
using Lazaret.Cohort.Files;
using Lazaret.Node.Audit;
using Lazaret.Node.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Backups;

/// <summary>Copies of SQLite's database, made and put back.</summary>
public sealed class DatabaseBackup(IDbContextFactory<LazaretDb> databases, DatabaseMigration migration, StateFolder state, AuditLog audit)
{
    /// <summary>Writes a copy, while the node runs.</summary>
    /// <exception cref="InputException">There is such a file already.</exception>
    public async Task WriteAsync(string file, CancellationToken cancellationToken)
    {
        if (File.Exists(file))
            throw new InputException($"{file}: is there already, and a backup overwrites nothing");
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        // Before, so that the copy says so, too.
        await audit.WriteAsync(AuditAction.BackupMade, AuditEntry.Operator, [], cancellationToken);
        await DatabaseFile.CopyAsync(DatabaseFile.Of(db), file, cancellationToken);
    }

    /// <summary>
    /// Puts a copy in the database's place.
    /// <list type="number">
    /// <item>Keep every node of this state folder out.</item>
    /// <item>Verify the copy: whole, and of this version or an earlier one.</item>
    /// <item>Look whether the database holds anything.</item>
    /// <item>Copy beside the database, then move into its place: there is always one or the other.</item>
    /// <item>Bring it up to date, and audit.</item>
    /// </list>
    /// </summary>
    /// <param name="force">Whether a database that holds anything is replaced.</param>
    /// <exception cref="InputException">It cannot be restored, or would overwrite.</exception>
    /// <exception cref="MissingException">A node runs on this state folder.</exception>
    public async Task RestoreAsync(string file, bool force, CancellationToken cancellationToken)
    {
        // 1. Keep every node out.
        state.Create();
        using var alone = state.TryLock(alone: true)
            ?? throw new MissingException($"a node runs on {state.Root}: stop it first");

        // 2. Verify the copy.
        Probe(file);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await DatabaseFile.FaultAsync(file, db.Database.GetMigrations(), cancellationToken) is { } fault)
            throw new InputException($"{file}: {fault}");

        // 3. Look whether the database holds anything.
        var place = DatabaseFile.Of(db);
        if (!force && File.Exists(place) && await HoldsAnythingAsync(db, cancellationToken))
            throw new InputException($"{place}: holds a node's database already: --force replaces it by the backup");
        await db.Database.CloseConnectionAsync();
        SqliteConnection.ClearAllPools();

        // 4. Copy beside the database, then move into its place.
        var next = $"{place}.restoring";
        File.Delete(next);
        await DatabaseFile.CopyAsync(file, next, cancellationToken);
        state.GiveToOwner(next);
        // A log that is not of this file would damage it.
        foreach (var beside in (string[])["-wal", "-shm", "-journal"])
            File.Delete(place + beside);
        File.Move(next, place, overwrite: true);

        // 5. Bring it up to date, and audit.
        await migration.RunAsync(force: true, cancellationToken);
        await audit.WriteAsync(AuditAction.BackupRestored, AuditEntry.Operator, [], cancellationToken);
    }

    // SQLite would wait at a pipe.
    private static void Probe(string file)
    {
        try
        {
            RegularFile.Open(file).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file}: {e.Message}");
        }
    }

    private static async Task<bool> HoldsAnythingAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        try
        {
            // Whatever a node does, it audits.
            return (await db.Database.GetAppliedMigrationsAsync(cancellationToken)).Any() && await db.Audit.AnyAsync(cancellationToken);
        }
        catch (DbException)
        {
            // Damaged, or of an earlier version: it may hold something.
            return true;
        }
    }
}
