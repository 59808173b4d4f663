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

    [Fact]
    public async Task A_site_yaml_that_cannot_be_read_is_named_as_the_cause()
    {
        using var folder = new TemporaryFolder();
        using var site = new SmallSite();
        site.Write("site.yaml", "template: T\n");
        await using var node = await start(new() { Data = new DataOptions { View = site.Path } });
        var before = node.Get<CohortSite>().Read(out _)!;
        await node.Get<ViewAgreement>().AnnounceAsync(before, Stop);
        Assert.Null(await node.Get<ViewAgreement>().FaultAsync(before, Stop));

        File.Delete(site["site.yaml"]);
        File.CreateSymbolicLink(site["site.yaml"], folder.MakePipe("pipe"));
        var now = node.Get<CohortSite>().Read(out _)!;
        Assert.EndsWith("cannot be read: site.yaml: is no regular file", await node.Get<ViewAgreement>().FaultAsync(now, Stop), StringComparison.Ordinal);
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
