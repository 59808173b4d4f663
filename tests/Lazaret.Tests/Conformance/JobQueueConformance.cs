using Lazaret.Node;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Admissions;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Keys;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Conformance;

public sealed class JobQueueSqliteTests() : JobQueueConformance(DatabaseUnderTest.SqliteAsync);

public sealed class JobQueuePostgresTests() : JobQueueConformance(DatabaseUnderTest.PostgresAsync);

/// <summary>What the queue promises, on each database.</summary>
public abstract partial class JobQueueConformance(Func<NodeOptions?, Task<TestNode>> start)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_oldest_job_is_claimed_first_and_only_once()
    {
        await using var node = await start(null);
        var first = await AdmitAsync(node);
        node.Time.Advance(TimeSpan.FromSeconds(1));
        var second = await AdmitAsync(node);

        var queue = node.Get<JobQueue>();
        Assert.Equal(first.Id, (await queue.ClaimAsync("process", Unrunnable.None, Stop))!.Job.Id);
        Assert.Equal(second.Id, (await queue.ClaimAsync("process", Unrunnable.None, Stop))!.Job.Id);
        Assert.Null(await queue.ClaimAsync("process", Unrunnable.None, Stop));
    }

    [Fact]
    public async Task Many_workers_at_once_claim_every_job_once()
    {
        await using var node = await start(null);
        var admitted = new HashSet<Guid>();
        for (var i = 0; i < 40; i++)
            admitted.Add((await AdmitAsync(node)).Id);

        var queue = node.Get<JobQueue>();
        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(ClaimAllAsync, Stop)));
        var claimed = claims.SelectMany(ids => ids).ToList();
        Assert.Equal(40, claimed.Count);
        Assert.Equal(admitted, claimed.ToHashSet());

        async Task<List<Guid>> ClaimAllAsync()
        {
            var ids = new List<Guid>();
            while (await queue.ClaimAsync("process", Unrunnable.None, Stop) is { } claim)
                ids.Add(claim.Job.Id);
            return ids;
        }
    }

    [Fact]
    public async Task A_heartbeat_keeps_the_job_and_silence_loses_it()
    {
        await using var node = await start(null);
        await AdmitAsync(node);
        var queue = node.Get<JobQueue>();
        var claim = (await queue.ClaimAsync("process", Unrunnable.None, Stop))!;

        node.Time.Advance(TimeSpan.FromSeconds(14));
        Assert.True(await queue.RenewAsync(claim.Lease, Stop));
        node.Time.Advance(TimeSpan.FromSeconds(14));
        Assert.Null(await queue.ClaimAsync("process", Unrunnable.None, Stop));

        node.Time.Advance(TimeSpan.FromSeconds(2));
        var again = (await queue.ClaimAsync("process", Unrunnable.None, Stop))!;
        Assert.Equal(claim.Job.Id, again.Job.Id);
        Assert.Equal(2, again.Lease.Attempt);
        Assert.False(await queue.RenewAsync(claim.Lease, Stop));
    }

    [Fact]
    public async Task A_worker_that_lost_its_lease_writes_no_outcome()
    {
        await using var node = await start(null);
        var job = await AdmitAsync(node);
        var queue = node.Get<JobQueue>();
        var slow = (await queue.ClaimAsync("process", Unrunnable.None, Stop))!;
        node.Time.Advance(TimeSpan.FromMinutes(1));
        var quick = (await queue.ClaimAsync("process", Unrunnable.None, Stop))!;

        Assert.NotNull(await queue.ConcludeAsync(quick, new RunReport.Released("first"u8.ToArray(), []), Stop));
        Assert.Null(await queue.ConcludeAsync(slow, new RunReport.Released("second"u8.ToArray(), []), Stop));

        await using var db = node.Open();
        Assert.Equal(JobState.Done, (await db.Jobs.SingleAsync(Stop)).State);
        var result = await db.Payloads.SingleAsync(payload => payload.JobId == job.Id && payload.Name == PayloadName.Result, Stop);
        Assert.Equal("first"u8.ToArray(), result.Open(node.Get<RecordSeal>()));
        Assert.Equal([RunEnd.Lost, RunEnd.Released], await db.Runs.OrderBy(run => run.Attempt).Select(run => run.Ending!.Value).ToListAsync(Stop));
    }

    [Fact]
    public async Task A_job_whose_workers_keep_dying_fails_after_its_last_attempt()
    {
        await using var node = await start(null);
        await AdmitAsync(node);
        var queue = node.Get<JobQueue>();
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            Assert.Equal(attempt, (await queue.ClaimAsync("process", Unrunnable.None, Stop))!.Lease.Attempt);
            node.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Null(await queue.ClaimAsync("process", Unrunnable.None, Stop));
        await using var db = node.Open();
        var job = await db.Jobs.SingleAsync(Stop);
        Assert.Equal(JobState.Failed, job.State);
        Assert.Contains("3 attempts", job.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_of_the_host_is_tried_again_and_a_fault_of_the_visitor_is_not()
    {
        await using var node = await start(null);
        await AdmitAsync(node);
        var queue = node.Get<JobQueue>();
        var claim = (await queue.ClaimAsync("process", Unrunnable.None, Stop))!;
        Assert.NotNull(await queue.ConcludeAsync(claim, new RunReport.HostFault("the node could not run the program"), Stop));

        Assert.Null(await queue.ClaimAsync("process", Unrunnable.None, Stop));
        node.Time.Advance(TimeSpan.FromSeconds(2));
        claim = (await queue.ClaimAsync("process", Unrunnable.None, Stop))!;
        Assert.Equal(2, claim.Lease.Attempt);
        Assert.NotNull(await queue.ConcludeAsync(claim, new RunReport.Failed(RunEnd.Exited, "the program ended with exit code 1"), Stop));
        Assert.Null(await queue.ClaimAsync("process", Unrunnable.None, Stop));
    }

    [Fact]
    public async Task A_job_that_the_host_keeps_failing_ends_failed_after_ever_longer_pauses()
    {
        await using var node = await start(null);
        await AdmitAsync(node);
        var queue = node.Get<JobQueue>();
        var pauses = new List<TimeSpan>();
        while (await queue.ClaimAsync("process", Unrunnable.None, Stop) is { } claim)
        {
            Assert.NotNull(await queue.ConcludeAsync(claim, new RunReport.HostFault("the node could not run the program"), Stop));
            await using var look = node.Open();
            if ((await look.Jobs.SingleAsync(Stop)).NotBefore is { } due && due > node.Time.GetUtcNow())
            {
                pauses.Add(due - node.Time.GetUtcNow());
                node.Time.Advance(pauses[^1]);
            }
        }

        await using var db = node.Open();
        var job = await db.Jobs.SingleAsync(Stop);
        Assert.Equal((JobState.Failed, 3, "the node could not run the program, in each of 3 attempts"), (job.State, job.HostFaults, job.Error));
        Assert.Equal(2, pauses.Count);
        Assert.InRange(pauses[0].TotalSeconds, 1, 2);
        Assert.InRange(pauses[1].TotalSeconds, 2, 4);
    }

    [Fact]
    public async Task A_job_given_back_by_a_node_that_stops_has_lost_no_attempt()
    {
        await using var node = await start(null);
        await AdmitAsync(node);
        var queue = node.Get<JobQueue>();
        for (var i = 0; i < 5; i++)
            Assert.NotNull(await queue.ConcludeAsync((await queue.ClaimAsync("process", Unrunnable.None, Stop))!, new RunReport.Stopped(), Stop));

        await using var db = node.Open();
        var job = await db.Jobs.SingleAsync(Stop);
        Assert.Equal((JobState.Queued, 5, 0), (job.State, job.Attempts, job.HostFaults));
    }

    [Fact]
    public async Task A_cancellation_reaches_the_run_at_once()
    {
        await using var node = await start(null);
        var job = await AdmitAsync(node);
        using var run = new CancellationTokenSource();
        using var watching = node.Get<JobSignal>().Watch(job.Id, run);
        await node.Get<JobQueue>().CancelAsync(job.Id, JobKind.Cohort, "somebody", Stop);
        Assert.True(run.IsCancellationRequested);
    }

    [Fact]
    public async Task Whoever_waits_for_a_result_is_woken_by_its_end_and_not_by_the_clock()
    {
        // The clock stands still: only the end of the job, or its cancellation, can wake them.
        await using var node = await start(null);
        var (done, cancelled) = (await AdmitAsync(node), await AdmitAsync(node));
        var queue = node.Get<JobQueue>();
        var waiting = new[] { done, cancelled }.Select(job => node.Get<JobResults>().WaitAsync(job, TimeSpan.FromMinutes(1), Stop)).ToArray();
        var claim = (await queue.ClaimAsync("process", Unrunnable.None, done.Id, Stop))!;
        Assert.NotNull(await queue.ConcludeAsync(claim, new RunReport.Released([1], []), Stop));
        await queue.CancelAsync(cancelled.Id, JobKind.Cohort, "somebody", Stop);

        var ended = await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromMinutes(1), Stop);
        Assert.Equal([JobState.Done, JobState.Cancelled], ended.Select(job => job.Job.State));
    }

    [Fact]
    public async Task A_cancelled_job_loses_its_lease_and_keeps_no_outcome()
    {
        await using var node = await start(null);
        var job = await AdmitAsync(node);
        var queue = node.Get<JobQueue>();
        var claim = (await queue.ClaimAsync("process", Unrunnable.None, Stop))!;

        Assert.Equal(JobState.Cancelled, (await queue.CancelAsync(job.Id, JobKind.Cohort, "somebody", Stop))!.State);
        Assert.False(await queue.RenewAsync(claim.Lease, Stop));
        Assert.Null(await queue.ConcludeAsync(claim, new RunReport.Released([1], []), Stop));
    }

    [Fact]
    public async Task Nobody_cancels_another_requesters_job()
    {
        await using var node = await start(null);
        var job = await AdmitAsync(node);
        Assert.Null(await node.Get<JobQueue>().CancelAsync(job.Id, JobKind.Cohort, "another", Stop));
        Assert.Null(await node.Get<JobQueue>().CancelAsync(job.Id, JobKind.Diagnosis, "somebody", Stop));
    }

    private static Job NewJob(TestNode node, string requester, JobKind kind) =>
        Job.Admit(kind, requester, "{}", "digest", null, node.Time.GetUtcNow());

    private static async Task<Job> AdmitAsync(TestNode node, JobKind kind = JobKind.Cohort, string requester = "somebody")
    {
        var admitted = await node.Get<JobAdmission>().AdmitAsync(NewJob(node, requester, kind), [1, 2, 3], [], Stop);
        return ((Admission.Accepted)admitted).Job;
    }
}
