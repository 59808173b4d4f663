using System.Text;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Backups;
using Lazaret.Node.Images;
using Lazaret.Node.Programs;
using Lazaret.Node.Storage;
using Lazaret.Tests.Servers;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Lazaret.Tests.Backups;

/// <summary>What somebody did to a backup before it is restored.</summary>
public sealed class HostileBackupTests : IDisposable
{
    private const string Digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Backup => _folder["backup"];

    private static string Row(string key, string version, string digest, string content) =>
        "INSERT INTO Programs (Key, Version, Kind, Manifest, Digest, Content, Environment, AddedAt) "
        + $"VALUES ('{key}', '{version}', 'Model', '', '{digest}', '{content}', '{{}}', '2026-01-01 00:00:00')";

    [Theory]
    [InlineData("\u001f\u008b\b", "it is compressed by gzip: unpack it with gunzip")]
    [InlineData("PGDMP\u0001", "it is a dump by PostgreSQL's pg_dump, and no backup of Lazaret's")]
    [InlineData("root:x:0:0:root:/root:/bin/bash", "it is no backup of Lazaret's, or is damaged")]
    [InlineData("", "it is no backup of Lazaret's, or is damaged")]
    public async Task What_is_no_backup_is_named_for_what_it_is(string start, string name)
    {
        await File.WriteAllBytesAsync(Backup, Encoding.Latin1.GetBytes(start.PadRight(start.Length == 0 ? 0 : 1000)), Stop);
        Assert.Equal([name], (await BackupVerification.RunAsync(Backup, Stop)).Faults);
    }

    [Theory]
    [InlineData("lacks the trigger Audit_NoUPDATE", "DROP TRIGGER Audit_NoUPDATE")]
    [InlineData("another trigger Audit_NoDELETE", "DROP TRIGGER Audit_NoDELETE; CREATE TRIGGER Audit_NoDELETE BEFORE DELETE ON Audit BEGIN SELECT 1; END")]
    [InlineData("another trigger Audit_NoUPDATE", "DROP TRIGGER Audit_NoUPDATE; CREATE TRIGGER Audit_NoUPDATE BEFORE UPDATE ON Runs BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END")]
    [InlineData("holds the trigger evil", "CREATE TRIGGER evil AFTER INSERT ON Audit BEGIN DELETE FROM Runs; END")]
    [InlineData("holds the trigger late", "CREATE TRIGGER late AFTER INSERT ON __EFMigrationsHistory BEGIN DELETE FROM Jobs; END")]
    [InlineData("holds the table more", "CREATE TABLE more (x)")]
    [InlineData("holds the table sqlite_stat1", "ANALYZE")]
    [InlineData("holds the view seen", "CREATE VIEW seen AS SELECT * FROM Jobs")]
    [InlineData("lacks the table Audit", "DROP TABLE Audit; CREATE VIEW Audit AS SELECT 1 AS Sequence")]
    [InlineData("holds the index odd", "CREATE INDEX odd ON Jobs (upper(Requester))")]
    [InlineData("lacks the index IX_Jobs_Requester_IdempotencyKey", "DROP INDEX IX_Jobs_Requester_IdempotencyKey")]
    [InlineData("another index IX_Jobs_Requester_IdempotencyKey", "DROP INDEX IX_Jobs_Requester_IdempotencyKey; CREATE INDEX IX_Jobs_Requester_IdempotencyKey ON Jobs (Requester)")]
    [InlineData("another table Jobs", "ALTER TABLE Jobs ADD COLUMN more TEXT")]
    [InlineData("another table Runs", "ALTER TABLE Runs ADD COLUMN more TEXT GENERATED ALWAYS AS (Id) VIRTUAL")]
    [InlineData("another table Jobs", "ALTER TABLE Jobs RENAME COLUMN Requester TO Asker")]
    [InlineData("another table Audit", "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, '\"Actor\" TEXT NOT NULL', '\"Actor\" TEXT NOT NULL CHECK (1)') WHERE name = 'Audit'")]
    [InlineData("another table Audit", "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, '\"Actor\" TEXT', '\"Actor\" TEXT COLLATE NOCASE') WHERE name = 'Audit'")]
    [InlineData("another table Jobs", "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, '\"Requester\" TEXT NOT NULL', '\"Requester\" TEXT') WHERE name = 'Jobs'")]
    [InlineData("another table Credentials", "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, char(10) || '    \"RevokedAt\"', char(8232) || '    \"RevokedAt\"') WHERE name = 'Credentials'")]
    [InlineData("", "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = sql || ' WITHOUT ROWID' WHERE name = 'Runs'")]
    [InlineData("", "PRAGMA writable_schema = ON; INSERT INTO sqlite_master SELECT * FROM sqlite_master WHERE name = 'Audit_NoUPDATE'")]
    [InlineData("", "PRAGMA writable_schema = ON; DELETE FROM sqlite_master WHERE name = 'IX_Runs_JobId_Attempt'")]
    [InlineData("", "PRAGMA writable_schema = ON; UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'Jobs') WHERE name = 'Runs'")]
    [InlineData("", "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'nonsense' WHERE name = 'Audit_NoUPDATE'")]
    [InlineData("another application_id", "PRAGMA application_id = 7")]
    [InlineData("another user_version", "PRAGMA user_version = 7")]
    [InlineData("a row of Payloads refers to one that is not there", "INSERT INTO Payloads VALUES ('a', 'Input', 1, x'00')")]
    [InlineData("made by a later version", "INSERT INTO __EFMigrationsHistory VALUES ('29991231235959_Later', '10')")]
    [InlineData("list of migrations has gaps", "DELETE FROM __EFMigrationsHistory WHERE MigrationId LIKE '%_Turns'")]
    [InlineData("list of migrations has gaps", "DELETE FROM __EFMigrationsHistory")]
    [InlineData("no backup of Lazaret's", "DROP TABLE __EFMigrationsHistory")]
    public async Task A_backup_that_is_not_in_everything_as_we_make_it_is_refused_and_nothing_is_lost(string why, string change) => await IsRefusedAsync(why, change);

    [Theory]
    [InlineData("key", "../../x", "1.0.0", Digest, Digest)]
    [InlineData("key", "", "1.0.0", Digest, Digest)]
    [InlineData("version", "sepsis", "1.0.0/../../x", Digest, Digest)]
    [InlineData("version", "sepsis", "01.0.0", Digest, Digest)]
    [InlineData("digest", "sepsis", "1.0.0", "../../victim", Digest)]
    [InlineData("digest", "sepsis", "1.0.0", "/etc", Digest)]
    [InlineData("digest", "sepsis", "1.0.0", "", Digest)]
    [InlineData("digest", "sepsis", "1.0.0", ".", Digest)]
    [InlineData("digest", "sepsis", "1.0.0", "sha256:../../../victim", Digest)]
    [InlineData("digest", "sepsis", "1.0.0", Digest + "\n", Digest)]
    [InlineData("digest", "sepsis", "1.0.0", Digest, "../../victim")]
    public async Task A_row_that_names_a_path_is_refused(string what, string key, string version, string digest, string content) =>
        await IsRefusedAsync($"holds a malformed {what}", Row(key, version, digest, content));

    [Fact]
    public async Task A_row_that_came_into_the_database_by_another_way_removes_nothing()
    {
        await using var node = await DatabaseUnderTest.SqliteAsync();
        _folder.Write("victim/file", "");
        var digest = Path.GetRelativePath(node.Get<StateFolder>().Models, _folder["victim"]);
        await ExecuteAsync(node.Get<StateFolder>().Database, Row("sepsis", "1.0.0", digest, Digest));
        var programs = node.Get<ProgramRegistry>();
        await Assert.ThrowsAsync<InvalidDataException>(() => programs.RemoveAsync(ProgramKind.Model, "sepsis", "1.0.0", AuditEntry.Operator, Stop));
        await Assert.ThrowsAsync<InvalidDataException>(() => programs.ListAsync(ProgramKind.Model, Stop));
        Assert.True(File.Exists(_folder["victim/file"]));
        Assert.Throws<ArgumentException>(() => node.Get<ImageStore>().Remove(digest));
    }

    [Fact]
    public async Task An_untouched_backup_is_restored_even_if_somebody_seems_to_be_migrating_in_it()
    {
        await using var node = await NodeAsync();
        await ExecuteAsync(Backup, "INSERT INTO __EFMigrationsLock VALUES (1, '2026-01-01 00:00:00')");
        await node.Get<AuditLog>().WriteAsync(AuditAction.RequestRefused, "later", [], Stop);
        await node.Get<BackupRestore>().RestoreAsync(Backup, force: true, _ => { }, Stop);
        Assert.Equal(["before", AuditEntry.Operator, AuditEntry.Operator], await ActorsAsync(node));
        await node.Get<SchemaCheck>().RequireAsync(Stop);
        Assert.Equal("wal", await ScalarAsync(node.Get<StateFolder>().Database, "PRAGMA journal_mode"));
    }

    [Theory]
    [InlineData("Initial")]
    [InlineData("Turns")]
    [InlineData("Webhooks")]
    [InlineData("Programs")]
    public async Task A_backup_of_an_earlier_version_is_held_and_then_brought_up_to_date(string last)
    {
        await using (var old = new SqliteLazaretDb(new DbContextOptionsBuilder<SqliteLazaretDb>().UseSqlite($"Data Source={Backup};Pooling=False").Options))
        {
            await old.GetService<IMigrator>().MigrateAsync(last, Stop);
            await old.Database.ExecuteSqlAsync($"INSERT INTO Audit (At, Actor, Action, Detail) VALUES ('2026-01-01 00:00:00', 'before', 'JobAdmitted', '')", Stop);
        }

        File.Copy(Backup, _folder["changed"]);
        await ExecuteAsync(_folder["changed"], "DROP TRIGGER Audit_NoREPLACE");
        await using var node = await DatabaseUnderTest.SqliteAsync();
        var refusal = await Assert.ThrowsAsync<InputException>(() => node.Get<BackupRestore>().RestoreAsync(_folder["changed"], force: true, _ => { }, Stop));
        Assert.Contains("lacks the trigger Audit_NoREPLACE", refusal.Message, StringComparison.Ordinal);

        await node.Get<BackupRestore>().RestoreAsync(Backup, force: true, _ => { }, Stop);
        Assert.Equal(["before", AuditEntry.Operator], await ActorsAsync(node));
        await node.Get<SchemaCheck>().RequireAsync(Stop);
    }

    [Fact]
    public async Task A_FIFO_is_no_backup()
    {
        await using var node = await DatabaseUnderTest.SqliteAsync();
        var refusal = await Assert.ThrowsAsync<InputException>(() => node.Get<BackupRestore>().RestoreAsync(_folder.MakePipe("fifo"), force: true, _ => { }, Stop));
        Assert.Contains("is no regular file", refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    private async Task IsRefusedAsync(string why, string change)
    {
        await using var node = await NodeAsync();
        await ExecuteAsync(Backup, change);
        await node.Get<AuditLog>().WriteAsync(AuditAction.RequestRefused, "later", [], Stop);

        var refusal = await Assert.ThrowsAsync<InputException>(() => node.Get<BackupRestore>().RestoreAsync(Backup, force: true, _ => { }, Stop));
        Assert.StartsWith($"{Backup}: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["before", AuditEntry.Operator, "later"], await ActorsAsync(node));
        Assert.Empty(Directory.EnumerateFiles(node.Get<StateFolder>().Root, "*.restoring*"));
    }

    private async Task<TestNode> NodeAsync()
    {
        var node = await DatabaseUnderTest.SqliteAsync();
        await node.Get<AuditLog>().WriteAsync(AuditAction.RequestRefused, "before", [], Stop);
        await node.Get<AuditLog>().WriteAsync(AuditAction.BackupMade, AuditEntry.Operator, [], Stop);
        // As versions before the archive made it.
        await DatabaseFile.CopyAsync(node.Get<StateFolder>().Database, Backup, Stop);
        return node;
    }

    private static async Task<List<string>> ActorsAsync(TestNode node)
    {
        await using var db = node.Open();
        return await db.Audit.OrderBy(entry => entry.Sequence).Select(entry => entry.Actor).ToListAsync(Stop);
    }

    private static async Task ExecuteAsync(string file, string statements)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False;Foreign Keys=False");
        await connection.OpenAsync(Stop);
        await using var command = connection.CreateCommand();
        command.CommandText = statements;
        await command.ExecuteNonQueryAsync(Stop);
    }

    private static async Task<object?> ScalarAsync(string file, string statement)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync(Stop);
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        return await command.ExecuteScalarAsync(Stop);
    }
}
