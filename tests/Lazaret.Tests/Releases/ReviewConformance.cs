using Lazaret.Disclosure;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases;
using Lazaret.Node.Releases.Reviews;
using Lazaret.Node.Retention;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static Lazaret.Tests.Releases.DecidedJobs;

namespace Lazaret.Tests.Releases;

public sealed class ReviewSqliteTests() : ReviewConformance(DatabaseUnderTest.SqliteAsync);

public sealed class ReviewPostgresTests() : ReviewConformance(DatabaseUnderTest.PostgresAsync);

/// <summary>What stewards do to held results, on each database.</summary>
public abstract partial class ReviewConformance(Func<NodeOptions?, Task<TestNode>> start)
{
    private static readonly ReviewOptions All = new() { Projects = ["*"] };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_steward_approves_leaves_on_the_tick_and_the_audit_says_who_let_it_go()
    {
        await using var node = await StartAsync(All);
        var job = await RunAsync(node.Services, Ask("a"));
        Assert.Equal((JobState.Held, ReleaseState.Held), await StandAsync(node, job.Id));

        node.Time.Advance(TimeSpan.FromMinutes(5.0001));
        Assert.Equal(new ReviewOutcome.Counted(JobState.Done, 0), await DecideAsync(node, job, "steward", ReviewVerdict.Approve));
        Assert.Equal((JobState.Done, ReleaseState.Released), await StandAsync(node, job.Id));
        await using var db = node.Open();
        var published = (await db.Jobs.SingleAsync(Stop)).PublishedAt!.Value;
        Assert.True(published > node.Time.GetUtcNow() && published.Ticks % TimeSpan.TicksPerSecond == 0);
        var entries = await db.Audit.Where(entry => entry.JobId == job.Id).OrderBy(entry => entry.Sequence).Select(entry => new { entry.Action, entry.Actor }).ToListAsync(Stop);
        Assert.Equal([AuditAction.JobAdmitted, AuditAction.RunStarted, AuditAction.ResultHeld, AuditAction.ResultReviewed, AuditAction.ResultReleased], entries.Select(entry => entry.Action));
        Assert.Equal(["asker", "node", "node", "steward", "node"], entries.Select(entry => entry.Actor));
        Assert.Empty(await new JobWitness().FindAsync(db, 10, Stop));
        Assert.NotNull((await node.Get<JobResults>().FindAsync(job.Id, JobKind.Cohort, "asker", Stop))!.Job);
    }

    [Fact]
    public async Task What_a_steward_rejects_is_blocked_costs_nothing_and_is_not_answered_to_anybody_else()
    {
        await using var node = await StartAsync(All);
        var job = await RunAsync(node.Services, Ask("a", first: 0.4));
        Assert.Equal(new ReviewOutcome.Counted(JobState.Blocked, 1), await DecideAsync(node, job, "steward", ReviewVerdict.Reject));
        Assert.Equal((JobState.Blocked, ReleaseState.Rejected), await StandAsync(node, job.Id));
        await using var db = node.Open();
        Assert.False(await db.Payloads.AnyAsync(payload => payload.Name == PayloadName.Result, Stop));
        Assert.Empty(await new JobWitness().FindAsync(db, 10, Stop));

        await using var open = await BesideAsync(node, node.Options.Disclosure with { Review = new ReviewOptions() });
        Assert.Equal(JobState.Blocked, (await StandAsync(node, (await RunAsync(open, Ask("a", first: 0.4), "another")).Id)).Job);
        // Had it been charged, this one would be too much.
        Assert.Equal(JobState.Done, (await StandAsync(node, (await RunAsync(open, Ask("b", first: 0.45), "another")).Id)).Job);
    }

    [Fact]
    public async Task Where_two_must_approve_one_steward_cannot_do_it_twice()
    {
        await using var node = await StartAsync(All with { Approvals = 2 });
        var job = await RunAsync(node.Services, Ask("a"));
        Assert.Equal(new ReviewOutcome.Counted(JobState.Held, 1), await DecideAsync(node, job, "first", ReviewVerdict.Approve));
        Assert.Equal(new ReviewOutcome.Counted(JobState.Held, 1), await DecideAsync(node, job, "first", ReviewVerdict.Approve));
        // Who asks back does not approve any more.
        Assert.Equal(new ReviewOutcome.Counted(JobState.Held, 2), await DecideAsync(node, job, "first", ReviewVerdict.Ask));
        Assert.Equal(new ReviewOutcome.Counted(JobState.Held, 1), await DecideAsync(node, job, "second", ReviewVerdict.Approve));
        Assert.Equal(new ReviewOutcome.Counted(JobState.Done, 0), await DecideAsync(node, job, "first", ReviewVerdict.Approve));
        Assert.Equal(new ReviewOutcome.Over(JobState.Done), await DecideAsync(node, job, "third", ReviewVerdict.Reject));
    }

    [Fact]
    public async Task A_requester_neither_sees_nor_decides_their_own()
    {
        await using var node = await StartAsync(All);
        var job = await RunAsync(node.Services, Ask("a"), "asker");
        foreach (var verdict in Enum.GetValues<ReviewVerdict>())
            Assert.Equal(new ReviewOutcome.OwnRequest(), await DecideAsync(node, job, "asker", verdict));
        var desk = node.Get<ReviewDesk>();
        Assert.Empty(await desk.ListAsync("asker", Stop));
        Assert.Null(await desk.FindAsync(job.Id, "asker", Stop));
        Assert.Single(await desk.ListAsync("steward", Stop));
        Assert.Equal(JobState.Held, (await StandAsync(node, job.Id)).Job);
    }

    [Fact]
    public async Task A_steward_sees_no_colleague_s_vote_before_their_own()
    {
        await using var node = await StartAsync(All with { Approvals = 2 });
        var job = await RunAsync(node.Services, Ask("a"));
        await DecideAsync(node, job, "first", ReviewVerdict.Approve);
        var desk = node.Get<ReviewDesk>();
        Assert.Empty((await desk.FindAsync(job.Id, "second", Stop))!.Votes);
        Assert.Empty(Assert.Single(await desk.ListAsync("second", Stop)).Votes);
        await DecideAsync(node, job, "second", ReviewVerdict.Ask);
        Assert.Equal(["first", "second"], (await desk.FindAsync(job.Id, "second", Stop))!.Votes.Select(vote => vote.Steward));
    }

    [Fact]
    public async Task A_list_goes_on_where_its_part_ends_and_what_a_steward_approved_waits_for_a_colleague()
    {
        await using var node = await StartAsync(All with { Approvals = 2 });
        var jobs = new List<Guid>();
        foreach (var name in new[] { "a", "b", "c" })
        {
            jobs.Add((await RunAsync(node.Services, Ask(name))).Id);
            node.Time.Advance(TimeSpan.FromSeconds(1));
        }

        var desk = node.Get<ReviewDesk>();
        var since = (await desk.CountAsync("first", Stop)).Since!.Value;
        Assert.Equal(jobs[..2], Ids(await desk.ListWaitingAsync("first", null, 2, Stop)));
        Assert.Equal(jobs[2..], Ids(await desk.ListWaitingAsync("first", jobs[1], 2, Stop)));
        await using (var db = node.Open())
            await DecideAsync(node, await db.Jobs.SingleAsync(job => job.Id == jobs[0], Stop), "first", ReviewVerdict.Approve);
        Assert.Equal((2, (DateTimeOffset?)since.AddSeconds(1)), await desk.CountAsync("first", Stop));
        Assert.Equal((3, (DateTimeOffset?)since), await desk.CountAsync("second", Stop));
        Assert.Equal((0, (DateTimeOffset?)null), await desk.CountAsync("asker", Stop));
        Assert.Empty(await desk.ListDecidedAsync("first", null, 2, Stop));
        foreach (var id in jobs)
        {
            await using var db = node.Open();
            await DecideAsync(node, await db.Jobs.SingleAsync(job => job.Id == id, Stop), "second", ReviewVerdict.Reject);
            node.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([jobs[2], jobs[1]], Ids(await desk.ListDecidedAsync("first", null, 2, Stop)));
        var last = Assert.Single(await desk.ListDecidedAsync("first", jobs[1], 2, Stop));
        Assert.Equal((jobs[0], "first"), (last.Job.Id, Assert.Single(last.Votes).Steward));
        Assert.Empty(await desk.ListDecidedAsync("asker", null, 2, Stop));

        static IEnumerable<Guid> Ids(IEnumerable<ReviewCase> cases) => cases.Select(found => found.Job.Id);
    }

    [Fact]
    public async Task Nobody_overrules_a_control_but_a_spent_ledger()
    {
        await using var node = await StartAsync(All);
        var job = await RunAsync(node.Services, Ask("a", rule: BlockRule.Outcome));
        Assert.Equal(JobState.Held, (await StandAsync(node, job.Id)).Job);
        Assert.Equal(new ReviewOutcome.Counted(JobState.Blocked, 0), await DecideAsync(node, job, "steward", ReviewVerdict.Approve));

        await using var second = await StartAsync(new ReviewOptions(), "review");
        await RunAsync(second.Services, Ask("a", first: 0.4));
        var spent = await RunAsync(second.Services, Ask("b", first: 0.4));
        Assert.Equal((JobState.Held, ReleaseState.BeyondLimit), await StandAsync(second, spent.Id));
        var found = (await second.Get<ReviewDesk>().FindAsync(spent.Id, "steward", Stop))!;
        Assert.Equal((ReviewReason.LedgerSpent, BlockRule.Leverage), (found.Review.Reason, found.Review.Rule));
        Assert.Equal(new ReviewOutcome.Counted(JobState.Done, 0), await DecideAsync(second, spent, "steward", ReviewVerdict.Approve));
        // From now on it is charged: a third one of that kind tells more than a half of the first subject already without it.
        var book = second.Get<ReleaseBook>();
        await using var db = second.Open();
        using var turn = await book.OpenAsync(db, Stop);
        Assert.True(book.LedgerOf([Outcome], null, book.Subjects).Ledger.MaxLeverage > 0.5);
    }

    [Fact]
    public async Task Nobody_can_tell_what_a_spent_ledger_holds_from_what_another_control_keeps()
    {
        await using var node = await StartAsync(new ReviewOptions(), "review");
        await RunAsync(node.Services, Ask("a", first: 0.4));
        foreach (var (ask, reason) in new[] { (Ask("b", first: 0.4), ReviewReason.LedgerSpent), (Ask("c", rule: BlockRule.Degenerate), ReviewReason.Blocked), (Ask("d", n: 55), ReviewReason.Blocked) })
        {
            var job = await RunAsync(node.Services, ask);
            Assert.Equal(JobState.Held, (await StandAsync(node, job.Id)).Job);
            Assert.Equal(reason, (await node.Get<ReviewDesk>().FindAsync(job.Id, "steward", Stop))!.Review.Reason);
            await DecideAsync(node, job, "steward", ReviewVerdict.Reject);
            Assert.Equal(JobState.Blocked, (await StandAsync(node, job.Id)).Job);
            Assert.Equal(JobState.Held, (await StandAsync(node, (await RunAsync(node.Services, ask)).Id)).Job);
        }
    }

    [Fact]
    public async Task Of_stewards_who_disagree_at_once_one_is_heard()
    {
        await using var node = await StartAsync(All);
        await using var beside = await BesideAsync(node);
        for (var round = 0; round < 8; round++)
        {
            var job = await RunAsync(node.Services, Ask($"q{round}"));
            var outcomes = await Task.WhenAll(
                Task.Run(() => DecideAsync(node.Services, job, "first", ReviewVerdict.Approve), Stop), Task.Run(() => DecideAsync(beside, job, "second", ReviewVerdict.Reject), Stop));
            Assert.Single(outcomes.OfType<ReviewOutcome.Counted>());
            Assert.Contains(await StandAsync(node, job.Id), new (JobState, ReleaseState?)[] { (JobState.Done, ReleaseState.Released), (JobState.Blocked, ReleaseState.Rejected) });
        }

        await using var db = node.Open();
        Assert.Empty(await new JobWitness().FindAsync(db, 10, Stop));
    }

    [Fact]
    public async Task A_withdrawal_and_an_approval_at_once_leave_one_outcome()
    {
        await using var node = await StartAsync(All);
        await using var beside = await BesideAsync(node);
        for (var round = 0; round < 8; round++)
        {
            var job = await RunAsync(node.Services, Ask($"q{round}"));
            node.Time.Advance(TimeSpan.FromSeconds(1));
            var approved = Task.Run(() => DecideAsync(node.Services, job, "first", ReviewVerdict.Approve), Stop);
            var cancelled = Task.Run(() => beside.GetRequiredService<JobQueue>().CancelAsync(job.Id, JobKind.Cohort, "asker", Stop, HeldReleases.WithdrawAsync), Stop);
            var outcome = await approved;
            // A cancellation that comes after the approval waits for the tick.
            await Wait.UntilAsync(() =>
            {
                node.Time.Advance(TimeSpan.FromSeconds(1));
                return cancelled.IsCompleted;
            });
            Assert.Equal(outcome is ReviewOutcome.Counted ? JobState.Done : JobState.Cancelled, (await cancelled)!.State);
            Assert.Equal(outcome is ReviewOutcome.Counted ? (JobState.Done, ReleaseState.Released) : (JobState.Cancelled, (ReleaseState?)null), await StandAsync(node, job.Id));
        }

        await using var db = node.Open();
        Assert.Empty(await new JobWitness().FindAsync(db, 10, Stop));
    }

    [Fact]
    public async Task A_held_result_does_not_expire()
    {
        await using var node = await StartAsync(All);
        var job = await RunAsync(node.Services, Ask("a"));
        node.Time.Advance(TimeSpan.FromDays(400));
        Assert.Equal(0, await node.Get<Purge>().RunAsync(AuditEntry.Node, Stop));
        Assert.Equal(new ReviewOutcome.Counted(JobState.Done, 0), await DecideAsync(node, job, "steward", ReviewVerdict.Approve));
        node.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.NotNull((await node.Get<JobResults>().FindAsync(job.Id, JobKind.Cohort, "asker", Stop))!.Result);
    }

    private Task<TestNode> StartAsync(ReviewOptions review, string whenSpent = "refuse") =>
        start(new NodeOptions { Disclosure = new DisclosureOptions { Review = review, WhenSpent = whenSpent, MinimumCohort = 20 } });

    private static Task<ReviewOutcome> DecideAsync(TestNode node, Job job, string steward, ReviewVerdict verdict) => DecideAsync(node.Services, job, steward, verdict);

    private static Task<ReviewOutcome> DecideAsync(IServiceProvider process, Job job, string steward, ReviewVerdict verdict) =>
        process.GetRequiredService<ReviewRuling>().DecideAsync(job.Id, steward, verdict, "because", Stop);

    private static async Task<(JobState Job, ReleaseState? Release)> StandAsync(TestNode node, Guid job)
    {
        await using var db = node.Open();
        return ((await db.Jobs.SingleAsync(row => row.Id == job, Stop)).State, (await db.Releases.SingleOrDefaultAsync(release => release.JobId == job, Stop))?.State);
    }
}
