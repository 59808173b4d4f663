using System.Data.Common;
using Lazaret.Cohort.Files;
using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Audit.Chain.Copies;
using Lazaret.Node.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Backups;

/// <summary>Copies of SQLite's database, made and put back.</summary>
internal sealed class DatabaseBackup(IDbContextFactory<LazaretDb> databases, StateFolder state, AuditLog audit, CheckpointCopies checkpoints)
{
    private static readonly string[] Beside = ["-wal", "-shm", "-journal"];

    /// <summary>Writes a copy, while the node runs.</summary>
    /// <exception cref="InputException">There is such a file already.</exception>
    public async Task WriteAsync(string file, CancellationToken cancellationToken)
    {
        if (File.Exists(file))
            throw new InputException($"{file}: is there already, and a backup overwrites nothing");
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        // Before, so that the copy says so, too.
        await audit.WriteAsync(AuditAction.BackupMade, AuditEntry.Operator, [], cancellationToken);
        try
        {
            await DatabaseFile.CopyAsync(((SqliteLazaretDb)db).File, file, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw new IOException($"the copy is damaged: {e.Message}", e);
        }
    }

    /// <summary>
    /// Puts a copy in the database's place.
    /// <list type="number">
    /// <item>Keep every node of this state folder out.</item>
    /// <item>Copy the backup beside the database. From here on, whoever gave the file cannot change what is restored.</item>
    /// <item>Verify the copy: whole, and in everything as this version or an earlier one makes it; and bring it up to date.</item>
    /// <item>Look whether the database holds anything; take over what was withdrawn since the backup.</item>
    /// <item>Replace the database by the copy (rename). At every moment there is either the old database or the new one.</item>
    /// <item>Audit.</item>
    /// </list>
    /// </summary>
    /// <param name="file">The backup.</param>
    /// <param name="force">Whether a database that holds anything is replaced.</param>
    /// <param name="cancellationToken">Ends the work; not after the database was replaced.</param>
    /// <returns>What was taken over; null where nothing is known of what was withdrawn after the backup was made.</returns>
    /// <exception cref="InputException">It cannot be restored, or would overwrite.</exception>
    /// <exception cref="MissingException">A node runs on this state folder.</exception>
    public async Task<Withdrawals?> RestoreAsync(string file, bool force, CancellationToken cancellationToken)
    {
        // 1. Keep every node out.
        state.Create();
        using var alone = state.TryLock(alone: true)
            ?? throw new MissingException($"a node runs on {state.Root}: stop it first");

        // 2. Copy beside the database.
        Probe(file);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var target = ((SqliteLazaretDb)db).File;
        var next = $"{target}.restoring";
        Delete(next);
        AuditDetail replaced;
        Withdrawals? withdrawn;
        try
        {
            await CopyAsync(file, next, cancellationToken);

            // 3. Verify the copy, and bring it up to date.
            await AdoptAsync(file, next, cancellationToken);

            // 4. Look whether the database holds anything; take over what was withdrawn.
            if (!force && File.Exists(target) && await HasRowsAsync(db, cancellationToken))
                throw new InputException($"{target}: holds a node's database already: --force replaces it by the backup");
            replaced = await DescribeAsync(db, cancellationToken);
            withdrawn = await Withdrawals.TakeOverAsync(target, next, cancellationToken);
            replaced.Add(withdrawn?.ToAudit() ?? new() { ["withdrawn"] = "unknown" });
            await db.Database.CloseConnectionAsync();
            SqliteConnection.ClearAllPools();

            // 5. Move the copy into the database's place.
            await ClearAsync(target, cancellationToken);
            File.Move(next, target, overwrite: true);
        }
        finally
        {
            Delete(next);
        }

        // 6. Audit.
        checkpoints.NoteRestore();
        await audit.WriteAsync(AuditAction.BackupRestored, AuditEntry.Operator, replaced, cancellationToken);
        return withdrawn;
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

    private static async Task CopyAsync(string file, string copy, CancellationToken cancellationToken)
    {
        try
        {
            await DatabaseFile.CopyAsync(file, copy, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw new InputException($"{file}: is damaged: {e.Message}");
        }
        catch (SqliteException e)
        {
            throw new InputException($"{file}: is no backup of Lazaret's, or is damaged: {e.Message.TrimEnd('.')}");
        }
    }

    private static async Task AdoptAsync(string file, string copy, CancellationToken cancellationToken)
    {
        try
        {
            await DatabaseFile.AdoptAsync(copy, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw new InputException(string.Join('\n', e.Message.Split('\n').Select(fault => $"{file}: {fault}")));
        }
        catch (SqliteException e)
        {
            throw new InputException($"{file}: is no backup of Lazaret's ({e.Message.TrimEnd('.')})");
        }
    }

    // A log that is not of the file would damage it. What the old one's log holds goes into the old file first, which then is whole by
    // itself until the moment it is replaced.
    private static async Task ClearAsync(string target, CancellationToken cancellationToken)
    {
        try
        {
            if (File.Exists(target))
                await DatabaseFile.FoldLogAsync(target, cancellationToken);
        }
        catch (SqliteException)
        {
            // It is damaged, and about to be replaced.
        }

        foreach (var beside in Beside)
            File.Delete(target + beside);
    }

    private static void Delete(string file)
    {
        foreach (var end in Beside.Prepend(""))
            File.Delete(file + end);
    }

    /// <summary>The end of the audit's chain that is about to go: copies of its checkpoints may be kept elsewhere.</summary>
    private static async Task<AuditDetail> DescribeAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        try
        {
            return await db.AuditChain.AsNoTracking().OrderByDescending(link => link.Number).FirstOrDefaultAsync(cancellationToken) is { Number: > 0 } last
                ? new AuditDetail { ["replaced_link"] = last.Number, ["replaced_hash"] = Convert.ToHexStringLower(last.Hash) }
                : [];
        }
        catch (DbException)
        {
            // There is no database, or none that can be read.
            return [];
        }
    }

    private static async Task<bool> HasRowsAsync(LazaretDb db, CancellationToken cancellationToken)
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
