using Lazaret.Node;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People.Accounts;
using Lazaret.Node.Identity.People.Sessions;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Lazaret.Tests.Servers;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Identity.People;

public sealed class PeopleSqliteTests() : PeopleConformance(DatabaseUnderTest.SqliteAsync);

public sealed class PeoplePostgresTests() : PeopleConformance(DatabaseUnderTest.PostgresAsync);

/// <summary>What is kept of people, on each database.</summary>
public abstract class PeopleConformance(Func<NodeOptions?, Task<TestNode>> start)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task People_their_passkeys_and_sessions_are_kept_listed_and_taken_away()
    {
        await using var node = await start(null);
        var people = node.Get<PeopleDirectory>();
        await people.AddAsync("ada", Roles.Steward, Stop);
        await using var db = node.Open();
        var person = await db.Set<Person>().SingleAsync(Stop);
        byte[] id = [1, 2, 3];
        db.Add(new IdentityUserPasskey<Guid>
        {
            UserId = person.Id, CredentialId = id, Data = new IdentityPasskeyData { PublicKey = [4], SignCount = 7, CreatedAt = TimeProvider.System.GetUtcNow(), Transports = ["internal"], AttestationObject = [5], ClientDataJson = [6] },
        });
        await db.SaveChangesAsync(Stop);
        db.ChangeTracker.Clear();
        var read = await db.Set<IdentityUserPasskey<Guid>>().SingleAsync(p => p.CredentialId == id, Stop);
        Assert.Equal((7U, "internal", 4), (read.Data.SignCount, read.Data.Transports!.Single(), read.Data.PublicKey.Single()));

        var store = new SessionStore(node.Get<IDbContextFactory<LazaretDb>>(), new AuthOptions { Modes = [AuthModes.Accounts] }, TimeProvider.System);
        var session = await store.StoreAsync(new AuthenticationTicket(new Requester("ada", Roles.Steward).ToPrincipal(AuthModes.Accounts), "session"), Stop);
        Assert.Equal(Roles.Steward, Requester.Of((await store.RetrieveAsync(session, Stop))!.Principal).Roles);
        var listed = Assert.Single(await people.ListAsync(Stop));
        Assert.Equal(("ada", 1, 1, false, true), (listed.Name, listed.Passkeys, listed.Sessions, listed.HasPassword, listed.LinkUntil is not null));

        await people.AddAsync("ada", Roles.Auditor, Stop);
        Assert.Null(await store.RetrieveAsync(session, Stop));
        listed = Assert.Single(await people.ListAsync(Stop));
        Assert.Equal((0, 0, Roles.Auditor), (listed.Passkeys, listed.Sessions, listed.Role));
        await people.RevokeAsync("ada", Stop);
        Assert.NotNull(Assert.Single(await people.ListAsync(Stop)).RevokedAt);
    }

    [Fact]
    public async Task Of_two_processes_that_make_a_key_at_the_same_time_both_go_on_with_one()
    {
        await using var node = await start(null);
        var (databases, seal) = (node.Get<IDbContextFactory<LazaretDb>>(), node.Get<RecordSeal>());
        var (first, second) = (new ProtectionKeys(databases, seal), new ProtectionKeys(databases, seal));
        Assert.Empty(first.GetAllElements());
        Assert.Empty(second.GetAllElements());
        first.StoreElement(new("key", "of the first"), "one");
        second.StoreElement(new("key", "of the second"), "two");
        Assert.Equal("of the first", Assert.Single(first.GetAllElements()).Value);
        Assert.Equal("of the first", Assert.Single(second.GetAllElements()).Value);
        second.StoreElement(new("key", "later"), "three");
        Assert.Equal(2, first.GetAllElements().Count);
    }
}
