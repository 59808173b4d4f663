using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People.Accounts;
using Lazaret.Node.Identity.People.Sessions;
using Lazaret.Tests.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Identity.People;

/// <summary>The operator takes away by what somebody signs in while they do so: they have shown it, and their session has not begun.</summary>
public sealed class ResetMeanwhileTests
{
    private static readonly UserPasskeyInfo Passkey = new([1, 2, 3], [4], DateTimeOffset.UnixEpoch, 0, [], true, false, false, [5], [6]);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_session_begins_after_it()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var browser = new PersonBrowser(node);
        await browser.SetUpAsync(await node.InviteAsync("ada"));
        var sessions = node.Services.GetRequiredService<SessionStore>();
        AuthenticationTicket Ticket() => new(new Requester("ada", Roles.Steward).ToPrincipal(AuthModes.Accounts), SessionScheme.Name);
        await sessions.StoreAsync(Ticket(), Stop);
        await node.InviteAsync("ada");
        await Assert.ThrowsAsync<SignInOverException>(() => sessions.StoreAsync(Ticket(), Stop));
        Assert.Null(await browser.WhoAmIAsync());
    }

    [Fact]
    public async Task A_passkey_does_not_come_back_with_its_last_use()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        await node.InviteAsync("ada");
        await UseAsync(node, async (_, users, person) => await users.AddOrUpdatePasskeyAsync(person, Passkey));
        await UseAsync(node, async (signIn, _, person) =>
        {
            Assert.Equal("ada", (await signIn.UseAsync(person, Passkey, Stop))?.Name);
            await node.InviteAsync("ada");
            Assert.Null(await signIn.UseAsync(person, Passkey, Stop));
        });
        await node.ChangeAsync(async db => Assert.False(await db.Passkeys.AnyAsync(Stop)));
    }

    private static async Task UseAsync(ServingNode node, Func<PasskeySignIn, UserManager<Person>, Person, Task> use)
    {
        await using var scope = node.Services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<Person>>();
        await use(scope.ServiceProvider.GetRequiredService<PasskeySignIn>(), users, (await users.FindByNameAsync("ada"))!);
    }
}
