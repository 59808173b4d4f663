using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Admissions;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Conformance;

public sealed class JobAdmissionSqliteTests() : JobAdmissionConformance(DatabaseUnderTest.SqliteAsync);

public sealed class JobAdmissionPostgresTests() : JobAdmissionConformance(DatabaseUnderTest.PostgresAsync);

/// <summary>What becomes of a request, on each database.</summary>
public abstract class JobAdmissionConformance(Func<NodeOptions?, Task<TestNode>> start)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_queue_takes_no_more_until_a_job_has_left_it()
    {
        await using var node = await start(new NodeOptions { Queue = new QueueOptions { MaxQueued = 3, MaxQueuedPerRequester = 2 } });
        Assert.IsType<Admission.Accepted>(await TryAdmitAsync(node, "somebody"));
        Assert.IsType<Admission.Accepted>(await TryAdmitAsync(node, "somebody"));
        Assert.IsType<Admission.QueueFull>(await TryAdmitAsync(node, "somebody"));
        Assert.IsType<Admission.Accepted>(await TryAdmitAsync(node, "another"));
        Assert.IsType<Admission.QueueFull>(await TryAdmitAsync(node, "a third"));

        Assert.NotNull(await node.Get<JobQueue>().ClaimAsync("process", Unrunnable.None, Stop));
        node.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.IsType<Admission.Accepted>(await TryAdmitAsync(node, "a third"));
        Assert.IsType<Admission.QueueFull>(await TryAdmitAsync(node, "a fourth"));
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

    private static Job NewJob(TestNode node, string digest = "digest", string? key = null, string requester = "somebody") =>
        Job.Admit(JobKind.Cohort, requester, "{}", digest, key, node.Time.GetUtcNow());

    private static Task<Admission> TryAdmitAsync(TestNode node, string requester) =>
        node.Get<JobAdmission>().AdmitAsync(NewJob(node, requester: requester), [1, 2, 3], [], Stop);
}
