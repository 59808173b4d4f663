using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lazaret.Node.Audit;
using Lazaret.Node.Health;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Storage;
using Lazaret.Tests.Http;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StackExchange.Redis;

namespace Lazaret.Tests.Health;

/// <summary>What can be read, and takes or keeps nothing that is written: <c>/readyz</c> names it before a request is lost.</summary>
public sealed class UnwritableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_state_folder_that_is_mounted_for_reading_alone()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can mount a folder for reading alone");
        var state = _folder.MakePrivate("state");
        await using var node = await ServingNode.StartAsync(options => options with { State = state });
        // Made for reading alone elsewhere: a mount through which the node writes at the moment cannot be changed.
        var other = _folder.MakePrivate("other");
        await Tool.RunAsync("mount", "--bind", state, other);
        try
        {
            await Tool.RunAsync("mount", "-o", "remount,bind,ro", other);
            await Tool.RunAsync("mount", "--bind", other, state);
            var fault = Assert.Single(await AskAsync(node));
            Assert.Equal("state", fault.Key);
            Assert.Contains($"{state} cannot be written to: Read-only file system", fault.Value, StringComparison.Ordinal);
        }
        finally
        {
            await Tool.RunAsync("umount", "--lazy", state);
            await Tool.RunAsync("umount", "--lazy", other);
        }

        Assert.Empty(await AskAsync(node));
        Assert.Empty(Directory.EnumerateFiles(state, ".writable*"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_of_SQLite_that_was_taken_away_or_replaced(bool isReplaced)
    {
        var state = _folder.MakePrivate("state");
        await using var node = await ServingNode.StartAsync(options => options with { State = state });
        Assert.Empty(await AskAsync(node));
        var file = Path.Combine(state, "lazaret.db");
        File.Move(file, _folder["away"]);
        if (isReplaced)
            File.Copy(_folder["away"], file);
        var (check, why) = Assert.Single(await AskAsync(node));
        Assert.Equal("database", check);
        Assert.Contains(isReplaced ? "is another file than the one that this node opened" : $"{file} is gone", why, StringComparison.Ordinal);
        File.Move(_folder["away"], file, overwrite: true);
        Assert.Empty(await AskAsync(node));
    }

    [Fact]
    public async Task A_server_that_takes_no_writes_or_refuses_the_node()
    {
        await using var server = await PostgresServer.StartAsync();
        var connection = await server.CreateDatabaseAsync();
        var name = new NpgsqlConnectionStringBuilder(connection).Database;
        await using var node = await ServingNode.StartAsync(options => options with { Database = new DatabaseOptions { Provider = DatabaseOptions.Postgres } }, setting: ("ConnectionStrings:Lazaret", connection));
        Assert.Empty(await AskAsync(node));
        foreach (var (breaks, mends, said) in ((string, string, string)[])
        [
            ($"ALTER DATABASE {name} SET default_transaction_read_only = on", $"ALTER DATABASE {name} RESET default_transaction_read_only", "the database's server takes no writes: it is a standby"),
            ($"ALTER DATABASE {name} ALLOW_CONNECTIONS false", $"ALTER DATABASE {name} ALLOW_CONNECTIONS true", $"the database's server refuses: database \"{name}\" is not currently accepting connections (55000)"),
        ])
        {
            await ExecuteAsync(breaks);
            await EndSessionsAsync();
            // A session that was being begun may be ended first.
            await Wait.UntilAsync(async () => (await AskAsync(node)).TryGetValue("database", out var why) && why.Contains(said, StringComparison.Ordinal), said);
            // Nobody ends the sessions that were begun before: the node has to begin new ones.
            await ExecuteAsync(mends);
            await Wait.UntilAsync(async () => (await AskAsync(node)).Count == 0, mends);
        }

        // Sessions of before keep what they were begun with.
        async Task EndSessionsAsync()
        {
            await ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
            NpgsqlConnection.ClearAllPools();
        }

        // In the server's own database.
        async Task ExecuteAsync(string statement)
        {
            await using var other = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connection) { Database = "postgres", Pooling = false }.ToString());
            await other.OpenAsync(Stop);
            await using var command = new NpgsqlCommand(statement, other);
            await command.ExecuteNonQueryAsync(Stop);
        }
    }

    /// <summary>The server goes on answering: only what is written fails.</summary>
    [Fact]
    public async Task A_servers_disk_that_is_full()
    {
        await using var node = await ServingNode.StartAsync();
        node.Services.GetRequiredService<RequestOutage>().Failed(new DbUpdateException(
            "An error occurred while saving the entity changes.", new PostgresException("could not extend file \"base/5/16\"", "ERROR", "ERROR", PostgresErrorCodes.DiskFull)));
        var (check, why) = Assert.Single(await AskAsync(node));
        Assert.Equal(("database", "a request could not be kept, for a disk is full: 53100: could not extend file \"base/5/16\""), (check, why));
    }

    [Fact]
    public async Task A_clock_that_went_back()
    {
        await using var node = await ServingNode.StartAsync();
        await using var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
        db.Audit.Add(AuditEntry.Of(AuditAction.KeysRotated, TimeProvider.System.GetUtcNow().AddSeconds(299), AuditEntry.Node, []));
        await db.SaveChangesAsync(Stop);
        var (check, why) = Assert.Single(await AskAsync(node));
        Assert.Equal("clock", check);
        Assert.Matches("this machine's clock is 2[0-9]{2}[.][0-9] s behind the database's", why);
    }

    [Fact]
    public async Task A_password_that_Redis_refuses_is_said_so()
    {
        await using var redis = await RedisServer.StartAsync();
        await using (var admin = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString))
            await admin.GetServers()[0].ConfigSetAsync("requirepass", "right");
        await using var node = await ServingNode.StartAsync(options => options with { Queue = new QueueOptions { Provider = QueueOptions.Redis } }, setting: ("ConnectionStrings:Redis", $"{redis.ConnectionString},password=wrong"));
        // A refused connection is tried again for some seconds before it is given up: until then there is no answer.
        await Wait.UntilAsync(async () => Assert.Single(await AskAsync(node)) is { Key: "queue", Value: "Redis refuses the password of ConnectionStrings:Redis: the database hands out the jobs; set the server's password there (password=…)" });
    }

    [Fact]
    public async Task So_is_one_that_was_changed_while_the_node_runs()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var admin = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        await using var node = await ServingNode.StartAsync(options => options with { Queue = new QueueOptions { Provider = QueueOptions.Redis } }, setting: ("ConnectionStrings:Redis", redis.ConnectionString));
        Assert.Empty(await AskAsync(node));
        await admin.GetServers()[0].ConfigSetAsync("requirepass", "another");
        // Sessions of before go on; new ones are refused.
        await admin.GetServers()[0].ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        await admin.GetServers()[0].ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
        var said = "";
        await Wait.UntilAsync(async () => (said = (await AskAsync(node)).GetValueOrDefault("queue") ?? "nothing").StartsWith("Redis refuses the password of ConnectionStrings:Redis", StringComparison.Ordinal), () => $"the refusal in place of '{said}'");
        await admin.GetServers()[0].ConfigSetAsync("requirepass", "");
        await Wait.UntilAsync(async () => (await AskAsync(node)).Count == 0, "Redis again");
    }

    [Fact]
    public async Task A_server_that_hangs_keeps_no_probe_waiting_for_its_clients_patience()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var node = await ServingNode.StartAsync(options => options with { Database = new DatabaseOptions { Provider = DatabaseOptions.Postgres } }, setting: ("ConnectionStrings:Lazaret", $"{await server.CreateDatabaseAsync()};Command Timeout=200;Timeout=200"));
        Assert.Empty(await AskAsync(node));
        await server.HangAsync();
        try
        {
            // A probe waits for five seconds, and for the one before it at most.
            var clock = System.Diagnostics.Stopwatch.StartNew();
            Assert.Equal("the database does not answer", (await AskAsync(node))["database"]);
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(100));
        }
        finally
        {
            await server.GoOnAsync();
        }

        await Wait.UntilAsync(async () => (await AskAsync(node)).Count == 0, "the database again");
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<Dictionary<string, string>> AskAsync(ServingNode node)
    {
        using var answer = await node.Client.GetAsync(new Uri("/readyz", UriKind.Relative), Stop);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>(Stop))!["not_ready"]!.AsObject().ToDictionary(fault => fault.Key, fault => (string)fault.Value!, StringComparer.Ordinal);
    }
}
