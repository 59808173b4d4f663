using System.Security.Cryptography;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Backups;
using Lazaret.Node.Storage;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Backups;

public sealed class BackupAuditSqliteTests() : BackupAuditConformance(DatabaseUnderTest.SqliteAsync);

public sealed class BackupAuditPostgresTests() : BackupAuditConformance(DatabaseUnderTest.PostgresAsync);

/// <summary>What the audit says of backups, on each database.</summary>
public abstract class BackupAuditConformance(Func<NodeOptions?, Task<TestNode>> start)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backup_takes_the_place_of_nobody_elses_file()
    {
        using var folder = new TemporaryFolder();
        await using var node = await start(null);
        var (refused, file) = (folder["refused"], folder["backup"]);
        // The database is copied there first.
        await File.WriteAllTextAsync($"{refused}.database", "precious", Stop);
        var refusal = await Assert.ThrowsAsync<InputException>(() => node.Get<DatabaseBackup>().WriteAsync(refused, withImages: false, view: null, Stop));
        Assert.Contains("refused.database: is there already", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync($"{refused}.database", Stop));
        Assert.False(File.Exists(refused));
        await node.Get<DatabaseBackup>().WriteAsync(file, withImages: false, view: null, Stop);

        await using var db = node.Open();
        var entries = await db.Audit.Where(entry => entry.Detail.Contains("with_images")).OrderBy(entry => entry.Sequence).ToListAsync(Stop);
        Assert.Equal([AuditAction.BackupBegun, AuditAction.BackupMade], entries.Select(entry => entry.Action));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file, Stop))), AuditDetail.Read(entries[1].Detail, "sha256"));
    }

    [Fact]
    public async Task A_backup_that_a_restore_would_refuse_is_not_kept_and_audited_as_failed()
    {
        using var folder = new TemporaryFolder();
        await using var node = await start(null);
        await using var db = node.Open();
        await db.Database.ExecuteSqlRawAsync(db is SqliteLazaretDb ? "DROP TRIGGER Audit_NoUPDATE" : "DROP TRIGGER audit_only_grows ON \"Audit\"", Stop);

        var refusal = await Assert.ThrowsAsync<UnrestorableException>(() => node.Get<DatabaseBackup>().WriteAsync(folder["backup"], withImages: false, view: null, Stop));
        Assert.Contains("lacks the trigger", Assert.Single(refusal.Faults), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        Assert.Null(await LastBackup.ReadAsync(db, Stop));
        Assert.Equal(
            [AuditAction.BackupBegun, AuditAction.BackupFailed],
            (await db.Audit.Where(entry => entry.Detail.Contains("with_images")).OrderBy(entry => entry.Sequence).ToListAsync(Stop)).Select(entry => entry.Action));
    }

    [Theory]
    [InlineData("there")]
    [InlineData("not-there/")]
    public async Task A_backup_to_a_folder_is_refused_before_anything_is_copied(string target)
    {
        using var folder = new TemporaryFolder();
        await using var node = await start(null);
        Directory.CreateDirectory(folder["there"]);
        var refusal = await Assert.ThrowsAsync<InputException>(() => node.Get<DatabaseBackup>().WriteAsync(folder[target], withImages: false, view: null, Stop));
        Assert.Contains("is a folder: name a file in it", refusal.Message, StringComparison.Ordinal);
        await using var db = node.Open();
        Assert.False(await db.Audit.AnyAsync(entry => entry.Action == AuditAction.BackupBegun, Stop));
    }
}
