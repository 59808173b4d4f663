using System.Globalization;
using Lazaret.Node.Linux;
using Lazaret.Node.Storage;
using Lazaret.Node.Storage.Faults;
using Microsoft.Data.Sqlite;

namespace Lazaret.Node.Backups;

/// <summary>Whether a backup can be restored by this version: nothing of a node is looked at or changed.</summary>
internal static class BackupVerification
{
    /// <summary>For what a migration writes beside the copy.</summary>
    private const long Spare = 16 << 20;

    /// <returns>What it says of itself, which backups of earlier versions do not; and what is wrong, a line each: nothing when it can be restored.</returns>
    /// <exception cref="InputException">There is no such file, or it may not be read.</exception>
    /// <exception cref="MissingException">A program is missing, or room for a copy of the database.</exception>
    public static async Task<(BackupManifest? Manifest, IReadOnlyList<string> Faults)> RunAsync(string file, CancellationToken cancellationToken)
    {
        BackupManifest? manifest = null;
        try
        {
            if (BackupArchive.IsPlainDatabase(file))
                return (null, await CheckSqliteAsync(new FileInfo(file).Length, copy => DatabaseFile.CopyAsync(file, copy, cancellationToken), cancellationToken));
            manifest = BackupArchive.Verify(file);
            if (manifest.Database == DatabaseOptions.Sqlite)
                return (manifest, await CheckSqliteAsync(BackupArchive.DatabaseLength(file), copy => UnpackAsync(file, copy, cancellationToken), cancellationToken));
            var applied = await PostgresPrograms.ReadMigrationsAsync(() => BackupArchive.OpenDatabase(file), cancellationToken);
            await using var db = new PostgresLazaretDb.Design().CreateDbContext([]);
            return (manifest, LaterSchema.Find(db, applied) is { } later ? [$"was made by a later version of Lazaret, with the schema {later}: restore it with that version"]
                : applied.Count == 0 ? ["its database is none of Lazaret's: it has no list of migrations"]
                : []);
        }
        catch (Exception e) when (e is InvalidDataException or SqliteException)
        {
            return (manifest, [.. e.Message.TrimEnd('.').Split('\n')]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file}: {e.Message}");
        }
    }

    // In a folder of its own that nobody else may enter: the copy is brought up to date, as a restore would.
    private static async Task<IReadOnlyList<string>> CheckSqliteAsync(long bytes, Func<string, Task> copyAsync, CancellationToken cancellationToken)
    {
        var temp = Path.GetTempPath();
        DirectoryInfo folder;
        try
        {
            if (new DriveInfo(temp).AvailableFreeSpace < bytes + Spare)
                throw NoRoom();
            folder = Directory.CreateTempSubdirectory("lazaret-verify-");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MissingException($"{temp}: {e.Message}: set TMPDIR to a folder that may be written to");
        }

        try
        {
            var copy = Path.Combine(folder.FullName, "lazaret.db");
            await copyAsync(copy);
            await using (var database = await DatabaseFile.OpenAsync(copy, cancellationToken))
            {
                if (await SqliteSchema.DamageAsync(database, cancellationToken) is { } damage)
                    return [$"its database is damaged: {damage}"];
            }

            await DatabaseFile.AdoptAsync(copy, cancellationToken);
            return [];
        }
        catch (Exception e) when (DatabaseWords.IsFullDisk(e))
        {
            throw NoRoom();
        }
        finally
        {
            FolderDeletion.Delete(folder.FullName);
        }

        MissingException NoRoom() => new(string.Create(
            CultureInfo.InvariantCulture, $"the backup was not verified: its database is copied for that, which needs {(bytes + Spare) >> 20} MiB in {temp}: set TMPDIR to a folder with as much room"));
    }

    private static async Task UnpackAsync(string file, string copy, CancellationToken cancellationToken)
    {
        await using var from = BackupArchive.OpenDatabase(file);
        await using var to = BackupWriter.Create(copy);
        await from.CopyToAsync(to, cancellationToken);
    }
}
