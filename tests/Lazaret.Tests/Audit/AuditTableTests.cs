using System.Data.Common;
using Lazaret.Node.Audit;
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
