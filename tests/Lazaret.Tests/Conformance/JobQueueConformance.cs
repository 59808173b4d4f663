using Lazaret.Node.Audit;
using Lazaret.Node.Configuration;
using Lazaret.Node.Jobs;
using Lazaret.Node.Keys;
using Lazaret.Node.Runs;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Conformance;

public sealed class JobQueueSqliteTests() : JobQueueConformance(DatabaseUnderTest.SqliteAsync);

public sealed class JobQueuePostgresTests() : JobQueueConformance(DatabaseUnderTest.PostgresAsync);

/// <summary>What the queue promises, on each database.</summary>
public abstract class JobQueueConformance(Func<NodeOptions?, Task<TestNode>> start)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_oldest_job_is_claimed_first_and_only_once()
    {
        await using var node = await start(null);
        var first = await AdmitAsync(node);
        node.Time.Pass(TimeSpan.FromSeconds(1));
        var second = await AdmitAsync(node);

        var queue = node.Get<JobQueue>();
        Assert.Equal(first.Id, (await queue.ClaimAsync("process", Stop))!.Job.Id);
        Assert.Equal(second.Id, (await queue.ClaimAsync("process", Stop))!.Job.Id);
        Assert.Null(await queue.ClaimAsync("process", Stop));
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
            while (await queue.ClaimAsync("process", Stop) is { } claim)
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
        var claim = (await queue.ClaimAsync("process", Stop))!;

        node.Time.Pass(TimeSpan.FromSeconds(14));
        Assert.True(await queue.RenewAsync(claim.Lease, Stop));
        node.Time.Pass(TimeSpan.FromSeconds(14));
        Assert.Null(await queue.ClaimAsync("process", Stop));

        node.Time.Pass(TimeSpan.FromSeconds(2));
        var again = (await queue.ClaimAsync("process", Stop))!;
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
        var slow = (await queue.ClaimAsync("process", Stop))!;
        node.Time.Pass(TimeSpan.FromMinutes(1));
        var quick = (await queue.ClaimAsync("process", Stop))!;

        Assert.True(await queue.ConcludeAsync(quick, new RunReport.Released("first"u8.ToArray(), []), Stop));
        Assert.False(await queue.ConcludeAsync(slow, new RunReport.Released("second"u8.ToArray(), []), Stop));

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
            Assert.Equal(attempt, (await queue.ClaimAsync("process", Stop))!.Lease.Attempt);
            node.Time.Pass(TimeSpan.FromMinutes(1));
        }

        Assert.Null(await queue.ClaimAsync("process", Stop));
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
        var claim = (await queue.ClaimAsync("process", Stop))!;
        Assert.True(await queue.ConcludeAsync(claim, new RunReport.HostFault("the node could not run the program"), Stop));

        claim = (await queue.ClaimAsync("process", Stop))!;
        Assert.Equal(2, claim.Lease.Attempt);
        Assert.True(await queue.ConcludeAsync(claim, new RunReport.Failed(RunEnd.Exited, "the program ended with exit code 1"), Stop));
        Assert.Null(await queue.ClaimAsync("process", Stop));
    }

    [Fact]
    public async Task A_cancelled_job_loses_its_lease_and_keeps_no_outcome()
    {
        await using var node = await start(null);
        var job = await AdmitAsync(node);
        var queue = node.Get<JobQueue>();
        var claim = (await queue.ClaimAsync("process", Stop))!;

        Assert.Equal(JobState.Cancelled, (await queue.CancelAsync(job.Id, JobKind.Cohort, "somebody", Stop))!.State);
        Assert.False(await queue.RenewAsync(claim.Lease, Stop));
        Assert.False(await queue.ConcludeAsync(claim, new RunReport.Released([1], []), Stop));
    }

    [Fact]
    public async Task Nobody_cancels_another_requesters_job()
    {
        await using var node = await start(null);
        var job = await AdmitAsync(node);
        Assert.Null(await node.Get<JobQueue>().CancelAsync(job.Id, JobKind.Cohort, "another", Stop));
        Assert.Null(await node.Get<JobQueue>().CancelAsync(job.Id, JobKind.Diagnosis, "somebody", Stop));
    }

    [Fact]
    public async Task A_repeated_request_is_the_same_job_and_another_request_under_its_key_is_refused()
    {
        await using var node = await start(null);
        var admission = node.Get<JobAdmission>();
        var first = (Admission.Accepted)await admission.AdmitAsync(NewJob(node, "digest", "key"), [1], [], Stop);
        var repeated = (Admission.Accepted)await admission.AdmitAsync(NewJob(node, "digest", "key"), [1], [], Stop);
        Assert.Equal(first.Job.Id, repeated.Job.Id);
        Assert.IsType<Admission.KeyReused>(await admission.AdmitAsync(NewJob(node, "other", "key"), [2], [], Stop));

        await using var db = node.Open();
        Assert.Equal(1, await db.Jobs.CountAsync(Stop));
        Assert.Equal(1, await db.Audit.CountAsync(entry => entry.Action == AuditAction.JobAdmitted, Stop));
    }

    [Fact]
    public async Task The_same_request_sent_many_times_at_once_makes_one_job()
    {
        await using var node = await start(null);
        var admission = node.Get<JobAdmission>();
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ =>
            Task.Run(() => admission.AdmitAsync(NewJob(node, "digest", "key"), [1], [], Stop), Stop)));
        Assert.Single(answers.Select(answer => ((Admission.Accepted)answer).Job.Id).ToHashSet());
        await using var db = node.Open();
        Assert.Equal(1, await db.Jobs.CountAsync(Stop));
    }

    private static Job NewJob(TestNode node, string digest = "digest", string? key = null) =>
        Job.Admit(JobKind.Cohort, "somebody", "{}", digest, key, node.Time.GetUtcNow());

    private static async Task<Job> AdmitAsync(TestNode node)
    {
        var admitted = await node.Get<JobAdmission>().AdmitAsync(NewJob(node), [1, 2, 3], [], Stop);
        return ((Admission.Accepted)admitted).Job;
    }
}
