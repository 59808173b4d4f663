using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Storage;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Lazaret.Tests.Audit.Chain;

/// <summary>PostgreSQL gives out few connections, and processes share them.</summary>
public sealed class FewConnectionsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writers_who_hold_all_connections_get_their_links()
    {
        await using var node = await StartAsync(";Maximum Pool Size=2");
        await node.Get<ChainStart>().RunAsync(Stop);
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ =>
        {
            await using var db = node.Open();
            await using var writing = await db.BeginWritingAsync(Stop);
            db.Audit.Add(AuditEntry.Of(AuditAction.RequestRefused, node.Time.GetUtcNow(), "busy", []));
            await db.SaveChangesAsync(Stop);
            await writing.CommitAsync(Stop);
        }));
        var report = await node.Get<ChainVerification>().RunAsync(1, given: null, Stop);
        Assert.Empty(report.Faults);
        Assert.Equal(13, report.Last);
    }

    [Theory]
    [InlineData("", 20)]
    [InlineData(";Minimum Pool Size=21", 21)]
    [InlineData(";Maximum Pool Size=100", 100)]
    [InlineData(";maxpoolsize=7", 7)]
    public async Task A_process_takes_twenty_connections_at_most_or_as_many_as_it_is_told(string said, int most)
    {
        await using var node = await StartAsync(said);
        await using var db = node.Open();
        Assert.Equal(most, new NpgsqlConnectionStringBuilder(db.Database.GetConnectionString()).MaxPoolSize);
    }

    private static async Task<TestNode> StartAsync(string said)
    {
        var database = new NpgsqlConnectionStringBuilder(await (await PostgresServer.SharedAsync()).CreateDatabaseAsync());
        // The tests' server has its own.
        database.Remove("Maximum Pool Size");
        return await TestNode.StartAsync(new NodeOptions { Database = new DatabaseOptions { Provider = DatabaseOptions.Postgres } }, ("Lazaret", database + said));
    }
}
