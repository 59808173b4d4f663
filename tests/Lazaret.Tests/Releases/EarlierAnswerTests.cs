using System.Text.Json;
using Lazaret.Disclosure;
using Lazaret.Node;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases;
using Lazaret.Node.Releases.Reviews;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using static Lazaret.Tests.Releases.DecidedJobs;

namespace Lazaret.Tests.Releases;

/// <summary>What a question is held against: answers and refusals that were given before.</summary>
public sealed class EarlierAnswerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_maps_of_one_code_with_other_scores_are_two_questions_and_nearly_the_same_scores_are_one()
    {
        await using var node = await StartAsync();
        var first = Ask("a");
        await RunAsync(node.Services, first);
        await RunAsync(node.Services, Ask("b") with { Query = "a", Answer = Ask("a").Answer });
        await RunAsync(node.Services, Ask("b") with { Query = "a" });
        await RunAsync(node.Services, first);
        await using var db = node.Open();
        Assert.Equal(2, await db.Releases.CountAsync(Stop));
        // In a batch, too.
        var batch = await RunBatchAsync(node.Services, "asker", Ask("c") with { Query = "c" }, Ask("d") with { Query = "c" });
        Assert.Equal(JobState.Done, await StateAsync(node, batch));
        Assert.Equal(4, await db.Releases.CountAsync(Stop));
    }

    [Theory]
    [InlineData(BlockRule.Outcome, true)]
    [InlineData(BlockRule.Degenerate, true)]
    [InlineData(BlockRule.Extreme, true)]
    [InlineData(BlockRule.CovariateFit, true)]
    [InlineData(BlockRule.ScoreLattice, false)]
    public async Task A_cohort_that_was_refused_for_its_outcomes_is_compared_with_later_ones(BlockRule rule, bool tellsOfOutcome)
    {
        await using var node = await StartAsync();
        for (var time = 0; time < 2; time++)
            Assert.Equal(JobState.Blocked, await StateAsync(node, await RunAsync(node.Services, Refused("a", rule))));
        await using var db = node.Open();
        Assert.Equal(tellsOfOutcome ? 1 : 0, await db.Releases.CountAsync(release => release.State == ReleaseState.Refused, Stop));
        Assert.Equal(tellsOfOutcome ? JobState.Blocked : JobState.Done, await StateAsync(node, await RunAsync(node.Services, Ask("b", n: 59))));
        // The cohort itself may be asked about by another map.
        if (tellsOfOutcome)
            Assert.Equal(JobState.Done, await StateAsync(node, await RunAsync(node.Services, Ask("c"))));
    }

    [Fact]
    public async Task Refusals_for_outcomes_count_as_means_of_their_cohorts()
    {
        await using var node = await StartAsync();
        // By three refusals, somebody is singled out: both groups of forty, and all but one of them together.
        foreach (var (name, from, n) in new[] { ("a", 0, 40), ("b", 39, 40) })
            await RunAsync(node.Services, Refused(name, BlockRule.Outcome, from, n));
        Assert.Equal(JobState.Blocked, await StateAsync(node, await RunAsync(node.Services, Ask("c", n: 79))));
        Assert.Equal(JobState.Done, await StateAsync(node, await RunAsync(node.Services, Ask("d", n: 119))));
    }

    [Fact]
    public async Task How_many_there_are_singles_out_nobody_over_several_outcomes()
    {
        await using var node = await StartAsync();
        await RunAsync(node.Services, From("a", 0, 40) with { Outcome = "x" });
        await RunAsync(node.Services, From("b", 39, 40) with { Outcome = "y" });
        Assert.Equal(JobState.Blocked, await StateAsync(node, await RunAsync(node.Services, Ask("c", n: 79) with { Outcome = "z" })));
        Assert.Equal(JobState.Done, await StateAsync(node, await RunAsync(node.Services, Ask("d", n: 100) with { Outcome = "z" })));
    }

    [Fact]
    public async Task Values_of_another_visit_are_compared_as_those_of_another_state_of_the_data_are()
    {
        await using var node = await StartAsync();
        double[] first = [.. Enumerable.Range(0, 60)], later = [.. first.Select(value => value + 100)], corrected = [.. later[..7], 3, .. later[8..]];
        await RunAsync(node.Services, Ask("a") with { Values = first });
        Assert.Equal(JobState.Done, await StateAsync(node, await RunAsync(node.Services, Ask("b") with { Values = later })));
        Assert.Equal(JobState.Blocked, await StateAsync(node, await RunAsync(node.Services, Ask("c") with { Values = corrected, DataVersion = "v2" })));
        // Of three people the value was carried forward from the visit before.
        var carried = Ask("d") with { Values = [.. first[..57], -1, -2, -3] };
        Assert.Equal(JobState.Blocked, await StateAsync(node, await RunAsync(node.Services, carried)));
        // Noise is of no help: of many such answers the mean has little of it.
        var noisy = JsonSerializer.Deserialize<CohortAnswerResult>(carried.Answer)! with { Disclosure = DisclosureNote.Of(node.Options.Disclosure, 0.5) };
        Assert.Equal(JobState.Blocked, await StateAsync(node, await RunAsync(node.Services, carried with { Answer = JsonSerializer.SerializeToUtf8Bytes(noisy) })));
    }

    [Fact]
    public async Task A_correction_of_a_covariate_that_is_an_outcome_is_seen_wherever_it_was_asked_about()
    {
        await using var node = await StartAsync();
        double[] then = [.. Enumerable.Range(0, 60)], now = [.. then[..7], 3.5, .. then[8..]], own = [.. Enumerable.Range(0, 60).Select(subject => subject * 0.5)];
        await RunAsync(node.Services, Ask("a") with { Values = then });
        Assert.Equal(JobState.Blocked, await StateAsync(node, await RunAsync(node.Services, Beside(now))));
        Assert.Equal(JobState.Done, await StateAsync(node, await RunAsync(node.Services, Beside(then))));
        Assert.Equal(JobState.Blocked, await StateAsync(node, await RunAsync(node.Services, Ask("c") with { Values = now, DataVersion = "v3" })));

        Question Beside(double[] covariate) => Ask("b") with { Query = $"{covariate[7]}", Outcome = "other", Values = own, AlsoTold = [Outcome], AlsoValues = [covariate], DataVersion = "v2" };
    }

    [Theory]
    [InlineData(40, 20, 30, 10, JobState.Done)]
    [InlineData(40, 20, 38, 2, JobState.Blocked)]
    [InlineData(40, 20, 20, 20, JobState.Blocked)]
    public async Task Those_who_are_only_in_the_larger_of_two_cohorts_have_enough_of_both_values(int ones, int zeros, int innerOnes, int innerZeros, JobState end)
    {
        foreach (var isLargerFirst in new[] { true, false })
        {
            await using var node = await StartAsync();
            Question[] asked = [Counted("a", ones, zeros), Counted("b", innerOnes, innerZeros)];
            await RunAsync(node.Services, asked[isLargerFirst ? 0 : 1]);
            Assert.Equal(end, await StateAsync(node, await RunAsync(node.Services, asked[isLargerFirst ? 1 : 0])));
            await using var db = node.Open();
            Assert.Equal(end == JobState.Blocked ? 1 : 0, await db.Releases.CountAsync(release => release.State == ReleaseState.Refused, Stop));
        }

    }

    /// <summary>Three groups, of 22 people with one value in the middle: the counts of the first two, of the last two and of all are those of the middle.</summary>
    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(2, 0, 1)]
    [InlineData(1, 2, 0)]
    public async Task Nor_do_three_cohorts_together_tell_of_a_group_with_one_value(int first, int second, int third)
    {
        Question[] questions = [Counted("first two", 44, 24), Counted("last two", 44, 24, from: 46), Counted("all", 66, 48)];
        await using var node = await StartAsync();
        Assert.Equal(JobState.Done, await StateAsync(node, await RunAsync(node.Services, questions[first])));
        Assert.Equal(JobState.Done, await StateAsync(node, await RunAsync(node.Services, questions[second])));
        Assert.Equal(JobState.Blocked, await StateAsync(node, await RunAsync(node.Services, questions[third])));
    }

    [Theory]
    [InlineData("a copy", 0, 1, 40, 20, JobState.Blocked)]
    [InlineData("its opposite", 1, 0, 20, 40, JobState.Blocked)]
    [InlineData("the same in other codes", 1, 2, 40, 20, JobState.Blocked)]
    [InlineData("another", 1, 1, 40, 20, JobState.Done)]
    public async Task Nor_do_two_names_of_one_outcome(string name, double even, double odd, int ones, int zeros, JobState end)
    {
        await using var node = await StartAsync();
        await RunAsync(node.Services, Counted("a", 18, 20) with { Values = [.. Enumerable.Range(0, 38).Select(subject => (double)(subject % 2))] });
        var other = Counted("b", ones, zeros) with { Outcome = name, Values = [.. Enumerable.Range(0, 60).Select(subject => subject % 2 == 0 ? even : odd)] };
        Assert.Equal(end, await StateAsync(node, await RunAsync(node.Services, other)));
    }

    [Fact]
    public async Task Counts_of_another_visit_do_not_hide_those_of_this_one()
    {
        double[] first = [.. Enumerable.Range(0, 38).Select(subject => (double)(subject % 2))], later = [.. first.Select(value => 1 - value)];
        await using var node = await StartAsync();
        await RunAsync(node.Services, Counted("a", 8, 30) with { Values = first });
        Assert.Equal(JobState.Done, await StateAsync(node, await RunAsync(node.Services, Counted("b", 18, 20) with { Values = later })));
        // Beside the first visit's counts the larger cohort would have 32 of one value more.
        Assert.Equal(JobState.Blocked, await StateAsync(node, await RunAsync(node.Services, Counted("c", 40, 20) with { Values = [.. later, .. Enumerable.Repeat(1.0, 22)] })));
    }

    [Fact]
    public async Task Nor_do_the_answers_of_one_batch()
    {
        await using var batch = await StartAsync();
        Assert.Equal(JobState.Blocked, await StateAsync(batch, await RunBatchAsync(batch.Services, "asker", Counted("a", 18, 20), Counted("b", 40, 20))));
    }

    [Fact]
    public async Task An_answer_that_was_given_before_does_not_make_good_for_refusals()
    {
        await using var node = await StartAsync(new ReviewOptions { BlocksInARow = 3 });
        await RunAsync(node.Services, Ask("a"));
        foreach (var query in new[] { "b", "a", "c", "a", "d", "a" })
        {
            node.Time.Advance(TimeSpan.FromMinutes(1));
            await RunAsync(node.Services, query == "a" ? Ask("a") : Ask(query, rule: BlockRule.ScoreLattice));
        }

        Assert.Equal(JobState.Held, await StateAsync(node, await RunAsync(node.Services, Ask("e"))));
    }

    private static Task<TestNode> StartAsync(ReviewOptions? review = null) =>
        DatabaseUnderTest.SqliteAsync(new NodeOptions { Disclosure = new DisclosureOptions { MinimumCohort = 20, Review = review ?? new ReviewOptions { BlocksInARow = 0 } } });

    /// <summary>A question about other subjects than the first.</summary>
    private static Question From(string query, int from, int n) => Ask(query, n: n) with { Subjects = [.. Enumerable.Range(from, n).Select(subject => $"s{subject}")] };

    private static Question Counted(string query, int ones, int zeros, int from = 0)
    {
        var question = From(query, from, ones + zeros);
        return question with { Answer = JsonSerializer.SerializeToUtf8Bytes(JsonSerializer.Deserialize<CohortAnswerResult>(question.Answer)! with { Ones = ones, Zeros = zeros }) };
    }

    /// <summary>As a run says that is kept from answering: there is no row.</summary>
    private static Question Refused(string query, BlockRule rule, int from = 0, int n = 60) => From(query, from, n) with { Rule = rule, Rows = [] };

    private static async Task<JobState> StateAsync(TestNode node, Job job)
    {
        await using var db = node.Open();
        return (await db.Jobs.AsNoTracking().SingleAsync(row => row.Id == job.Id, Stop)).State;
    }
}
