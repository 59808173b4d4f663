using Lazaret.Tests.Servers;
using Npgsql;

namespace Lazaret.Tests.EndToEnd;

/// <summary>Workers that are killed while they run a job.</summary>
public sealed partial class FaultTests
{
    [Fact]
    public async Task A_worker_killed_at_any_step_of_a_run_leaves_one_outcome()
    {
        (string, string)[] settings =
        [
            ("Lazaret__Jobs__LeaseSeconds", "2"), ("Lazaret__Jobs__MaxAttempts", "50"), ("Lazaret__Runs__Concurrency", "1"), ("Lazaret__Jobs__PollMilliseconds", "10"),
        ];
        var state = _folder.MakePrivate("state");
        Assert.Equal(0, (await HostedNode.RunAsync(state, ["models", "add", ShellModel.Write(_folder, "brief", "/bin/busybox sleep 0.1")])).ExitCode);
        await using var api = await HostedNode.ServeAsync(state, "api", settings);
        const int Kills = 8;
        var paths = new List<string>();
        for (var kill = 0; kill < Kills; kill++)
        {
            var path = await AdmitUntilTakenAsync(api, $"{kill}");
            paths.Add(path);
            await using var worker = await NodeProcess.ServeAsync(state, "work", settings);
            await api.WaitAsync(path, "QUEUED");
            // From just after the claim to beyond the outcome, a run of some 200 ms in even steps.
            await Task.Delay(TimeSpan.FromMilliseconds(kill * 40), Stop);
            await worker.KillAsync();
        }

        await using var last = await HostedNode.ServeAsync(state, "work", settings);
        foreach (var path in paths)
            Assert.Equal("COMPLETED", (string?)(await api.WaitAsync(path, "QUEUED", "PROCESSING"))["status"]);
        Assert.InRange(await AssertLedgerAsync(state, settings, Kills), 1, Kills);
    }

    /// <summary>A lock on the payloads' table holds the worker at its next use of it: when it reads the input, or when it writes the result.</summary>
    [Theory]
    [InlineData("before it reads the input")]
    [InlineData("while the program runs")]
    [InlineData("while it writes the outcome")]
    public async Task A_worker_killed(string when)
    {
        const string Duration = "1.618";
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        (string, string)[] settings =
        [
            ("Lazaret__Database__Provider", "postgres"), ("ConnectionStrings__Lazaret", database), ("Lazaret__Jobs__LeaseSeconds", "3"),
        ];
        var state = _folder.MakePrivate("state");
        var added = await HostedNode.RunAsync(state, ["models", "add", ShellModel.Write(_folder, "brief", $"/bin/busybox sleep {Duration}")], settings);
        Assert.True(added.ExitCode == 0, added.Error);
        await using var api = await HostedNode.ServeAsync(state, "api", settings);
        var path = await AdmitUntilTakenAsync(api, "once");

        await using var source = NpgsqlDataSource.Create(database);
        await using var payloads = await source.OpenConnectionAsync(Stop);
        await using (await payloads.BeginTransactionAsync(Stop))
        {
            if (when == "before it reads the input")
                await LockAsync();
            await using var worker = await NodeProcess.ServeAsync(state, "work", settings);
            await Wait.UntilAsync(async () => when == "before it reads the input" ? await CountAsync("FROM \"Runs\"") > 0 : IsRunning());
            if (when == "while it writes the outcome")
                await LockAsync();
            if (when != "while the program runs")
                await Wait.UntilAsync(async () => !IsRunning() && await CountAsync("FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") > 0);
            await worker.KillAsync();
        }

        // With the usual lease: on a busy machine a worker that has just started may not come to its heartbeat within three seconds.
        await using var next = await HostedNode.ServeAsync(state, "work", settings.Where(setting => setting.Item1 != "Lazaret__Jobs__LeaseSeconds"));
        Assert.Equal("COMPLETED", (string?)(await api.WaitAsync(path, "QUEUED", "PROCESSING"))["status"]);
        // The killed one; and one before it, where the machine is so busy that the killed worker had lost its lease once already.
        Assert.NotEqual(0, await AssertLedgerAsync(state, settings, 1));

        async Task LockAsync()
        {
            await using var command = new NpgsqlCommand("LOCK TABLE \"Payloads\"", payloads);
            await command.ExecuteNonQueryAsync(Stop);
        }

        // Not in the transaction, which would see the same activity again and again.
        async Task<long> CountAsync(string from)
        {
            await using var command = source.CreateCommand($"SELECT count(*) {from}");
            return (long)(await command.ExecuteScalarAsync(Stop))!;
        }

        static bool IsRunning() =>
            Conformance.SandboxHostProcess.All().Any(process => process.CommandLine.Contains($"sleep\0{Duration}", StringComparison.Ordinal));
    }
}
