using Lazaret.Node;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static Lazaret.Tests.Releases.DecidedJobs;

namespace Lazaret.Tests.Releases;

public sealed class ReleaseRaceSqliteTests() : ReleaseRaceConformance(DatabaseUnderTest.SqliteAsync);

public sealed class ReleaseRacePostgresTests() : ReleaseRaceConformance(DatabaseUnderTest.PostgresAsync);

/// <summary>Workers that release at once, on each database.</summary>
public abstract class ReleaseRaceConformance(Func<NodeOptions?, Task<TestNode>> start)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0.4, 60, 60)] // Each tells a good deal of the first subject, both together too much.
    [InlineData(0.0, 60, 59)] // Cohorts that differ by one.
    public async Task Of_two_answers_that_are_too_much_together_one_leaves(double first, int one, int another)
    {
        for (var round = 0; round < 4; round++)
        {
            await using var fresh = await start(null);
            await using var second = await BesideAsync(fresh);
            var (a, b) = (await AdmitAsync(fresh.Services, "one", $"a{round}"), await AdmitAsync(fresh.Services, "two", $"b{round}"));
            var claims = (await ClaimAsync(fresh.Services, a), await ClaimAsync(second, b));
            var reports = await Task.WhenAll(
                Task.Run(() => ConcludeAsync(fresh.Services, claims.Item1, [Ask($"a{round}", first, one)]), Stop),
                Task.Run(() => ConcludeAsync(second, claims.Item2, [Ask($"b{round}", first, another)]), Stop));
            Assert.Single(reports.OfType<RunReport.Released>());
            Assert.Single(reports.OfType<RunReport.Blocked>());
            await using var db = fresh.Open();
            Assert.Equal(1, await db.Releases.CountAsync(Stop));
        }
    }

    [Fact]
    public async Task The_same_question_of_two_requesters_at_once_is_charged_once_and_answered_alike()
    {
        await using var node = await start(null);
        await using var beside = await BesideAsync(node);
        for (var round = 0; round < 4; round++)
        {
            var question = Ask($"same{round}");
            var (a, b) = (await AdmitAsync(node.Services, "one", question.Query), await AdmitAsync(node.Services, "two", question.Query));
            var claims = (await ClaimAsync(node.Services, a), await ClaimAsync(beside, b));
            var reports = await Task.WhenAll(
                Task.Run(() => ConcludeAsync(node.Services, claims.Item1, [question]), Stop), Task.Run(() => ConcludeAsync(beside, claims.Item2, [question]), Stop));
            var results = reports.Select(report => Assert.IsType<RunReport.Released>(report).Result).ToList();
            Assert.Equal(results[0], results[1]);
            await using var db = node.Open();
            Assert.Equal(round + 1, await db.Releases.CountAsync(Stop));
        }
    }

    private static async Task<ClaimedJob> ClaimAsync(IServiceProvider process, Job job) => (await process.GetRequiredService<JobQueue>().ClaimAsync("process", Unrunnable.None, job.Id, Stop))!;
}
