using Lazaret.Node;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Storage;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Lazaret.Tests.Conformance;

public sealed class JobDispatchRedisTests() : JobDispatchConformance(() => OnRedisAsync(null))
{
    private static int _names;

    [Fact]
    public async Task What_one_process_says_another_hears()
    {
        await using var node = await Start();
        await HearsAsync(signal => new RedisRelay(signal, node.Get<RedisConnection>(), NullLogger<RedisRelay>.Instance));
    }

    [Fact]
    public async Task What_redis_loses_is_handed_out_all_the_same()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await OnRedisAsync(redis);
        var jobs = await AdmitAsync(node, 10);
        var dispatch = node.Get<IJobDispatch>();
        var first = (await dispatch.ClaimAsync("process", Unrunnable.None, Stop))!;
        await redis.FlushAsync();

        Assert.Equal(jobs.Where(job => job != first.Job.Id), (await ClaimAllAsync(dispatch)).Order());
        Assert.NotNull(await node.Get<JobQueue>().ConcludeAsync(first, new RunReport.Released([1], []), Stop));
        await dispatch.SettleAsync(first);
    }

    [Fact]
    public async Task While_redis_is_away_the_database_hands_out_the_jobs()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await OnRedisAsync(redis);
        var dispatch = node.Get<IJobDispatch>();
        Assert.Null(await dispatch.ClaimAsync("process", Unrunnable.None, Stop));
        await redis.StopAsync();
        var away = await AdmitAsync(node, 3);
        Assert.Equal(away, (await ClaimAllAsync(dispatch)).Order());

        await redis.StartAgainAsync();
        var back = await AdmitAsync(node, 3);
        Assert.Equal(back, (await ClaimAllAsync(dispatch)).Order());
    }

    [Theory]
    [InlineData("REPLICAOF 127.0.0.1 1", "READONLY", "to the primary")]
    [InlineData("CONFIG SET maxmemory 1", "OOM", "maxmemory")]
    [InlineData("ACL SETUSER default -@write", "NOPERM", "ACL SETUSER")]
    public async Task A_redis_that_answers_and_refuses_writes_is_a_fault_with_what_mends_it_and_the_database_hands_out_the_jobs(string command, string code, string mend)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await OnRedisAsync(redis);
        var dispatch = node.Get<IJobDispatch>();
        Assert.Null(await dispatch.ClaimAsync("process", Unrunnable.None, Stop));
        Assert.Null(await node.Get<RedisConnection>().FaultAsync(Stop));

        await redis.ExecuteAsync(command);
        var fault = await node.Get<RedisConnection>().FaultAsync(Stop);
        Assert.Contains($"refuses what the node writes ({code}): the database hands out the jobs; ", fault, StringComparison.Ordinal);
        Assert.Contains(mend, fault, StringComparison.Ordinal);
        var jobs = await AdmitAsync(node, 3);
        Assert.Equal(jobs, (await ClaimAllAsync(dispatch)).Order());
    }

    [Fact]
    public async Task An_entry_that_a_dead_worker_took_is_taken_over()
    {
        await using var node = await OnRedisAsync(null, leaseSeconds: 10);
        var job = Assert.Single(await AdmitAsync(node, 1));
        // Of another worker that read the id and died before it claimed the row.
        var redis = (await node.Get<RedisConnection>().OpenAsync()).GetDatabase();
        var stream = node.Get<RedisConnection>().Stream;
        await redis.StreamCreateConsumerGroupAsync(stream, "workers", StreamPosition.Beginning);
        await redis.StreamAddAsync(stream, "job", job.ToString("N"));
        await redis.StreamReadGroupAsync(stream, "workers", "dead", StreamPosition.NewMessages, count: 1);

        var dispatch = node.Get<IJobDispatch>();
        Assert.Null(await dispatch.ClaimAsync("process", Unrunnable.None, Stop));
        ClaimedJob? claimed = null;
        await Wait.UntilAsync(async () => (claimed = await dispatch.ClaimAsync("process", Unrunnable.None, Stop)) is not null);
        Assert.Equal(job, claimed!.Job.Id);
    }

    [Fact]
    public async Task Redis_holds_ids_alone_and_nothing_once_the_jobs_are_over()
    {
        await using var node = await Start();
        await AdmitAsync(node, 20);
        var dispatch = node.Get<IJobDispatch>();
        while (await dispatch.ClaimAsync("process", Unrunnable.None, Stop) is { } claimed)
        {
            Assert.NotNull(await node.Get<JobQueue>().ConcludeAsync(claimed, new RunReport.Released([1], []), Stop));
            await dispatch.SettleAsync(claimed);
        }

        var redis = (await node.Get<RedisConnection>().OpenAsync()).GetDatabase();
        Assert.Equal(0, await redis.StreamLengthAsync(node.Get<RedisConnection>().Stream));
    }

    [Fact]
    public async Task A_lock_on_filling_the_stream_that_another_worker_took_meanwhile_stays_the_others()
    {
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        await using var node = await TestNode.StartAsync(
            new NodeOptions
            {
                Database = new DatabaseOptions { Provider = DatabaseOptions.Postgres },
                Queue = new QueueOptions { Provider = QueueOptions.Redis, Name = $"test-{Interlocked.Increment(ref _names)}" },
            },
            ("Lazaret", database),
            ("Redis", (await RedisServer.SharedAsync()).ConnectionString));
        var connection = node.Get<RedisConnection>();
        var redis = (await connection.OpenAsync()).GetDatabase();
        var turn = RedisDispatch.FeedLock(connection.Stream);
        var dispatch = node.Get<IJobDispatch>();
        Assert.Null(await dispatch.ClaimAsync("process", Unrunnable.None, Stop));

        // The database keeps the first worker waiting while it fills the stream. Its lock lapses meanwhile, and another worker takes it.
        await using (var blocking = node.Open())
        {
            await using var transaction = await blocking.Database.BeginTransactionAsync(Stop);
            await blocking.Database.ExecuteSqlRawAsync("LOCK TABLE \"Jobs\" IN ACCESS EXCLUSIVE MODE", Stop);
            var claiming = dispatch.ClaimAsync("process", Unrunnable.None, Stop);
            await Wait.UntilAsync(() => redis.KeyExistsAsync(turn));
            await redis.StringSetAsync(turn, "another", TimeSpan.FromMinutes(1));
            await transaction.CommitAsync(Stop);
            Assert.Null(await claiming);
        }

        Assert.Equal("another", await redis.StringGetAsync(turn));
    }

    private static async Task<TestNode> OnRedisAsync(RedisServer? redis, int leaseSeconds = 15) => await TestNode.StartAsync(
        new NodeOptions
        {
            Jobs = new JobOptions { LeaseSeconds = leaseSeconds },
            Queue = new QueueOptions { Provider = QueueOptions.Redis, Name = $"test-{Interlocked.Increment(ref _names)}" },
        },
        ("Redis", (redis ?? await RedisServer.SharedAsync()).ConnectionString));
}
