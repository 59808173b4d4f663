using Lazaret.Node;
using Lazaret.Node.Storage;

namespace Lazaret.Tests.Servers;

/// <summary>The databases that one suite runs on.</summary>
internal static class DatabaseUnderTest
{
    /// <summary>Migrated once, and then copied: that is several times as fast.</summary>
    private static readonly Lazy<Task<string>> Migrated = new(MigrateAsync);

    public static Task<TestNode> SqliteAsync(NodeOptions? options = null) => TestNode.StartAsync(options);

    /// <summary>On a database of its own on the test run's PostgreSQL server.</summary>
    public static async Task<TestNode> PostgresAsync(NodeOptions? options = null)
    {
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync(copied: await Migrated.Value);
        return await TestNode.StartAsync(OnPostgres(options ?? new NodeOptions()), ("Lazaret", database));
    }

    private static async Task<string> MigrateAsync()
    {
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        await TestNode.MigrateAsync(OnPostgres(new NodeOptions()), ("Lazaret", database));
        return database;
    }

    private static NodeOptions OnPostgres(NodeOptions options) => options with { Database = new DatabaseOptions { Provider = DatabaseOptions.Postgres } };
}
