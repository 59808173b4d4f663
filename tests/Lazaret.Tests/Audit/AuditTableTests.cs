using System.Data.Common;
using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Audit;

public sealed class AuditTableTests
{
    [Theory]
    [InlineData("UPDATE Audit SET Actor = 'nobody'")]
    [InlineData("DELETE FROM Audit")]
    [InlineData("INSERT OR REPLACE INTO Audit SELECT Sequence, At, 'nobody', Action, JobId, Detail, Proof FROM Audit")]
    public async Task Sqlite_refuses_to_change_an_entry(string statement)
    {
        await using var node = await DatabaseUnderTest.SqliteAsync();
        await IsRefusedAsync(node, statement);
    }

    [Theory]
    [InlineData("""UPDATE "Audit" SET "Actor" = 'nobody'""")]
    [InlineData("""DELETE FROM "Audit" """)]
    [InlineData("""TRUNCATE "Audit" """)]
    [InlineData("""INSERT INTO "Audit" SELECT * FROM "Audit" ON CONFLICT ("Sequence") DO UPDATE SET "Actor" = 'nobody'""")]
    public async Task Postgres_refuses_to_change_an_entry(string statement)
    {
        await using var node = await DatabaseUnderTest.PostgresAsync();
        await IsRefusedAsync(node, statement);
    }

    [Theory]
    [InlineData("UPDATE AuditChain SET Hash = Previous")]
    [InlineData("DELETE FROM AuditChain")]
    [InlineData("INSERT OR REPLACE INTO AuditChain SELECT Number + 100, Sequence, Previous, Hash FROM AuditChain")]
    [InlineData("INSERT OR REPLACE INTO AuditChain SELECT Number, Sequence + 100, Previous, Hash FROM AuditChain")]
    [InlineData("UPDATE AuditCheckpoints SET Hash = Signature")]
    [InlineData("DELETE FROM AuditCheckpoints")]
    [InlineData("INSERT OR REPLACE INTO AuditCheckpoints SELECT Number, Hash, 0, PublicKey, Signature FROM AuditCheckpoints")]
    public async Task Sqlite_refuses_to_change_a_link_or_a_checkpoint(string statement)
    {
        await using var node = await DatabaseUnderTest.SqliteAsync();
        await node.Get<ChainStart>().RunAsync(TestContext.Current.CancellationToken);
        await using var db = node.Open();
        var refusal = await Assert.ThrowsAnyAsync<DbException>(() => db.Database.ExecuteSqlRawAsync(statement, TestContext.Current.CancellationToken));
        Assert.Contains("the audit only grows", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""UPDATE "AuditChain" SET "Hash" = "Previous" """)]
    [InlineData("""DELETE FROM "AuditChain" """)]
    [InlineData("""TRUNCATE "AuditChain" """)]
    [InlineData("""UPDATE "AuditCheckpoints" SET "Hash" = "Signature" """)]
    [InlineData("""DELETE FROM "AuditCheckpoints" """)]
    [InlineData("""TRUNCATE "AuditCheckpoints" """)]
    public async Task Postgres_refuses_to_change_a_link_or_a_checkpoint(string statement)
    {
        await using var node = await DatabaseUnderTest.PostgresAsync();
        await using var db = node.Open();
        var refusal = await Assert.ThrowsAnyAsync<DbException>(() => db.Database.ExecuteSqlRawAsync(statement, TestContext.Current.CancellationToken));
        Assert.Contains("the audit only grows", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task IsRefusedAsync(TestNode node, string statement)
    {
        var stop = TestContext.Current.CancellationToken;
        await node.Get<AuditLog>().WriteAsync(AuditAction.RequestRefused, "somebody", [], stop);
        await using var db = node.Open();

        var refusal = await Assert.ThrowsAnyAsync<DbException>(() => db.Database.ExecuteSqlRawAsync(statement, stop));
        Assert.Contains("the audit only grows", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("somebody", (await db.Audit.SingleAsync(stop)).Actor);
    }
}
