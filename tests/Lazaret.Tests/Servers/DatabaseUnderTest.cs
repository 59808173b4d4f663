using Lazaret.Node;
using Lazaret.Node.Storage;

namespace Lazaret.Tests.Servers;

/// <summary>The databases that one suite runs on.</summary>
internal static class DatabaseUnderTest
{
    public static Task<TestNode> SqliteAsync(NodeOptions? options = null) => TestNode.StartAsync(options);

    /// <summary>On an empty database of the test run's PostgreSQL server.</summary>
    public static async Task<TestNode> PostgresAsync(NodeOptions? options = null)
    {
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        return await TestNode.StartAsync(
            (options ?? new NodeOptions()) with { Database = new DatabaseOptions { Provider = DatabaseOptions.Postgres } }, ("Lazaret", database));
    }
}
