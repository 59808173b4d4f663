using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Lazaret.Tests.EndToEnd;

public sealed class CrashTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_killed_in_the_middle_of_a_run_completes_the_job_exactly_once_after_its_restart()
    {
        var state = _folder.MakePrivate("state");
        var added = await HostedNode.RunAsync(state, ["models", "add", ShellModel.Write(_folder, "slow", $"/bin/busybox sleep {Duration}")]);
        Assert.True(added.ExitCode == 0, added.Error);

        string path;
        // With the usual lease: on a busy machine a node that has just started may not come to its heartbeat within two seconds.
        await using (var first = await NodeProcess.ServeAsync(state))
        {
            path = await AdmitAsync(first);
            await first.WaitAsync(path, "QUEUED");
            await Wait.UntilAsync(() => SlowPrograms() > 0);
            await first.KillAsync();
        }

        await Wait.UntilAsync(() => SlowPrograms() == 0);
        await using var second = await NodeProcess.ServeAsync(state);
        var job = await second.WaitAsync(path, "QUEUED", "PROCESSING");
        Assert.Equal("COMPLETED", (string?)job["status"]);
        Assert.Equal("POSITIVE", (string?)job["result"]!["diagnosis"]);

        Assert.Equal(["job_admitted", "run_started", "run_lost", "run_started", "result_released"], await AuditOfJobsAsync(state));
    }

    /// <summary>A closed terminal sends it, and who thinks that it has files read again.</summary>
    [Fact]
    public async Task A_node_that_is_hung_up_ends_in_order()
    {
        await using var node = await NodeProcess.ServeAsync(_folder.MakePrivate("state"));
        Assert.Equal(0, await node.EndAsync("HUP"));
        Assert.Contains("Application is shutting down", node.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_killed_while_it_migrated_starts_again()
    {
        var state = _folder.MakePrivate("state");
        Assert.Equal(0, (await HostedNode.RunAsync(state, ["migrate"])).ExitCode);
        // What such a kill leaves: EF Core's lock, and a migration that did not come to its end.
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(state, "lazaret.db")};Pooling=False"))
        {
            await connection.OpenAsync(Stop);
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_\\_EF%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'";
            var tables = new List<string>();
            await using (var reader = await command.ExecuteReaderAsync(Stop))
            {
                while (await reader.ReadAsync(Stop))
                    tables.Add(reader.GetString(0));
            }

            command.CommandText = "PRAGMA foreign_keys = OFF; INSERT INTO __EFMigrationsLock VALUES (1, '2026-11-22 05:00:00'); DELETE FROM __EFMigrationsHistory; "
                + string.Concat(tables.Select(table => $"DROP TABLE \"{table}\";"));
            await command.ExecuteNonQueryAsync(Stop);
        }

        var again = await NodeProcess.RunAsync(state, ["models", "list"]);
        Assert.True(again.ExitCode == 0, again.Error);
    }

    [Fact]
    public async Task A_node_asked_to_stop_gives_its_job_back()
    {
        var state = _folder.MakePrivate("state");
        Assert.Equal(0, (await HostedNode.RunAsync(state, ["models", "add", ShellModel.Write(_folder, "slow", $"/bin/busybox sleep {Duration}")])).ExitCode);
        string path;
        await using (var first = await NodeProcess.ServeAsync(state, ("Lazaret__Runs__DrainSeconds", "0")))
        {
            path = await AdmitAsync(first);
            await first.WaitAsync(path, "QUEUED");
        }

        Assert.Equal(0, SlowPrograms());
        await using var second = await NodeProcess.ServeAsync(state);
        Assert.Equal("COMPLETED", (string?)(await second.WaitAsync(path, "QUEUED", "PROCESSING"))["status"]);
    }

    [Fact]
    public async Task A_node_asked_to_stop_lets_its_runs_end_in_time()
    {
        var state = _folder.MakePrivate("state");
        Assert.Equal(0, (await HostedNode.RunAsync(state, ["models", "add", ShellModel.Write(_folder, "slow", $"/bin/busybox sleep {Duration}")])).ExitCode);
        await using (var node = await NodeProcess.ServeAsync(state))
            await node.WaitAsync(await AdmitAsync(node), "QUEUED");

        Assert.Equal(["job_admitted", "run_started", "result_released"], await AuditOfJobsAsync(state));
    }

    public void Dispose() => _folder.Dispose();

    // Distinct from any other sleep on this machine by its odd duration.
    private const string Duration = "5.436";

    private static async Task<IEnumerable<string>> AuditOfJobsAsync(string state) => (await NodeProcess.RunAsync(state, ["audit", "export"])).Output
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => JsonNode.Parse(line)!)
        .Where(entry => entry["job"] is not null)
        // Of a run that failed the reason, too.
        .Select(entry => (string)entry["action"]! is var action and not "run_failed" ? action : $"run_failed: {entry["detail"]}");

    private static async Task<string> AdmitAsync(NodeProcess node)
    {
        using var admitted = await ShellModel.AdmitAsync(node, "slow", "once");
        return await ShellModel.PathAsync(admitted);
    }

    private static int SlowPrograms()
    {
        using var pgrep = Process.Start(new ProcessStartInfo("pgrep", ["--count", "--full", $"^/bin/busybox sleep {Duration}"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var count = pgrep.StandardOutput.ReadToEnd();
        pgrep.WaitForExit();
        return int.Parse(count, System.Globalization.CultureInfo.InvariantCulture);
    }
}
