using Lazaret.Node.Jobs;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Conformance;

/// <summary>Whose turn comes first.</summary>
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
}
