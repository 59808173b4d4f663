using System.Data.Common;
using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Audit.Chain.Copies;
using Lazaret.Node.Linux;
using Lazaret.Node.Storage;
using Lazaret.Node.Storage.Faults;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Backups;

/// <summary>Puts backups back.</summary>
internal sealed class BackupRestore(
    IDbContextFactory<LazaretDb> databases, StateFolder state, DatabaseMigration migration, SchemaCheck schema, AuditLog audit, CheckpointCopies checkpoints, BackupImages images)
{
    /// <summary>
    /// Puts a backup in the database's place.
    /// <list type="number">
    /// <item>Keep every node of this state folder out.</item>
    /// <item>Read the whole backup: every file as it was written, of this kind of database.</item>
    /// <item>Say what the backup needs and does not hold.</item>
    /// <item>Replace the database; on SQLite, take over what was withdrawn since the backup. At every moment there is either the old one or the new one.</item>
    /// <item>Lay the images that are held where they belong.</item>
    /// <item>Note when the backup was made, as the last one of this database, and audit.</item>
    /// </list>
    /// </summary>
    /// <param name="force">Whether a database that holds anything is replaced.</param>
    /// <param name="report">Told of the backup's manifest before anything is changed; backups of earlier versions have none.</param>
    /// <returns>What was taken over; null where nothing is known of what was withdrawn after the backup was made, and always on PostgreSQL.</returns>
    /// <exception cref="InputException">It cannot be restored, or would overwrite.</exception>
    /// <exception cref="MissingException">A node runs on this state folder or database, or a program is missing.</exception>
    public async Task<Withdrawals?> RestoreAsync(string file, bool force, Action<BackupManifest> report, CancellationToken cancellationToken)
    {
        // A command that is mistyped makes no state folder.
        if (!File.Exists(file) && !Directory.Exists(state.Root))
            throw new InputException($"{file}: there is no such file");

        // 1. Keep every node out.
        state.Create();
        using var alone = state.TryLock(alone: true) ?? throw new MissingException($"a node runs on {state.Root}: stop it first");
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var kind = db is SqliteLazaretDb ? DatabaseOptions.Sqlite : DatabaseOptions.Postgres;

        // 2. Read the whole backup. 3. Say what it needs.
        var manifest = Reading(file, () => BackupArchive.IsPlainDatabase(file) ? null : BackupArchive.Verify(file));
        if ((manifest?.Database ?? DatabaseOptions.Sqlite) is var theirs && theirs != kind)
            throw new InputException($"{file}: is of a {theirs} database, and Lazaret:Database:Provider is {kind}");
        if (manifest is not null)
            report(manifest);

        // 4. Replace the database.
        var replaced = await DescribeAsync(db, cancellationToken);
        Withdrawals? withdrawn = null;
        if (db is SqliteLazaretDb sqlite)
            withdrawn = await ReplaceSqliteAsync(sqlite, file, manifest is null, force, cancellationToken);
        else
            await ReplacePostgresAsync(db, file, force, cancellationToken);
        replaced.Add(withdrawn?.ToAudit() ?? new() { ["withdrawn"] = "unknown" });

        // 5. Lay the images where they belong.
        if (manifest is not null)
            await RestoreImagesAsync(file, manifest, cancellationToken);

        // 6. Note when the backup was made, and audit.
        if (manifest is not null)
        {
            await using var restored = await databases.CreateDbContextAsync(cancellationToken);
            await LastBackup.WriteAsync(restored, manifest.Created, cancellationToken);
        }

        checkpoints.NoteRestore();
        await audit.WriteAsync(AuditAction.BackupRestored, AuditEntry.Operator, replaced, cancellationToken);
        return withdrawn;
    }

    private async Task RestoreImagesAsync(string file, BackupManifest manifest, CancellationToken cancellationToken)
    {
        // The names come from the database, whose texts were checked; the manifest only says which are held.
        var held = manifest.Programs.Where(program => program.ImageHeld).Select(program => program.Digest).ToHashSet(StringComparer.Ordinal);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var programs = (await DatabaseBackup.ProgramsOf(db, withImages: false, cancellationToken)).Select(program => program with { ImageHeld = held.Contains(program.Digest) }).ToList();
        try
        {
            await images.RestoreAsync(file, programs, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw new InputException($"{file}: {e.Message}. The database is restored; of the images, copy those that are missing from the machine where they were added");
        }
    }

    private static async Task<Withdrawals?> ReplaceSqliteAsync(SqliteLazaretDb db, string file, bool isPlain, bool force, CancellationToken cancellationToken)
    {
        var place = db.File;
        // From here on, whoever gave the file cannot change what is restored.
        var next = $"{place}.restoring";
        DatabaseFile.Delete(next);
        try
        {
            await CopyAsync(file, isPlain, next, cancellationToken);
            await AdoptAsync(file, next, cancellationToken);
            if (!force && File.Exists(place) && await HoldsAnythingAsync(db, cancellationToken))
                throw new InputException($"{place}: holds a database already: --force replaces it by the backup");
            var withdrawn = await Withdrawals.TakeOverAsync(place, next, cancellationToken);
            await db.Database.CloseConnectionAsync();
            SqliteConnection.ClearAllPools();
            await DatabaseFile.ReplaceAsync(place, next, cancellationToken);
            return withdrawn;
        }
        finally
        {
            DatabaseFile.Delete(next);
        }
    }

    private async Task ReplacePostgresAsync(LazaretDb db, string file, bool force, CancellationToken cancellationToken)
    {
        var target = new PostgresTarget(db);
        var applied = await ReadingAsync(file, () => PostgresPrograms.ReadMigrationsAsync(() => BackupArchive.OpenDatabase(file), cancellationToken));
        if (LaterSchema.Find(db, applied) is { } later)
            throw new InputException($"{file}: was made by a later version of Lazaret, with the schema {later}, and the schema of this one is {LaterSchema.Own(db)}: restore it with that version");
        if (applied.Count == 0)
            throw new InputException($"{file}: is no backup of Lazaret's: it has no list of migrations");
        await target.HoldAloneAsync(cancellationToken);
        var isFull = await target.HoldsAnythingAsync(cancellationToken);
        if (isFull && !force)
            throw new InputException("ConnectionStrings:Lazaret: this database holds tables already: --force replaces them by the backup");
        await using var aside = isFull ? await target.PutAsideAsync(cancellationToken) : null;
        await PostgresPrograms.RestoreAsync(db.Database.GetConnectionString()!, () => BackupArchive.OpenDatabase(file), cancellationToken);
        await migration.RunAsync(force: true, isRestore: true, cancellationToken);
        await schema.RequireAsync(cancellationToken);
        if (aside is not null)
            await aside.DropAsync(cancellationToken);
    }

    private static async Task CopyAsync(string file, bool isPlain, string copy, CancellationToken cancellationToken)
    {
        try
        {
            if (isPlain)
            {
                await DatabaseFile.CopyAsync(file, copy, cancellationToken);
                return;
            }

            await using var from = BackupArchive.OpenDatabase(file);
            await using var to = new FileStream(copy, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnFile.Mode });
            await from.CopyToAsync(to, cancellationToken);
            to.Flush(flushToDisk: true);
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

    /// <summary>The end of the audit's chain that is about to go: copies of its checkpoints may be kept elsewhere.</summary>
    private static async Task<AuditDetail> DescribeAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        try
        {
            if (db is SqliteLazaretDb { File: var place } && !File.Exists(place))
                return [];
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

    private static async Task<bool> HoldsAnythingAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        try
        {
            // Whatever a node does, it audits. Another program's tables are not ours to replace, either.
            return (await LostDatabase.FindForeignAsync(db, cancellationToken)).Count > 0 || ((await db.Database.GetAppliedMigrationsAsync(cancellationToken)).Any() && await db.Audit.AnyAsync(cancellationToken));
        }
        catch (DbException)
        {
            // Damaged, or of an earlier version: it may hold something.
            return true;
        }
    }

    private static T Reading<T>(string file, Func<T> read) => ReadingAsync(file, () => Task.FromResult(read())).GetAwaiter().GetResult();

    private static async Task<T> ReadingAsync<T>(string file, Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file}: {e.Message}");
        }
    }
}
