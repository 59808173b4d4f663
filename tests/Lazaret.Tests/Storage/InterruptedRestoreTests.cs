using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Backups;
using Lazaret.Node.Cli.Doctor;
using Lazaret.Node.Storage;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Storage;

public sealed class InterruptedRestoreTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_restore_that_was_killed_is_told_with_the_command_that_mends_it_and_no_node_starts()
    {
        await using var node = await DatabaseUnderTest.PostgresAsync();
        var entries = await CountAsync();
        await using (var restoring = node.Open())
        {
            await restoring.Database.OpenConnectionAsync(Stop);
            // What it leaves when it is killed: it never comes to its end.
            _ = await new PostgresTarget(restoring).PutAsideAsync(Stop);
        }

        var migration = node.Get<DatabaseMigration>();
        var refusals = new List<string>
        {
            (await Assert.ThrowsAsync<MissingException>(() => migration.RunAsync(force: false, Stop))).Message,
            (await Assert.ThrowsAsync<MissingException>(() => migration.RunAsync(force: true, Stop))).Message,
            (await Assert.ThrowsAsync<MissingException>(() => migration.ExistsAsync(Stop))).Message,
            (await Examination.ExamineStoresAsync(node.Services, node.Options, Stop)).First(finding => finding.What == "database postgres").Why,
        };
        Assert.All(refusals, why => Assert.Equal(refusals[0], why));

        await using (var db = node.Open())
            await db.Database.ExecuteSqlRawAsync(refusals[0].Split('\'')[1], Stop);
        await migration.RunAsync(force: false, Stop);
        Assert.Equal(entries, await CountAsync());

        async Task<int> CountAsync()
        {
            await using var db = node.Open();
            return await db.Audit.CountAsync(Stop) + (await db.Database.GetAppliedMigrationsAsync(Stop)).Count();
        }
    }
}
