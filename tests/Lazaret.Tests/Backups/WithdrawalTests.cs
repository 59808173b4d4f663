using System.Security.Cryptography;
using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Backups;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Projects;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Backups;

/// <summary>A backup does not let in again who was shut out after it was made.</summary>
public sealed class WithdrawalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Backup => _folder["backup"];

    [Fact]
    public async Task What_was_withdrawn_after_the_backup_stays_withdrawn()
    {
        await using var node = await DatabaseUnderTest.SqliteAsync();
        await node.Get<ChainStart>().RunAsync(Stop);
        var (requesters, projects, people) = (node.Get<RequesterDirectory>(), node.Get<ProjectDirectory>(), node.Get<PeopleDirectory>());
        var keys = new Dictionary<string, ApiKey>();
        foreach (var name in new[] { "revoked", "rotated", "kept" })
            await AddAsync(requesters, name, keys[name] = ApiKey.Make().Key);
        foreach (var key in new[] { "closed", "left", "kept" })
            await projects.AddAsync(new Approval(key, "A study") { Members = ["rotated", "kept"] }, [], AuditEntry.Operator, Stop);
        await people.AddAsync("ada", Roles.Operator, AuditEntry.Operator, Stop);
        await node.Get<DatabaseBackup>().WriteAsync(Backup, withImages: false, view: null, Stop);

        await requesters.RevokeAsync("revoked", AuditEntry.Operator, Stop);
        var newer = ApiKey.Make().Key;
        await requesters.RotateAsync("rotated", CredentialKind.Key, newer.Prefix, newer.Hash, null, TimeSpan.Zero, AuditEntry.Operator, Stop);
        await projects.CloseAsync("closed", AuditEntry.Operator, Stop);
        await projects.ChangeMembersAsync("left", [], ["rotated"], AuditEntry.Operator, Stop);
        await people.AddAsync("ada", Roles.Auditor, AuditEntry.Operator, Stop);
        await AddAsync(requesters, "later", ApiKey.Make().Key);

        var withdrawn = await node.Get<BackupRestore>().RestoreAsync(Backup, force: true, _ => { }, Stop);
        Assert.Equal([("requesters", 2), ("credentials", 2), ("links", 1), ("projects", 1), ("memberships", 1)], withdrawn!.Counts);

        node.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["kept"], await ValidAsync(requesters, keys));
        var all = await projects.AllAsync(Stop);
        Assert.Equal((true, false, false), (all["closed"].ClosedAt is not null, all["left"].HasMember("rotated"), all["kept"].ClosedAt is not null));
        Assert.Equal((true, true), (all["left"].HasMember("kept"), all["kept"].HasMember("rotated")));
        Assert.True(all["left"].HadMember("rotated"));
        var ada = Assert.Single(await people.ListAsync(Stop));
        Assert.Equal((Roles.Auditor, (DateTimeOffset?)null), (ada.Role, ada.LinkUntil));
        await using var db = node.Open();
        var entry = await db.Audit.SingleAsync(entry => entry.Action == AuditAction.BackupRestored, Stop);
        Assert.Contains("\"withdrawn_credentials\":2", entry.Detail, StringComparison.Ordinal);
        Assert.True((await node.Get<ChainVerification>().RunAsync(1, null, Stop)).Ok);
    }

    [Fact]
    public async Task Where_nothing_is_known_of_it_that_is_said()
    {
        await using var first = await DatabaseUnderTest.SqliteAsync();
        await first.Get<ChainStart>().RunAsync(Stop);
        await AddAsync(first.Get<RequesterDirectory>(), "bot", ApiKey.Make().Key);
        await first.Get<DatabaseBackup>().WriteAsync(Backup, withImages: false, view: null, Stop);

        // Another node's database, that of an earlier backup's other future, none at all, and a damaged one.
        await using var second = await DatabaseUnderTest.SqliteAsync();
        await second.Get<ChainStart>().RunAsync(Stop);
        await second.Get<AuditLog>().WriteAsync(AuditAction.RequestRefused, "bot", [], Stop);
        Assert.Null(await second.Get<BackupRestore>().RestoreAsync(Backup, force: true, _ => { }, Stop));
        await using (var db = second.Open())
            Assert.Contains("\"withdrawn\":\"unknown\"", (await db.Audit.SingleAsync(entry => entry.Action == AuditAction.BackupRestored, Stop)).Detail, StringComparison.Ordinal);
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        var place = second.Get<Lazaret.Node.Storage.StateFolder>().Database;
        await File.WriteAllBytesAsync(place, RandomNumberGenerator.GetBytes(5000), Stop);
        Assert.Null(await second.Get<BackupRestore>().RestoreAsync(Backup, force: true, _ => { }, Stop));
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        File.Delete(place);
        Assert.Null(await second.Get<BackupRestore>().RestoreAsync(Backup, force: false, _ => { }, Stop));
    }

    public void Dispose() => _folder.Dispose();

    private static Task AddAsync(RequesterDirectory requesters, string name, ApiKey key) =>
        requesters.AddAsync(name, Roles.Requester, CredentialKind.Key, key.Prefix, key.Hash, null, AuditEntry.Operator, Stop);

    private static async Task<List<string>> ValidAsync(RequesterDirectory requesters, Dictionary<string, ApiKey> keys)
    {
        var valid = new List<string>();
        foreach (var (name, key) in keys)
        {
            if (await requesters.FindAsync(CredentialKind.Key, key.Prefix, Stop) is not null)
                valid.Add(name);
        }

        return valid;
    }
}
