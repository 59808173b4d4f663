using Lazaret.Node.Audit.Chain.Linking;
using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Storage;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Audit.Chain;

/// <summary>What a process that was killed between the sequencer's steps leaves on PostgreSQL.</summary>
public sealed class LeftEntriesTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_entry_that_was_committed_and_not_linked_is_linked_at_the_next_start_or_sweep()
    {
        await using var node = await DatabaseUnderTest.PostgresAsync();
        await node.Get<ChainStart>().RunAsync(Stop);
        await CommitUnlinkedAsync(node);
        await CommitUnlinkedAsync(node);
        // Until then they are reported as not linked, and not as inserted.
        Assert.Equal([(ChainFault.Unlinked, 2), (ChainFault.Unlinked, 3)], (await node.Get<ChainVerification>().RunAsync(1, given: null, Stop)).Faults.Select(fault => (fault.Kind, fault.Entry)));
        await node.Get<AuditLog>().WriteAsync(AuditAction.RequestRefused, "later", [], Stop);

        await using var next = node.Beside(node.Options);
        Assert.Equal(2, await next.GetRequiredService<ChainSequencer>().SweepAsync(after: 0, Stop));
        Assert.Equal(0, await next.GetRequiredService<ChainSequencer>().SweepAsync(after: 0, Stop));
        var report = await node.Get<ChainVerification>().RunAsync(1, given: null, Stop);
        Assert.Empty(report.Faults);
        Assert.Equal(4, report.Last);
    }

    [Fact]
    public async Task A_round_that_was_not_committed_leaves_nothing_and_no_lock()
    {
        await using var node = await DatabaseUnderTest.PostgresAsync();
        await node.Get<ChainStart>().RunAsync(Stop);
        await CommitUnlinkedAsync(node);
        await using (var db = node.Open())
        {
            await using var writing = await db.BeginAloneAsync(ChainSequencer.AdvisoryLock, Stop);
            await ChainWriter.LinkAsync(db, [2], Stop);
        }

        await node.Get<ChainStart>().RunAsync(Stop);
        var report = await node.Get<ChainVerification>().RunAsync(1, given: null, Stop);
        Assert.Empty(report.Faults);
        Assert.Equal(2, report.Last);
    }

    // As a writer does that is killed right after its commit: nothing after it knows of the entry.
    private static async Task CommitUnlinkedAsync(TestNode node)
    {
        await using var template = node.Open();
        await using var db = new PostgresLazaretDb(new DbContextOptionsBuilder<PostgresLazaretDb>().UseNpgsql(template.Database.GetConnectionString()).Options);
        var entry = AuditEntry.Of(AuditAction.RequestRefused, node.Time.GetUtcNow(), "killed", []);
        entry.ProveBy(node.Get<SigningKeyFile>().Find()!.Prove);
        db.Audit.Add(entry);
        await db.SaveChangesAsync(Stop);
    }
}
