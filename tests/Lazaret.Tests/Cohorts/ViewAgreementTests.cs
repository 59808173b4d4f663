using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Storage;
using Lazaret.Tests.Cohort;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Cohorts;

public sealed class ViewAgreementSqliteTests()
    : ViewAgreementConformance(DatabaseUnderTest.SqliteAsync, "CREATE TRIGGER Refuse BEFORE INSERT ON AdmittedViews BEGIN SELECT RAISE(ABORT, 'refused'); END");

public sealed class ViewAgreementPostgresTests()
    : ViewAgreementConformance(DatabaseUnderTest.PostgresAsync, """ALTER TABLE "AdmittedViews" ADD CONSTRAINT refused CHECK (false)""");

/// <summary>What the processes agree on, on each database.</summary>
public abstract class ViewAgreementConformance(Func<Lazaret.Node.NodeOptions?, Task<TestNode>> start, string refuse)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Lazaret.Node.NodeOptions WithData => new() { Data = new DataOptions { View = TinySite.Folder } };

    [Fact]
    public async Task A_database_that_refuses_the_row_is_no_other_process_that_was_quicker()
    {
        await using var node = await start(WithData);
        await using (var db = node.Open())
            await db.Database.ExecuteSqlRawAsync(refuse, Stop);
        await Assert.ThrowsAsync<DbUpdateException>(() => node.Get<ViewAgreement>().AnnounceAsync(node.Get<CohortSite>().Read(out _)!, Stop));
    }

    [Theory]
    [InlineData("outcomes: {}\noutcomes: {}\n", "site.yaml:2")]
    [InlineData("outcomes: [\n", "site.yaml:")]
    [InlineData(null, "site.yaml: is no regular file")]
    public async Task Where_site_yaml_cannot_be_read_nothing_may_be_asked(string? text, string why)
    {
        using var folder = new TemporaryFolder();
        using var site = new SmallSite();
        await using var node = await start(new() { Data = new DataOptions { View = site.Path } });
        Assert.NotNull(node.Get<CohortSite>().Read(out _));
        if (text is not null)
            site.Write("site.yaml", text);
        else
            File.CreateSymbolicLink(site["site.yaml"], folder.MakePipe("pipe"));
        Assert.Null(node.Get<CohortSite>().Read(out var said));
        Assert.StartsWith($"the data view cannot be read: {why}", said, StringComparison.Ordinal);
        File.Delete(site["site.yaml"]);
        Assert.NotNull(node.Get<CohortSite>().Read(out _));
    }

    [Fact]
    public async Task Tables_that_this_process_wrote_down_and_has_read_again_differ_from_nobody_s()
    {
        using var site = new SmallSite();
        await using var node = await start(new() { Data = new DataOptions { View = site.Path } });
        var agreement = node.Get<ViewAgreement>();
        await agreement.AnnounceAsync(node.Get<CohortSite>().Read(out _)!, Stop);
        site.Write("site.yaml", "template: T\n");
        var now = node.Get<CohortSite>().Read(out _)!;
        Assert.Null(await agreement.FaultAsync(now, Stop));
        await using var db = node.Open();
        Assert.Equal(now.Version, (await db.AdmittedViews.SingleAsync(Stop)).Version);
        // Another process's are another matter.
        await db.AdmittedViews.ExecuteUpdateAsync(view => view.SetProperty(row => row.Version, "another's"), Stop);
        Assert.Contains("differ from those of the node that admits requests", await agreement.FaultAsync(now, Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_row_that_another_process_wrote_first_is_known_as_such()
    {
        await using var node = await start(WithData);
        await using (var first = node.Open())
        {
            first.AdmittedViews.Add(new AdmittedView { Version = "a" });
            await first.SaveChangesAsync(Stop);
        }

        await using var second = node.Open();
        second.AdmittedViews.Add(new AdmittedView { Version = "b" });
        Assert.True((await Assert.ThrowsAsync<DbUpdateException>(() => second.SaveChangesAsync(Stop))).IsUniqueViolation());
    }
}
