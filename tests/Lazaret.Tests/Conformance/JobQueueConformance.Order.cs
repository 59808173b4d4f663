using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Admissions;
using Lazaret.Node.Jobs.Dispatch;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Conformance;

/// <summary>What is admitted, and whose turn comes first.</summary>
public abstract partial class JobQueueConformance
{
    [Fact]
    public async Task Requesters_take_turns_however_many_jobs_one_of_them_sent()
    {
        await using var node = await start(null);
        var names = new Dictionary<Guid, string>();
        foreach (var name in (string[])["many", "many", "many", "many", "few", "few", "one"])
            names[(await AdmitAsync(node, requester: name)).Id] = name;

        var queue = node.Get<JobQueue>();
        var order = new List<string>();
        while (await queue.ClaimAsync("process", Unrunnable.None, Stop) is { } claim)
            order.Add(names[claim.Job.Id]);
        Assert.Equal(["few", "many", "one"], order.Take(3).Order());
        Assert.Equal(["few", "many"], order.Skip(3).Take(2).Order());
        Assert.Equal(["many", "many"], order.Skip(5));
    }

    [Fact]
    public async Task Who_comes_late_waits_for_no_more_than_a_turn()
    {
        await using var node = await start(null);
        for (var i = 0; i < 10; i++)
            await AdmitAsync(node, requester: "many");
        var queue = node.Get<JobQueue>();
        for (var i = 0; i < 5; i++)
            Assert.NotNull(await queue.ClaimAsync("process", Unrunnable.None, Stop));

        node.Time.Advance(TimeSpan.FromSeconds(1));
        var late = new HashSet<Guid> { (await AdmitAsync(node, requester: "late")).Id, (await AdmitAsync(node, requester: "late")).Id };
        var next = new List<bool>();
        for (var i = 0; i < 4; i++)
            next.Add(late.Contains((await queue.ClaimAsync("process", Unrunnable.None, Stop))!.Job.Id));
        Assert.Equal([false, true, false, true], next);
    }

    [Fact]
    public async Task A_diagnosis_goes_before_a_cohort_job()
    {
        await using var node = await start(null);
        await AdmitAsync(node);
        var diagnosis = await AdmitAsync(node, JobKind.Diagnosis);
        Assert.Equal(diagnosis.Id, (await node.Get<JobQueue>().ClaimAsync("process", Unrunnable.None, Stop))!.Job.Id);
    }

    [Fact]
    public async Task A_full_queue_takes_no_more_until_a_job_has_left_it()
    {
        await using var node = await start(new NodeOptions { Queue = new QueueOptions { MaxQueued = 3, MaxQueuedPerRequester = 2 } });
        await AdmitAsync(node);
        await AdmitAsync(node);
        Assert.IsType<Admission.QueueFull>(await TryAdmitAsync(node, "somebody"));
        await AdmitAsync(node, requester: "another");
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
}
