using Lazaret.Node;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace Lazaret.Tests;

/// <summary>The node's services on a real, migrated database (SQLite in a temporary folder, unless the options say otherwise), under a clock that the test moves.</summary>
public sealed class TestNode : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<(string Name, string Value)> _connections;

    private TestNode(NodeOptions options, IEnumerable<(string Name, string Value)> connections)
    {
        Options = options with { State = _folder["state"] };
        _connections = [.. connections];
        Services = Build(Options, _connections);
    }

    public NodeOptions Options { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public ServiceProvider Services { get; }

    public string Folder => _folder.Path;

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    public LazaretDb Open() => Get<IDbContextFactory<LazaretDb>>().CreateDbContext();

    /// <summary>Another process on the same database, under the same clock; it uses no ring yet.</summary>
    public ServiceProvider Beside(NodeOptions options) => Build(options, Options.Database.Provider == DatabaseOptions.Sqlite
        ? [.. _connections, ("Lazaret", $"Data Source={Get<StateFolder>().Database};Foreign Keys=True")]
        : _connections);

    public static async Task<TestNode> StartAsync(NodeOptions? options = null, params IEnumerable<(string Name, string Value)> connections)
    {
        var node = new TestNode(options ?? new NodeOptions(), connections);
        await node.Get<DatabaseMigration>().RunAsync(force: false, TestContext.Current.CancellationToken);
        await node.Get<KeyGuard>().StartAsync(TestContext.Current.CancellationToken);
        return node;
    }

    /// <summary>Migrates a database, and leaves it.</summary>
    public static async Task MigrateAsync(NodeOptions options, params IEnumerable<(string Name, string Value)> connections)
    {
        await using var node = new TestNode(options, connections);
        await node.Get<DatabaseMigration>().RunAsync(force: false, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        // Otherwise they stay open for minutes, and the one server of all tests takes two hundred.
        await using (var db = Open())
        {
            if (db.Database.GetDbConnection() is NpgsqlConnection connection)
                NpgsqlConnection.ClearPool(connection);
        }

        await Services.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    private ServiceProvider Build(NodeOptions options, IEnumerable<(string Name, string Value)> connections)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(connections.Select(connection => KeyValuePair.Create<string, string?>($"ConnectionStrings:{connection.Name}", connection.Value)))
            .Build();
        return new ServiceCollection()
            .AddLogging()
            .AddLazaret(options, configuration)
            .AddSingleton<TimeProvider>(Time)
            .BuildServiceProvider();
    }
}
