using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Audit.Chain.Copies;
using Lazaret.Node.Backups;
using Lazaret.Node.Retention;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.Audit.Chain;

public sealed class RestoredChainTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_restored_backup_is_whole_and_a_newer_checkpoint_that_was_copied_is_named()
    {
        await using var node = await DatabaseUnderTest.SqliteAsync();
        await node.Get<ChainStart>().RunAsync(Stop);
        var backup = Path.Combine(node.Folder, "backup");
        await node.Get<DatabaseBackup>().WriteAsync(backup, withImages: false, view: null, Stop);
        var made = await LastBackupAsync(node);
        node.Time.Advance(TimeSpan.FromDays(1));
        for (var i = 0; i < 5; i++)
            await node.Get<AuditLog>().WriteAsync(AuditAction.RequestRefused, "later", [], Stop);
        await node.Get<Checkpoints>().SignAsync(now: true, Stop);
        var copy = Path.Combine(node.Folder, "copied");
        File.Copy(node.Get<CheckpointCopies>().File!, copy);

        await node.Get<BackupRestore>().RestoreAsync(backup, force: true, _ => { }, Stop);
        // The copy was made before the backup was noted, and still the node knows how old its last one is.
        Assert.NotNull(made);
        Assert.Equal(made.Value, (await LastBackupAsync(node))!.Value, TimeSpan.FromMinutes(1));
        await node.Get<ChainStart>().RunAsync(Stop);
        var report = await VerifyAsync(node, null);
        Assert.Empty(report.Faults);
        // The key, the backup, the restore.
        Assert.Equal((3, 3), (report.Last, report.SignedTo));

        var fault = (await VerifyAsync(node, CheckpointCopies.Read(copy))).Faults.Single();
        Assert.Equal((ChainFault.Cut, 4), (fault.Kind, fault.Link));
    }

    [Fact]
    public async Task What_expires_leaves_the_chain_whole()
    {
        await using var node = await DatabaseUnderTest.SqliteAsync();
        await node.Get<ChainStart>().RunAsync(Stop);
        await node.Get<Purge>().RunAsync(AuditEntry.Node, Stop);
        Assert.True((await VerifyAsync(node, null)).Ok);
    }

    private static async Task<DateTimeOffset?> LastBackupAsync(TestNode node)
    {
        await using var db = node.Open();
        return await LastBackup.ReadAsync(db, Stop);
    }

    private static Task<ChainReport> VerifyAsync(TestNode node, IReadOnlyList<AuditCheckpoint>? given) => node.Get<ChainVerification>().RunAsync(1, given, Stop);
}
