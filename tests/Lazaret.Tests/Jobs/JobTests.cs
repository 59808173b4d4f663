using System.Text.RegularExpressions;
using Lazaret.Node.Jobs;

namespace Lazaret.Tests.Jobs;

public sealed partial class JobTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    [Fact]
    public void The_documented_diagram_shows_exactly_the_legal_transitions()
    {
        var diagram = File.ReadAllText(Repository.File("docs", "states.md"));
        var drawn = Arrow().Matches(diagram).Select(arrow => (arrow.Groups[1].Value, arrow.Groups[2].Value)).ToHashSet();

        var legal = Job.Transitions.SelectMany(from => from.Value.Select(to => ($"{from.Key}", $"{to}"))).ToHashSet();
        legal.Add(("[*]", "Queued"));
        legal.UnionWith(Job.Transitions.Where(from => from.Value.Count == 0).Select(from => ($"{from.Key}", "[*]")));
        Assert.Equal(legal.Order(), drawn.Order());
    }

    [Fact]
    public void Every_state_has_its_transitions() => Assert.Equal(Enum.GetValues<JobState>().Order(), Job.Transitions.Keys.Order());

    [Fact]
    public void Every_move_that_the_table_lacks_is_refused()
    {
        var moves = new Dictionary<JobState, Action<Job>>
        {
            [JobState.Running] = job => job.Claim("worker", Now, Lease),
            [JobState.Done] = job => job.Complete(Now),
            [JobState.Blocked] = job => job.Block(Now),
            [JobState.Failed] = job => job.Fail("because", Now),
            [JobState.Queued] = job => job.Requeue(Now),
            [JobState.Held] = job => job.Hold(Now),
            [JobState.Cancelled] = job => job.Cancel(Now),
        };
        foreach (var from in Enum.GetValues<JobState>())
        {
            foreach (var (to, move) in moves)
            {
                var job = InState(from);
                if (Job.Transitions[from].Contains(to))
                    move(job);
                else
                    Assert.Throws<InvalidOperationException>(() => move(job));
                Assert.Equal(Job.Transitions[from].Contains(to) ? to : from, job.State);
            }
        }
    }

    [Fact]
    public void A_move_counts_up_the_version_and_ends_the_lease()
    {
        var job = InState(JobState.Running);
        var version = job.Version;
        job.Complete(Now);
        Assert.True(job.Version > version);
        Assert.Null(job.LeaseOwner);
        Assert.Null(job.LeaseExpiresAt);
    }

    private static Job InState(JobState state)
    {
        var job = Job.Admit(JobKind.Cohort, "somebody", "{}", "digest", null, Now);
        if (state is JobState.Running or JobState.Held or JobState.Done or JobState.Blocked or JobState.Failed)
            job.Claim("worker", Now, Lease);
        switch (state)
        {
            case JobState.Done: job.Complete(Now); break;
            case JobState.Blocked: job.Block(Now); break;
            case JobState.Failed: job.Fail("because", Now); break;
            case JobState.Held: job.Hold(Now); break;
            case JobState.Cancelled: job.Cancel(Now); break;
        }

        Assert.Equal(state, job.State);
        return job;
    }

    [GeneratedRegex(@"^\s+(\[\*\]|\w+) --> (\[\*\]|\w+)", RegexOptions.Multiline, 1000)]
    private static partial Regex Arrow();
}
