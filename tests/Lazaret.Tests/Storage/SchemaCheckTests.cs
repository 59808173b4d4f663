using Lazaret.Node;
using Lazaret.Node.Storage;
using Lazaret.Tests.Servers;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Storage;

/// <summary>What was done to the database while no node ran; the line that a node says then mends it.</summary>
public sealed class SchemaCheckTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("DROP TRIGGER Audit_NoUPDATE")]
    [InlineData("DROP TRIGGER Audit_NoDELETE; DROP TRIGGER Audit_NoREPLACE")]
    [InlineData("CREATE TRIGGER evil AFTER INSERT ON Jobs BEGIN DELETE FROM Runs; END")]
    [InlineData("DROP TRIGGER Audit_NoDELETE; CREATE TRIGGER Audit_NoDELETE BEFORE DELETE ON Audit BEGIN SELECT 1; END")]
    [InlineData("DROP TRIGGER AuditChain_NoUPDATE")]
    [InlineData("DROP TRIGGER AuditCheckpoints_NoDELETE; DROP TRIGGER AuditChain_NoREPLACE")]
    [InlineData("ANALYZE")]
    [InlineData("CREATE VIEW seen AS SELECT * FROM Jobs")]
    [InlineData("DROP INDEX IX_Runs_JobId_Attempt")]
    public async Task What_was_changed_in_SQLites_schema_is_said_with_what_mends_it(string change)
    {
        await using var node = await DatabaseUnderTest.SqliteAsync();
        await IsNoticedAsync(node, change);
    }

    [Fact]
    public async Task A_new_SQLite_database_is_what_the_migrations_make()
    {
        await using var migrated = new SqliteConnection("Data Source=:memory:");
        await using var made = new SqliteConnection("Data Source=:memory:");
        await migrated.OpenAsync(Stop);
        await made.OpenAsync(Stop);
        await using (var db = SqliteSchema.Over(migrated))
            await db.Database.MigrateAsync(Stop);
        var last = (await SqliteSchema.MigrationsAsync(migrated, Stop))[^1];
        await SqliteSchema.MakeAsync(made, last, Stop);

        // eng/add-migration writes it anew.
        using var written = new StreamReader(typeof(SqliteSchema).Assembly.GetManifestResourceStream("schema.sql")!);
        Assert.Equal($"-- {last}", await written.ReadLineAsync(Stop));
        Assert.Empty(await SqliteSchema.FaultsAsync(migrated, last, Stop));
        Assert.Equal(await RowsAsync(migrated), await RowsAsync(made));
    }

    [Theory]
    [InlineData("""DROP TRIGGER audit_only_grows ON "Audit" """)]
    [InlineData("""ALTER TABLE "Audit" DISABLE TRIGGER audit_only_grows""")]
    [InlineData("""CREATE OR REPLACE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$""")]
    [InlineData("""DROP TRIGGER audit_only_grows ON "Audit"; CREATE TRIGGER audit_only_grows BEFORE DELETE ON "Audit" FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()""")]
    [InlineData("""CREATE TRIGGER evil BEFORE INSERT ON "Audit" FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()""")]
    [InlineData("""CREATE TRIGGER evil BEFORE INSERT ON "Jobs" FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()""")]
    [InlineData("""DROP TRIGGER audit_only_grows ON "AuditChain" """)]
    [InlineData("""ALTER TABLE "AuditCheckpoints" DISABLE TRIGGER audit_only_grows""")]
    [InlineData("""CREATE RULE evil AS ON DELETE TO "Runs" DO INSTEAD NOTHING""")]
    public async Task What_acts_by_itself_on_PostgreSQL_is_said_with_what_mends_it(string change)
    {
        await using var node = await DatabaseUnderTest.PostgresAsync();
        await IsNoticedAsync(node, change);
    }

    [Theory]
    [InlineData("""ALTER TABLE "Jobs" DROP COLUMN "Requester" CASCADE""", "lacks the column Requester of Jobs")]
    [InlineData("""DROP TABLE "SpentTokens" CASCADE""", "lacks the table SpentTokens")]
    public async Task What_is_gone_from_PostgreSQL_is_said(string change, string said)
    {
        await using var node = await DatabaseUnderTest.PostgresAsync();
        await using var db = node.Open();
        await db.Database.ExecuteSqlRawAsync(change, Stop);
        Assert.Equal(said, Assert.Single(await node.Get<SchemaCheck>().FaultsAsync(Stop)).What);
    }

    /// <summary>As a restore by other means, or a hand, leaves it.</summary>
    [Theory]
    [InlineData(false, true, "is of the schema")]
    [InlineData(false, false, "its list of migrations lacks")]
    [InlineData(true, false, "its list of migrations lacks")]
    public async Task A_database_whose_migrations_are_half_recorded_is_not_brought_up_to_date(bool isPostgres, bool isLast, string said)
    {
        await using var node = await (isPostgres ? DatabaseUnderTest.PostgresAsync() : DatabaseUnderTest.SqliteAsync());
        await using var db = node.Open();
        var applied = db.Database.GetMigrations().ToList();
        Assert.Null(await SchemaCheck.FaultBetweenAsync(db, Stop));
        await db.Database.ExecuteSqlAsync($"DELETE FROM \"__EFMigrationsHistory\" WHERE \"MigrationId\" = {applied[isLast ? ^1 : ^2]}", Stop);
        Assert.Contains(said, await SchemaCheck.FaultBetweenAsync(db, Stop), StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<MissingException>(() => node.Get<DatabaseMigration>().RunAsync(force: true, Stop));
        Assert.Contains("cannot be brought up to date", refused.Message, StringComparison.Ordinal);
        Assert.Contains("lazaret restore", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Every row of every table. Of EF Core's own table only the names count: it holds the version by which each was applied, too.</summary>
    private static async Task<List<string>> RowsAsync(SqliteConnection database)
    {
        var rows = new List<string>(await SqliteSchema.MigrationsAsync(database, Stop));
        foreach (var table in await SqliteSchema.ReadAsync(database, "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> '__EFMigrationsHistory' ORDER BY name", Stop))
            rows.AddRange((await SqliteSchema.ReadAsync(database, $"SELECT * FROM \"{table[0]}\"", Stop)).Select(row => $"{table[0]}: {string.Join('|', row)}"));
        return rows;
    }

    private static async Task IsNoticedAsync(TestNode node, string change)
    {
        var check = node.Get<SchemaCheck>();
        await check.RequireAsync(Stop);
        await using var db = node.Open();
        await db.Database.ExecuteSqlRawAsync(change, Stop);

        var faults = await check.FaultsAsync(Stop);
        Assert.NotEmpty(faults);
        var said = (await Assert.ThrowsAsync<MissingException>(() => check.RequireAsync(Stop))).Message;
        foreach (var fault in faults)
        {
            Assert.Contains(fault.Mend!, said, StringComparison.Ordinal);
            await db.Database.ExecuteSqlRawAsync(fault.Mend!, Stop);
        }

        await check.RequireAsync(Stop);
    }
}
