using System.Security.Claims;
using Lazaret.Node.Audit;
using Lazaret.Node;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People;
using Lazaret.Node.Identity.People.Accounts;
using Lazaret.Node.Identity.People.Sessions;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Keys;
using Lazaret.Node.Projects;
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
        await people.AddAsync("ada", Roles.Steward, AuditEntry.Operator, Stop);
        await using var db = node.Open();
        var person = await db.Set<Person>().SingleAsync(Stop);
        byte[] id = [1, 2, 3];
        db.Add(PasskeyOf(person.Id, id));
        await db.SaveChangesAsync(Stop);
        db.ChangeTracker.Clear();
        var read = await db.Set<IdentityUserPasskey<Guid>>().SingleAsync(p => p.CredentialId == id, Stop);
        Assert.Equal((7U, "internal", 4), (read.Data.SignCount, read.Data.Transports!.Single(), read.Data.PublicKey.Single()));

        var store = new SessionStore(node.Get<IDbContextFactory<LazaretDb>>(), new AuthOptions { Modes = [AuthModes.Accounts] }, TimeProvider.System);
        var session = await store.StoreAsync(new AuthenticationTicket(new Requester("ada", Roles.Steward).ToPrincipal(AuthModes.Accounts), "session"), Stop);
        Assert.Equal(Roles.Steward, Requester.Of((await store.RetrieveAsync(session, Stop))!.Principal).Roles);
        var listed = Assert.Single(await people.ListAsync(Stop));
        Assert.Equal(("ada", 1, 1, false, true), (listed.Name, listed.Passkeys, listed.Sessions, listed.HasPassword, listed.LinkUntil is not null));

        await people.AddAsync("ada", Roles.Auditor, AuditEntry.Operator, Stop);
        Assert.Null(await store.RetrieveAsync(session, Stop));
        listed = Assert.Single(await people.ListAsync(Stop));
        Assert.Equal((0, 0, Roles.Auditor), (listed.Passkeys, listed.Sessions, listed.Role));
        await people.RevokeAsync("ada", AuditEntry.Operator, Stop);
        Assert.NotNull(Assert.Single(await people.ListAsync(Stop)).RevokedAt);
    }

    [Fact]
    public async Task Of_those_who_take_one_name_at_once_one_gets_it()
    {
        await using var node = await start(null);
        var (directory, people, projects) = (node.Get<RequesterDirectory>(), node.Get<PeopleDirectory>(), node.Get<ProjectDirectory>());
        var taking = Enumerable.Range(0, 12).Select(i => Task.Run(
            async () =>
            {
                var name = i % 2 == 0 ? "ada" : "ADA";
                try
                {
                    if (i < 6)
                        await people.AddNewAsync(name, Roles.Requester, AuditEntry.Operator, Stop);
                    else
                        await directory.AddAsync(name, Roles.Requester, CredentialKind.Key, $"prefix{i}", [(byte)i], null, AuditEntry.Operator, Stop);
                    return true;
                }
                catch (InputException)
                {
                    return false;
                }
            },
            Stop));
        Assert.Single(await Task.WhenAll(taking), gotIt => gotIt);
        var approving = Enumerable.Range(0, 6).Select(_ => Task.Run(
            async () => await Record.ExceptionAsync(() => projects.AddAsync(new Approval("study", "A study"), [], AuditEntry.Operator, Stop)), Stop));
        Assert.All((await Task.WhenAll(approving)).OfType<Exception>(), fault => Assert.IsType<InputException>(fault));
    }

    [Fact]
    public async Task Of_a_name_that_the_provider_gives_what_shows_is_kept_in_whole_characters()
    {
        await using var node = await start(null);
        var store = new SessionStore(node.Get<IDbContextFactory<LazaretDb>>(), new AuthOptions { Modes = [AuthModes.Oidc] }, TimeProvider.System);
        foreach (var (name, shown) in new[] { ("Ada\0 \u202ELovelace", "Ada Lovelace"), ("a" + string.Concat(Enumerable.Repeat("\U0001F600", 300)), "a" + string.Concat(Enumerable.Repeat("\U0001F600", 99))) })
        {
            var principal = new Requester("oidc/ada", Roles.Steward).ToPrincipal(AuthModes.Oidc);
            principal.Identities.First().AddClaim(new Claim(SessionStore.DisplayName, name));
            var session = await store.StoreAsync(new AuthenticationTicket(principal, "session"), Stop);
            Assert.Equal(shown, (await store.RetrieveAsync(session, Stop))!.Principal.FindFirst(SessionStore.DisplayName)!.Value);
        }
    }

    [Fact]
    public async Task A_session_that_begins_while_a_person_is_reset_does_not_outlive_it()
    {
        const int Rounds = 20;
        await using var node = await start(null);
        var people = node.Get<PeopleDirectory>();
        await people.AddAsync("ada", Roles.Steward, AuditEntry.Operator, Stop);
        await using var db = node.Open();
        var person = await db.Set<Person>().Select(p => p.Id).SingleAsync(Stop);
        var store = new SessionStore(node.Get<IDbContextFactory<LazaretDb>>(), new AuthOptions { Modes = [AuthModes.Accounts] }, TimeProvider.System);
        for (var i = 0; i < Rounds; i++)
        {
            db.Add(PasskeyOf(person, [(byte)i]));
            await db.SaveChangesAsync(Stop);
            // In either order: a session from before the reset ends with it, and none begins after it.
            await Task.WhenAll([people.AddAsync("ada", Roles.Steward, AuditEntry.Operator, Stop), .. Enumerable.Range(0, 3).Select(_ => TrySignInAsync())]);
            Assert.Equal((0, 0), Assert.Single(await people.ListAsync(Stop)) is var left ? (left.Passkeys, left.Sessions) : default);
        }

        async Task TrySignInAsync()
        {
            try
            {
                await Task.Yield();
                await store.StoreAsync(new AuthenticationTicket(new Requester("ada", Roles.Steward).ToPrincipal(AuthModes.Accounts), "session"), Stop);
            }
            catch (SignInOverException)
            {
                // The reset came first.
            }
        }
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

    private static IdentityUserPasskey<Guid> PasskeyOf(Guid person, byte[] id) => new()
    {
        UserId = person,
        CredentialId = id,
        Data = new IdentityPasskeyData { PublicKey = [4], SignCount = 7, CreatedAt = TimeProvider.System.GetUtcNow(), Transports = ["internal"], AttestationObject = [5], ClientDataJson = [6] },
    };
}
