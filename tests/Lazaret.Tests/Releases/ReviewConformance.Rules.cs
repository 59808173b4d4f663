using Lazaret.Cohort;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases.Reviews;
using Microsoft.EntityFrameworkCore;
using static Lazaret.Tests.Releases.DecidedJobs;

namespace Lazaret.Tests.Releases;

/// <summary>Which results wait for a steward before any control has a say.</summary>
public abstract partial class ReviewConformance
{
    private const string Visiting = "visiting_v1";

    [Fact]
    public async Task Out_of_the_box_what_a_visiting_program_answers_and_a_cohorts_own_map_wait_and_nothing_else_does()
    {
        await using var node = await StartAsync(new ReviewOptions());
        Assert.Equal((JobState.Held, ReviewReason.VisitingAnalysis), await EndAsync(node, "a", Visiting, isVisiting: true));
        Assert.Equal((JobState.Held, ReviewReason.OutcomeMap), await EndAsync(node, "b", AnalysisContract.OutcomeMap));
        Assert.Equal((JobState.Done, null), await EndAsync(node, "c"));

        await using var trusting = await StartAsync(new ReviewOptions { VisitingAnalyses = false, OutcomeMaps = false });
        Assert.Equal((JobState.Done, null), await EndAsync(trusting, "a", Visiting, isVisiting: true));
        Assert.Equal((JobState.Done, null), await EndAsync(trusting, "b", AnalysisContract.OutcomeMap));
    }

    [Fact]
    public async Task A_task_and_a_requester_that_are_named_wait_and_others_do_not()
    {
        await using var node = await StartAsync(new ReviewOptions { Tasks = [Visiting], Requesters = ["watched"], VisitingAnalyses = false });
        Assert.Equal((JobState.Held, ReviewReason.Task), await EndAsync(node, "a", Visiting));
        Assert.Equal((JobState.Held, ReviewReason.Requester), await EndAsync(node, "b", requester: "watched"));
        Assert.Equal((JobState.Done, null), await EndAsync(node, "c"));
    }

    [Fact]
    public async Task A_requesters_first_result_waits_until_one_has_left()
    {
        await using var node = await StartAsync(new ReviewOptions { FirstUse = true });
        Assert.Equal((JobState.Held, ReviewReason.FirstUse), await EndAsync(node, "a"));
        Assert.Equal((JobState.Held, ReviewReason.FirstUse), await EndAsync(node, "b"));
        await using (var db = node.Open())
            Assert.IsType<ReviewOutcome.Counted>(await DecideAsync(node, await db.Jobs.FirstAsync(Stop), "steward", ReviewVerdict.Approve));
        Assert.Equal((JobState.Done, null), await EndAsync(node, "c"));
        Assert.Equal((JobState.Held, ReviewReason.FirstUse), await EndAsync(node, "d", requester: "another"));
    }

    /// <summary>How a job ends whose run answered a question of this name, and why it waits.</summary>
    private static async Task<(JobState State, ReviewReason? Reason)> EndAsync(TestNode node, string query, string task = "map_to_outcome_v1", bool isVisiting = false, string requester = "asker")
    {
        var job = await AdmitAsync(node.Services, requester, query);
        var claimed = (await node.Get<JobQueue>().ClaimAsync("process", Unrunnable.None, job.Id, Stop))!;
        Assert.NotNull(await ConcludeAsync(node.Services, claimed, [Ask(query)], task: task, isVisiting: isVisiting));
        await using var db = node.Open();
        return ((await db.Jobs.SingleAsync(row => row.Id == job.Id, Stop)).State, (await db.Reviews.SingleOrDefaultAsync(review => review.JobId == job.Id, Stop))?.Reason);
    }
}
