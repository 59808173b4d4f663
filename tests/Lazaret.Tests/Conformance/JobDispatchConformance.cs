using System.Collections.Concurrent;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Admissions;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Storage;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lazaret.Tests.Conformance;

public sealed class JobDispatchSqliteTests() : JobDispatchConformance(() => DatabaseUnderTest.SqliteAsync());

public sealed class JobDispatchPostgresTests() : JobDispatchConformance(() => DatabaseUnderTest.PostgresAsync())
{
    [Fact]
    public async Task What_one_process_says_another_hears()
    {
        await using var node = await Start();
        await HearsAsync(signal => new PostgresRelay(signal, node.Get<IDbContextFactory<LazaretDb>>(), NullLogger<PostgresRelay>.Instance));
    }
}

/// <summary>What a dispatch promises, on each queue.</summary>
public abstract class JobDispatchConformance(Func<Task<TestNode>> start)
{
    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    protected Func<Task<TestNode>> Start { get; } = start;

    [Fact]
    public async Task Many_workers_get_every_job_once()
    {
        await using var node = await Start();
        var admitted = await AdmitAsync(node, 100);
        var dispatch = node.Get<IJobDispatch>();
        var claimed = new ConcurrentBag<Guid>();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(
            async () =>
            {
                // One that looks while another fills the stream finds nothing, and looks again.
                while (claimed.Count < admitted.Count)
                {
                    if (await dispatch.ClaimAsync("process", Unrunnable.None, Stop) is not { } job)
                        continue;
                    claimed.Add(job.Job.Id);
                    Assert.NotNull(await node.Get<JobQueue>().ConcludeAsync(job, new RunReport.Released([1], []), Stop));
                    await dispatch.SettleAsync(job);
                }
            },
            Stop)));
        Assert.Equal(admitted.Order(), claimed.Order());
        Assert.Null(await dispatch.ClaimAsync("process", Unrunnable.None, Stop));
    }

    [Fact]
    public async Task The_job_of_a_silent_worker_is_handed_out_again()
    {
        await using var node = await Start();
        await AdmitAsync(node, 1);
        var dispatch = node.Get<IJobDispatch>();
        var silent = (await dispatch.ClaimAsync("process", Unrunnable.None, Stop))!;
        Assert.Null(await dispatch.ClaimAsync("process", Unrunnable.None, Stop));
        await dispatch.SettleAsync(silent);
        node.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(2, (await dispatch.ClaimAsync("process", Unrunnable.None, Stop))!.Lease.Attempt);
    }

    [Fact]
    public async Task A_job_that_waits_for_its_next_attempt_is_handed_out_in_time()
    {
        await using var node = await Start();
        await AdmitAsync(node, 1);
        var dispatch = node.Get<IJobDispatch>();
        var failed = (await dispatch.ClaimAsync("process", Unrunnable.None, Stop))!;
        await node.Get<JobQueue>().ConcludeAsync(failed, new RunReport.HostFault("the node could not run the program"), Stop);
        await dispatch.SettleAsync(failed);
        Assert.Null(await dispatch.ClaimAsync("process", Unrunnable.None, Stop));
        node.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(failed.Job.Id, (await dispatch.ClaimAsync("process", Unrunnable.None, Stop))!.Job.Id);
    }

    [Fact]
    public async Task A_cancelled_job_is_not_handed_out()
    {
        await using var node = await Start();
        var jobs = await AdmitAsync(node, 3);
        var dispatch = node.Get<IJobDispatch>();
        var first = (await dispatch.ClaimAsync("process", Unrunnable.None, Stop))!;
        var cancelled = jobs.First(job => job != first.Job.Id);
        await node.Get<JobQueue>().CancelAsync(cancelled, JobKind.Cohort, "somebody", Stop);
        Assert.Equal(jobs.Except([first.Job.Id, cancelled]), await ClaimAllAsync(dispatch));
    }

    [Fact]
    public async Task What_a_worker_cannot_run_stays_for_others_and_costs_no_attempt()
    {
        await using var node = await Start();
        var (cohort, here) = (await AdmitAsync(node, 4, JobKind.Cohort, "map_to_outcome_v1"), await AdmitAsync(node, 4, JobKind.Diagnosis, "sepsis@1.0.0"));
        var absent = await AdmitAsync(node, 40, JobKind.Diagnosis, "sepsis@2.0.0");
        var (dispatch, lacking) = (node.Get<IJobDispatch>(), new Unrunnable([JobKind.Cohort], ["sepsis@2.0.0"]));
        Assert.Equal(here, (await ClaimAllAsync(dispatch, lacking)).Order());
        Assert.Null(await dispatch.ClaimAsync("process", lacking, Stop));

        await using var db = node.Open();
        Assert.Equal(44, await db.Jobs.CountAsync(job => job.State == JobState.Queued && job.Attempts == 0, Stop));
        Assert.Equal([.. cohort.Concat(absent).Order()], (await ClaimAllAsync(dispatch, Unrunnable.None)).Order());
    }

    [Fact]
    public async Task A_worker_that_lacks_something_does_not_keep_others_from_their_jobs()
    {
        await using var node = await Start();
        await AdmitAsync(node, 30, JobKind.Diagnosis, "sepsis@2.0.0");
        var dispatch = node.Get<IJobDispatch>();
        var lacking = new Unrunnable([], ["sepsis@2.0.0"]);
        for (var i = 0; i < 30; i++)
        {
            Assert.Null(await dispatch.ClaimAsync("process", lacking, Stop));
            var claimed = (await dispatch.ClaimAsync("process", Unrunnable.None, Stop))!;
            Assert.Null(await dispatch.ClaimAsync("process", lacking, Stop));
            Assert.NotNull(await node.Get<JobQueue>().ConcludeAsync(claimed, new RunReport.Released([1], []), Stop));
            await dispatch.SettleAsync(claimed);
        }

        Assert.Null(await dispatch.ClaimAsync("process", Unrunnable.None, Stop));
    }

    [Fact]
    public async Task A_job_that_a_worker_gives_back_waits_a_moment_and_has_lost_no_attempt()
    {
        await using var node = await Start();
        await AdmitAsync(node, 1, JobKind.Diagnosis, "sepsis@2.0.0");
        var dispatch = node.Get<IJobDispatch>();
        for (var i = 0; i < 5; i++)
        {
            var claimed = (await dispatch.ClaimAsync("process", Unrunnable.None, Stop))!;
            Assert.NotNull(await node.Get<JobQueue>().ConcludeAsync(claimed, new RunReport.GivenBack(), Stop));
            await dispatch.SettleAsync(claimed);
            Assert.Null(await dispatch.ClaimAsync("process", Unrunnable.None, Stop));
            node.Time.Advance(TimeSpan.FromSeconds(2));
        }

        await using var db = node.Open();
        var job = await db.Jobs.SingleAsync(Stop);
        Assert.Equal((JobState.Queued, 0), (job.State, job.HostFaults));
    }

    protected static async Task<List<Guid>> AdmitAsync(TestNode node, int count, JobKind kind = JobKind.Cohort, string? program = null)
    {
        var ids = new List<Guid>();
        for (var i = 0; i < count; i++)
        {
            var job = Job.Admit(kind, "somebody", "{}", "digest", null, node.Time.GetUtcNow(), program: program);
            Assert.IsType<Admission.Accepted>(await node.Get<JobAdmission>().AdmitAsync(job, [1], [], Stop));
            ids.Add(job.Id);
        }

        ids.Sort();
        return ids;
    }

    protected static async Task<List<Guid>> ClaimAllAsync(IJobDispatch dispatch, Unrunnable? except = null)
    {
        var ids = new List<Guid>();
        while (await dispatch.ClaimAsync("process", except ?? Unrunnable.None, Stop) is { } claimed)
            ids.Add(claimed.Job.Id);
        return ids;
    }

    /// <summary>Two processes' signals, each with its relay: what is said to the one is heard by the other.</summary>
    protected static async Task HearsAsync(Func<JobSignal, JobRelay> relay)
    {
        using var speaker = new JobSignal();
        using var listener = new JobSignal();
        IHostedService[] relays = [relay(speaker), relay(listener)];
        foreach (var one in relays)
            await one.StartAsync(Stop);
        var job = Guid.CreateVersion7();
        using var run = new CancellationTokenSource();
        using var watching = listener.Watch(job, run);
        var over = Guid.CreateVersion7();
        using var waiting = listener.AwaitEnd(over, out var end);

        // Said until heard: the relays are still on their way to the server.
        await Wait.UntilAsync(async () =>
        {
            speaker.Say(new JobNews.Cancelled(job));
            speaker.Say(new JobNews.Over(over));
            speaker.Say(new JobNews.Claimable());
            await Task.Delay(20, Stop);
            return run.IsCancellationRequested && end.IsCompleted;
        });
        await listener.WaitAsync(Timeout.InfiniteTimeSpan, Stop);
        foreach (var one in relays)
        {
            await one.StopAsync(Stop);
            ((IDisposable)one).Dispose();
        }
    }
}
