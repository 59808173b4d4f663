using Lazaret.Tests.Disclosure;
using Lazaret.Tests.Servers;
using Npgsql;

namespace Lazaret.Tests.EndToEnd;

/// <summary>Workers that are killed (kill -9) while they charge and release an answer: both happen, once, or neither.</summary>
public sealed class ReleaseCrashTests : IDisposable
{
    private const string Waiting = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

    // Every control acts but the tick and the quota.
    private static readonly (string, string)[] AtOnce = [("Lazaret__Disclosure__TickMilliseconds", "0"), ("Lazaret__Disclosure__QueriesPerWeek", "0")];

    private readonly TemporaryFolder _folder = new();
    private readonly RandomSite _site = new(60, seed: 23);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A lock on a table keeps the worker from writing to it: it is killed between the charge and the answer, and after both, before their commit.</summary>
    [Theory]
    [InlineData("Releases")]
    [InlineData("Payloads")]
    [InlineData("Audit")]
    public async Task A_worker_killed_before_it_writes(string table)
    {
        await using var postgres = await PostgresServer.StartAsync();
        var database = await postgres.CreateDatabaseAsync();
        (string, string)[] settings =
        [
            ("Lazaret__Database__Provider", "postgres"), ("ConnectionStrings__Lazaret", database), ("Lazaret__Jobs__LeaseSeconds", "3"),
            ("DATA_VIEW", _site.Path), .. AtOnce,
        ];
        var state = _folder.MakePrivate("state");
        await using var api = await HostedNode.ServeAsync(state, "api", settings);
        var path = await AdmitAsync(api);

        await using var source = NpgsqlDataSource.Create(database);
        await using var holding = await source.OpenConnectionAsync(Stop);
        await using (await holding.BeginTransactionAsync(Stop))
        {
            // The run is held at the reading of its input until the lock is asked for: it takes no longer than asking.
            await using var gate = await source.OpenConnectionAsync(Stop);
            await using var closed = await gate.BeginTransactionAsync(Stop);
            await using (var close = new NpgsqlCommand("LOCK TABLE \"Payloads\"", gate))
                await close.ExecuteNonQueryAsync(Stop);
            await using var worker = await NodeProcess.ServeAsync(state, "work", settings);
            await Wait.UntilAsync(async () => await CountAsync(source, "FROM \"Runs\"") > 0 && await CountAsync(source, Waiting) > 0, "the run");
            await using var locking = new NpgsqlCommand($"LOCK TABLE \"{table}\" IN SHARE MODE", holding);
            var locked = locking.ExecuteNonQueryAsync(Stop);
            if (table == "Payloads")
                await Wait.UntilAsync(async () => await CountAsync(source, Waiting) > 1, "the lock");
            else
                await locked;
            await closed.RollbackAsync(Stop);
            await locked;
            await Wait.UntilAsync(async () => await CountAsync(source, Waiting) > 0, "the write");
            await worker.KillAsync();
        }

        await Wait.UntilAsync(async () => await CountAsync(source, "FROM pg_locks WHERE locktype = 'advisory'") == 0, "the end of its transaction");
        Assert.Equal((0, 0), (await CountAsync(source, "FROM \"Releases\""), await CountAsync(source, "FROM \"Jobs\" WHERE \"State\" = 'Done'")));
        await using var next = await HostedNode.ServeAsync(state, "work", settings.Where(setting => setting.Item1 != "Lazaret__Jobs__LeaseSeconds"));
        Assert.Equal("done", (string?)(await api.WaitAsync(path, "queued", "running"))["status"]);
        Assert.Equal((1, 1), (await CountAsync(source, "FROM \"Releases\""), await CountAsync(source, "FROM \"Audit\" WHERE \"Action\" = 'ResultReleased'")));
    }

    [Fact]
    public async Task A_worker_killed_at_any_moment_leaves_no_answer_that_was_not_charged_and_none_that_was_charged_twice()
    {
        (string, string)[] settings =
        [
            ("Lazaret__Jobs__LeaseSeconds", "2"), ("Lazaret__Jobs__MaxAttempts", "50"), ("Lazaret__Jobs__PollMilliseconds", "10"),
            ("DATA_VIEW", _site.Path), .. AtOnce,
        ];
        var state = _folder.MakePrivate("state");
        await using var api = await HostedNode.ServeAsync(state, "api", settings);
        var paths = new List<string>();
        for (var kill = 0; kill < 6; kill++)
        {
            paths.Add(await AdmitAsync(api));
            await using var worker = await NodeProcess.ServeAsync(state, "work", settings);
            await api.WaitAsync(paths[^1], "queued");
            // A run takes some 300 ms: from just after its claim to beyond its outcome.
            await Task.Delay(TimeSpan.FromMilliseconds(kill * 80), Stop);
            await worker.KillAsync();
            await AssertChargedAsync(state);
        }

        await using var last = await HostedNode.ServeAsync(state, "work", settings);
        foreach (var path in paths)
            Assert.Equal("done", (string?)(await api.WaitAsync(path, "queued", "running"))["status"]);
        // Every map is a question of its own.
        Assert.Equal(paths.Count, await AssertChargedAsync(state));
    }

    public void Dispose()
    {
        _site.Dispose();
        _folder.Dispose();
    }

    private async Task<string> AdmitAsync(RunningNode node)
    {
        using var form = TinySite.Form(_site.NextMap(), ("outcome", "change"));
        using var admitted = await node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
        Assert.True(admitted.IsSuccessStatusCode, await admitted.Content.ReadAsStringAsync(Stop));
        return admitted.Headers.Location!.ToString();
    }

    /// <summary>Every job that is done is charged once, and nothing else is. How many there are.</summary>
    private static async Task<int> AssertChargedAsync(string state)
    {
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(state, "lazaret.db")};Pooling=False");
        await connection.OpenAsync(Stop);
        await using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT (SELECT COUNT(*) FROM Jobs WHERE State = 'Done'), (SELECT COUNT(*) FROM Releases),
                (SELECT COUNT(*) FROM Jobs j WHERE State = 'Done' AND (SELECT COUNT(*) FROM Releases r WHERE r.JobId = j.Id) = 1),
                (SELECT COUNT(*) FROM Audit WHERE Action = 'ResultReleased')
            """;
        await using var reader = await command.ExecuteReaderAsync(Stop);
        Assert.True(await reader.ReadAsync(Stop));
        var done = reader.GetInt32(0);
        Assert.Equal((done, done, done), (reader.GetInt32(1), reader.GetInt32(2), reader.GetInt32(3)));
        return done;
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string what)
    {
        await using var command = source.CreateCommand($"SELECT COUNT(*) {what}");
        return (long)(await command.ExecuteScalarAsync(Stop))!;
    }
}
