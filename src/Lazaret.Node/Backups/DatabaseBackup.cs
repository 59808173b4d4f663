using System.Data;
using System.Data.Common;
using Lazaret.Node.Audit;
using Lazaret.Node.Configuration;
using Lazaret.Node.Keys;
using Lazaret.Node.Programs;
using Lazaret.Node.Storage;
using Lazaret.Node.Storage.Faults;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Backups;

/// <summary>Writes backups.</summary>
internal sealed class DatabaseBackup(IDbContextFactory<LazaretDb> databases, AuditLog audit, BackupImages images, SchemaCheck schema, TimeProvider time)
{
    /// <summary>
    /// Writes a backup, while the node runs.
    /// <list type="number">
    /// <item>Audit that it begins, so that the copy says so, too; and whatever the end is, audit that.</item>
    /// <item>Copy the database to a file beside the backup, and see that a restore would take it.</item>
    /// <item>Write the manifest, the copy, the signatures and, if asked for, the images.</item>
    /// <item>Give the file its name, and write down when that was, with the file's name and SHA-256.</item>
    /// </list>
    /// </summary>
    /// <param name="withImages">Whether the images of registered programs are held.</param>
    /// <param name="view">The data view of the node, which no backup holds.</param>
    /// <exception cref="InputException">There is such a file already.</exception>
    /// <exception cref="MissingException">A program or an image that it takes is not there.</exception>
    /// <exception cref="UnrestorableException">A restore would refuse it.</exception>
    public async Task<BackupManifest> WriteAsync(string file, bool withImages, BackupManifest.View? view, CancellationToken cancellationToken)
    {
        if (Path.EndsInDirectorySeparator(file) || Directory.Exists(file))
            throw new InputException($"{file}: is a folder: name a file in it, like {Path.Combine(file, "lazaret.backup")}");
        if (File.Exists(file))
            throw new InputException($"{file}: is there already, and a backup overwrites nothing");
        if (BackupWriter.PartOf(file, BackupArchive.Database) is var copy && File.Exists(copy))
            throw new InputException($"{copy}: is there already: another backup is being written, or was interrupted and left it: delete it then");

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        using var backup = new BackupWriter(file);

        // 1. Audit that it begins.
        var detail = new AuditDetail { ["file"] = Path.GetFileName(file), ["with_images"] = withImages };
        await audit.WriteAsync(AuditAction.BackupBegun, AuditEntry.Operator, detail, cancellationToken);
        BackupManifest manifest;
        try
        {
            (manifest, var digest) = await WriteAsync(db, backup, file, withImages, view, cancellationToken);
            detail["sha256"] = Convert.ToHexStringLower(digest);
        }
        catch (Exception e)
        {
            detail["cause"] = e is OperationCanceledException ? "it was stopped" : e.GetType().Name;
            await TryAuditFailureAsync(detail);
            if (DatabaseWords.IsFullDisk(e))
                throw new MissingException($"no backup was made: {Path.GetDirectoryName(file)} has no room for it, and for a copy of the database meanwhile: make room (df -h, df -i), or write it elsewhere");
            throw;
        }

        // The file is there by now, whoever stops the command.
        await LastBackup.WriteAsync(db, time.GetUtcNow(), CancellationToken.None);
        await audit.WriteAsync(AuditAction.BackupMade, AuditEntry.Operator, detail, CancellationToken.None);
        return manifest;
    }

    private async Task<(BackupManifest Manifest, byte[] Digest)> WriteAsync(
        LazaretDb db, BackupWriter backup, string file, bool withImages, BackupManifest.View? view, CancellationToken cancellationToken)
    {
        // 2. Copy the database.
        var copy = BackupWriter.PartOf(file, BackupArchive.Database);
        BackupManifest manifest;
        try
        {
            manifest = db is SqliteLazaretDb sqlite
                ? await CopySqliteAsync(sqlite, copy, withImages, view, cancellationToken)
                : await CopyPostgresAsync(db, copy, withImages, view, cancellationToken);

            // 3. Write manifest, copy, signatures and images.
            if (manifest.Programs.FirstOrDefault(program => program.ImageHeld && !images.IsHere(program)) is { } absent)
                throw new MissingException($"the image of {absent.Name} is not in the state folder as it was registered: 'lazaret models verify' says more. Without --with-images a backup does without it");
            using (var text = new MemoryStream(manifest.Write()))
                backup.AddFile(BackupArchive.Manifest, text);
            await using (var database = new FileStream(copy, FileMode.Open, FileAccess.Read))
                backup.AddFile(BackupArchive.Database, database);
            images.Add(backup, manifest.Programs);
        }
        finally
        {
            File.Delete(copy);
        }

        // 4. Give the file its name.
        return (manifest, backup.Finish());
    }

    private async Task TryAuditFailureAsync(AuditDetail detail)
    {
        try
        {
            await audit.WriteAsync(AuditAction.BackupFailed, AuditEntry.Operator, detail, CancellationToken.None);
        }
        catch (Exception e) when (e is DbException or DbUpdateException or IOException)
        {
            // The same disk is full, or the database went away: the entry that it began stands alone then.
        }
    }

    private async Task<BackupManifest> CopySqliteAsync(SqliteLazaretDb db, string copy, bool withImages, BackupManifest.View? view, CancellationToken cancellationToken)
    {
        try
        {
            await DatabaseFile.CopyAsync(db.File, copy, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw new IOException($"the copy is damaged: {e.Message}", e);
        }

        await using var copied = await DatabaseFile.OpenAsync(copy, cancellationToken);
        await using var within = SqliteSchema.Over(copied);
        Require(await DatabaseFile.FaultsAsync(copied, within, cancellationToken));
        return await DescribeAsync(within, withImages, view, cancellationToken);
    }

    private static void Require(IReadOnlyList<string> faults)
    {
        if (faults.Count > 0)
            throw new UnrestorableException(faults);
    }

    private async Task<BackupManifest> CopyPostgresAsync(LazaretDb db, string copy, bool withImages, BackupManifest.View? view, CancellationToken cancellationToken)
    {
        // A restore compares the schema with the migrations', too.
        Require([.. (await schema.FaultsAsync(cancellationToken)).Select(fault => fault.What)]);
        // What the manifest says and what pg_dump copies are of one instant.
        await using var reading = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var snapshot = await db.Database.SqlQuery<string>($"SELECT pg_export_snapshot() AS \"Value\"").SingleAsync(cancellationToken);
        await BackupWriter.Create(copy).DisposeAsync();
        await PostgresPrograms.DumpAsync(db.Database.GetConnectionString()!, snapshot, copy, cancellationToken);
        return await DescribeAsync(db, withImages, view, cancellationToken);
    }

    private async Task<BackupManifest> DescribeAsync(LazaretDb db, bool withImages, BackupManifest.View? view, CancellationToken cancellationToken) => new()
    {
        Format = BackupManifest.CurrentFormat,
        Created = time.GetUtcNow(),
        NodeVersion = NodeVersion.Current,
        Schema = LaterSchema.Own(db),
        Database = db is SqliteLazaretDb ? DatabaseOptions.Sqlite : DatabaseOptions.Postgres,
        KeyRing = [.. (await db.KnownKeys.AsNoTracking().OrderBy(key => key.Id).ToListAsync(cancellationToken)).Select(key => new BackupManifest.Key(key.Id, key.Fingerprint, key.IsPrimary))],
        Programs = await ProgramsOf(db, withImages, cancellationToken),
        DataView = view,
    };

    /// <summary>The registered programs of a database.</summary>
    public static async Task<IReadOnlyList<BackupManifest.Program>> ProgramsOf(LazaretDb db, bool withImages, CancellationToken cancellationToken) =>
        [.. (await db.Programs.AsNoTracking().OrderBy(program => program.Key).ThenBy(program => program.Version).ToListAsync(cancellationToken))
            .Select(program => new BackupManifest.Program(program.Name, program.Digest, program.Content, withImages))];
}
