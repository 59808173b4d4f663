using Lazaret.Node;
using Lazaret.Node.Configuration;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests;

/// <summary>The node's services on a real, migrated SQLite database in a temporary folder, under a clock that the test moves.</summary>
public sealed class TestNode : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    private TestNode(NodeOptions options)
    {
        Options = options with { State = _folder["state"] };
        Services = new ServiceCollection()
            .AddLogging()
            .AddLazaret(Options, new ConfigurationBuilder().Build())
            .AddSingleton<TimeProvider>(Time)
            .BuildServiceProvider();
    }

    public NodeOptions Options { get; }

    public ManualTime Time { get; } = new();

    public ServiceProvider Services { get; }

    public string Folder => _folder.Path;

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    public LazaretDb Open() => Get<IDbContextFactory<LazaretDb>>().CreateDbContext();

    public static async Task<TestNode> StartAsync(NodeOptions? options = null)
    {
        var node = new TestNode(options ?? new NodeOptions());
        await node.Services.MigrateAsync(node.Options, TestContext.Current.CancellationToken);
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        await Services.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }
}

/// <summary>A clock that stands still until the test moves it.</summary>
public sealed class ManualTime : TimeProvider
{
    private DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public void Pass(TimeSpan time) => _now += time;

    public override DateTimeOffset GetUtcNow() => _now;
}
