using Lazaret.Node.Audit;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Audit;

public sealed class AuditTableTests
{
    [Theory]
    [InlineData("UPDATE Audit SET Actor = 'nobody'")]
    [InlineData("DELETE FROM Audit")]
    [InlineData("INSERT OR REPLACE INTO Audit SELECT Sequence, At, 'nobody', Action, JobId, Detail FROM Audit")]
    public async Task The_database_refuses_to_change_an_entry(string statement)
    {
        var stop = TestContext.Current.CancellationToken;
        await using var node = await TestNode.StartAsync();
        await node.Get<AuditLog>().WriteAsync(AuditAction.RequestRefused, "somebody", [], stop);
        await using var db = node.Open();

        var refusal = await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(() => db.Database.ExecuteSqlRawAsync(statement, stop));
        Assert.Contains("the audit only grows", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("somebody", (await db.Audit.SingleAsync(stop)).Actor);
    }
}
