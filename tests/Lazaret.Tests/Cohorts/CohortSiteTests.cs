using System.Diagnostics;
using System.Text.Json.Nodes;
using Lazaret.Node;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Health;
using Lazaret.Node.Health.Gauges;
using Lazaret.Node.Jobs;
using Lazaret.Node.Runs;
using Lazaret.Node.Storage;
using Lazaret.Tests.Cohort;
using Lazaret.Tests.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lazaret.Tests.Cohorts;

/// <summary>The data view while its files change, go away, or do not answer.</summary>
public sealed class CohortSiteTests : IDisposable
{
    private readonly SmallSite _site = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("conn")]
    [InlineData("conn/3.nii.gz")]
    public async Task Volumes_that_go_away_are_missed_until_they_are_back_and_every_process_says_the_same(string what)
    {
        await using var node = await TestNode.StartAsync(new() { Data = new DataOptions { View = _site.Path } });
        var site = node.Get<CohortSite>();
        var before = site.Read(out _)!;
        Assert.NotNull(await node.Get<SiteStore>().RefreshAsync(before.View, verify: false, Stop));
        Assert.True(site.IsStill(before));

        // Not beside the tables, where it would be seen at once.
        Directory.CreateDirectory(_site["elsewhere"]);
        Directory.Move(_site[what], _site["elsewhere/away"]);
        // No table has changed, and nobody has looked at the volumes yet; a job that is to be run does.
        Assert.Same(before, site.Read(out _));
        Assert.False(site.IsStill(before));
        Assert.NotNull(site.FaultOf(before));
        Assert.Null(site.Read(out var why));
        Assert.StartsWith(what == "conn" ? "11 volumes that the cohort has are not there any more: mount their disk" : "1 volume that the cohort has is not there any more: mount its disk", why, StringComparison.Ordinal);
        await using (var doctor = node.Beside(node.Options))
        {
            Assert.Null(doctor.GetRequiredService<CohortSite>().Read(out var said));
            Assert.Equal(why, said);
        }

        Directory.Move(_site["elsewhere/away"], _site[what]);
        node.Time.Advance(CohortSite.Fresh);
        await Wait.UntilAsync(() => site.Read(out why) is not null, "the volumes");
        var after = site.Read(out _)!;
        Assert.Equal(before.Version, after.Version);
        Assert.Null(site.FaultOf(after));

        // One that only changes is seen as well.
        _site.WriteVolume(2, 4711);
        node.Time.Advance(CohortSite.Fresh);
        await Wait.UntilAsync(() => !ReferenceEquals(site.Read(out _), after), "the change");
    }

    [Fact]
    public async Task A_mount_that_does_not_answer_holds_up_cohort_jobs_and_nothing_else()
    {
        Assert.SkipUnless(HungMount.IsPossible || Environment.GetEnvironmentVariable("CI") == "true", "only root can mount");
        await using var node = await ServingNode.StartAsync(options => options with { Data = new DataOptions { View = _site.Path } });
        var (readiness, means) = (node.Services.GetRequiredService<ReadinessExamination>(), node.Services.GetRequiredService<WorkerMeans>());
        var gauges = ActivatorUtilities.CreateInstance<MachineGauges>(node.Services);
        Assert.Equal("", await WhyAsync());
        using (var mount = new HungMount(_site.Path))
        {
            var clock = Stopwatch.StartNew();
            Assert.Matches("^the data view at .* does not answer, since [0-9:]{8} UTC", await WhyAsync());
            gauges.Measure(runsJobs: true);
            var unrunnable = await means.UnrunnableAsync(Stop);
            Assert.Equal([JobKind.Cohort], unrunnable.Kinds);
            using (var answer = await node.Client.GetAsync(new Uri("/readyz", UriKind.Relative), Stop))
                Assert.True((bool)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!["diagnosis"]!["ready"]!);
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(12), $"{clock.Elapsed}");

            mount.Break();
            var why = "";
            await Wait.UntilAsync(async () => (why = await WhyAsync()).StartsWith("the data view cannot be read: ", StringComparison.Ordinal), "the end of the waiting");
        }

        Assert.Equal("", await WhyAsync());

        async Task<string> WhyAsync() => (await readiness.RunAsync(NodeRole.All, Stop)).Cohort.Checks["data_view"].Why;
    }

    [Fact]
    public async Task Volumes_that_cannot_be_used_any_more_are_warned_of_once()
    {
        await using var node = await TestNode.StartAsync(new() { Data = new DataOptions { View = _site.Path } });
        var log = new LogLines<SiteStore>();
        using var store = new SiteStore(node.Get<StateFolder>(), log);
        await store.RefreshAsync(node.Get<CohortSite>().Read(out _)!.View, verify: false, Stop);
        Assert.Empty(log.Of(LogLevel.Warning));
        await File.WriteAllTextAsync(_site["conn/3.nii.gz"], "junk", Stop);
        for (var looks = 0; looks < 2; looks++)
            await store.RefreshAsync(node.Get<CohortSite>().Read(out _)!.View, verify: false, Stop);
        Assert.Equal(["Cohort store: 1 of the volumes cannot be used, and their people are in no answer: 'lazaret site check' names them"], log.Of(LogLevel.Warning));
    }

    [Fact]
    public async Task What_the_audit_lacks_is_not_taken_for_a_database_that_is_away()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Data = new DataOptions { View = _site.Path } });
        var (board, keeper) = (node.Services.GetRequiredService<GaugeBoard>(), node.Services.GetRequiredService<GaugeKeeper>());
        await using (var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop))
            await db.Database.ExecuteSqlRawAsync("ALTER TABLE AuditCheckpoints RENAME TO Elsewhere", Stop);
        await keeper.MeasureAsync(Stop);
        Assert.Equal(1, Assert.Single(board.Read(GaugeNames.DatabaseUp.Name)).Value);
        Assert.NotEmpty(board.Read(GaugeNames.Depth.Name));
        Assert.Empty(board.Read(GaugeNames.AuditSequence.Name));
    }

    public void Dispose() => _site.Dispose();
}
