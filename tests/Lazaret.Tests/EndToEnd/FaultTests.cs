using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Lazaret.Tests.Servers;
using Npgsql;

namespace Lazaret.Tests.EndToEnd;

/// <summary>Servers and processes that fail while jobs go through them: every job has one outcome.</summary>
public sealed partial class FaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("database")]
    [InlineData("redis")]
    public async Task Two_hundred_jobs_outlive_restarts_of_the_servers_and_killed_workers(string queue)
    {
        const int Jobs = 200;
        await using var postgres = await PostgresServer.StartAsync();
        await using var redis = await RedisServer.StartAsync();
        var connection = await postgres.CreateDatabaseAsync();
        await using var database = NpgsqlDataSource.Create(connection);
        (string, string)[] settings =
        [
            ("Lazaret__Database__Provider", "postgres"),
            ("ConnectionStrings__Lazaret", connection),
            ("Lazaret__Queue__Provider", queue),
            ("ConnectionStrings__Redis", redis.ConnectionString),
            ("Lazaret__Jobs__LeaseSeconds", "3"),
            // What dies here are servers and workers, again and again, not the jobs.
            ("Lazaret__Jobs__MaxAttempts", "20"),
            ("Lazaret__Jobs__RetrySeconds", "0"),
            ("Lazaret__Runs__Concurrency", "2"),
        ];
        var state = _folder.MakePrivate("state");
        var added = await HostedNode.RunAsync(state, ["models", "add", ShellModel.Write(_folder, "brief", "/bin/busybox sleep 0.05")], settings);
        Assert.True(added.ExitCode == 0, added.Error);

        await using var api = await HostedNode.ServeAsync(state, "api", settings);
        var workers = new List<NodeProcess>();
        for (var i = 0; i < 4; i++)
            workers.Add(await NodeProcess.ServeAsync(state, "work", settings));

        var paths = new ConcurrentBag<string>();
        var admissions = Parallel.ForEachAsync(
            Enumerable.Range(0, Jobs),
            new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Stop },
            async (i, _) => paths.Add(await AdmitUntilTakenAsync(api, $"{i}")));
        await UntilDoneAsync(database, 10);
        // In this order: a stream that was just emptied leaves the workers idle, and the death of one without a run loses none.
        await workers[0].KillAsync();
        await redis.FlushAsync();
        await UntilDoneAsync(database, 40);
        await postgres.RestartAsync();
        await UntilDoneAsync(database, 80);
        await workers[1].KillAsync();
        await redis.StopAsync();
        await UntilDoneAsync(database, 110);
        await redis.StartAgainAsync();
        await admissions;
        Assert.Equal(Jobs, paths.Distinct().Count());
        foreach (var path in paths)
            Assert.Equal("COMPLETED", (string?)(await api.WaitAsync(path, "QUEUED", "PROCESSING"))["status"]);

        Assert.NotEqual(0, await AssertLedgerAsync(state, settings, Jobs));
        foreach (var worker in workers)
            await worker.DisposeAsync();
    }

    [Fact]
    public async Task An_admission_whose_answer_was_lost_is_the_same_job_when_it_is_sent_again()
    {
        var state = _folder.MakePrivate("state");
        Assert.Equal(0, (await HostedNode.RunAsync(state, ["models", "add", ShellModel.Write(_folder, "quick", "true")])).ExitCode);
        // Killed when its first job is in the database, with more requests under way: some of their answers never come.
        var answered = new ConcurrentDictionary<string, string>();
        await using (var api = await NodeProcess.ServeAsync(state, "api"))
        {
            var requests = Enumerable.Range(0, 40).Select(async i =>
            {
                try
                {
                    using var admitted = await ShellModel.AdmitAsync(api, "quick", $"{i}");
                    answered[$"{i}"] = await ShellModel.PathAsync(admitted);
                }
                catch (HttpRequestException)
                {
                    // Nobody knows whether it was admitted.
                }
            }).ToList();
            await Task.WhenAny(requests);
            await api.KillAsync();
            await Task.WhenAll(requests);
        }

        await using var again = await HostedNode.ServeAsync(state);
        for (var i = 0; i < 40; i++)
        {
            var path = await AdmitUntilTakenAsync(again, $"{i}", "quick");
            Assert.Equal(answered.GetValueOrDefault($"{i}", path), path);
            await again.WaitAsync(path, "QUEUED", "PROCESSING");
        }

        await AssertLedgerAsync(state, [], 40);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Sends the request again under its key until it is answered with a job, as a client should.</summary>
    internal static async Task<string> AdmitUntilTakenAsync(RunningNode api, string key, string model = "brief")
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            using var admitted = await ShellModel.AdmitAsync(api, model, key);
            if (admitted.StatusCode == HttpStatusCode.Accepted)
                return await ShellModel.PathAsync(admitted);
            Assert.True(admitted.StatusCode == HttpStatusCode.ServiceUnavailable, $"{admitted.StatusCode}\n{api.Log}");
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), "it was never admitted");
            await Task.Delay(100, Stop);
        }
    }

    private static Task UntilDoneAsync(NpgsqlDataSource database, int count) => Wait.UntilAsync(
        async () =>
        {
            try
            {
                await using var completed = database.CreateCommand("""SELECT count(*) FROM "Jobs" WHERE "State" = 'Done'""");
                return (long)(await completed.ExecuteScalarAsync(Stop))! >= count;
            }
            catch (NpgsqlException)
            {
                // The server is being restarted.
                return false;
            }
        },
        $"the end of {count} jobs");

    /// <summary>Of each job: one admission, one release, and as many runs begun as ended. Answers how many runs were lost.</summary>
    private static async Task<int> AssertLedgerAsync(string state, IEnumerable<(string, string)> settings, int jobs)
    {
        var export = await NodeProcess.RunAsync(state, ["audit", "export"], settings);
        Assert.True(export.ExitCode == 0, export.Error);
        var ledger = export.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!)
            .Where(entry => entry["job"] is not null)
            .GroupBy(entry => (string)entry["job"]!, entry => (string)entry["action"]!)
            .ToList();
        Assert.Equal(jobs, ledger.Count);
        Assert.All(ledger, job =>
        {
            Assert.Equal("job_admitted", job.First());
            Assert.Equal("result_released", job.Last());
            Assert.Single(job, "result_released");
            Assert.Equal(job.Count(action => action == "run_started"), job.Count(action => action is "run_lost" or "run_failed" or "result_released"));
        });
        return ledger.Sum(job => job.Count(action => action == "run_lost"));
    }
}
