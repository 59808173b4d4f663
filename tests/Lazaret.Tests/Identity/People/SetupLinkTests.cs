using System.Net;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People;
using Lazaret.Node.Identity.People.Accounts;
using Lazaret.Node.Storage;
using Lazaret.Tests.Http;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Identity.People;

public sealed class SetupLinkTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_link_is_used_once()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        await using var other = await node.BesideAsync();
        using var browser = new PersonBrowser(node);
        using var thief = new PersonBrowser(other);
        var link = await node.InviteAsync("ada");
        // The thief had it open before it was used.
        var (_, open, _) = await thief.SubmitAsync("/sign-in/setup", "/sign-in/setup", ("link", link));
        await browser.SetUpAsync(link);

        Assert.Equal(HttpStatusCode.Forbidden, (await thief.SubmitAsync("/sign-in/setup", "/sign-in/setup", ("link", link))).Status);
        var late = await thief.PostAsync(
            "/sign-in/setup/password", PersonBrowser.Hidden(open), ("password", "a thief's password"), ("again", "a thief's password"), ("code", Accounts.CodeOf(Accounts.SecretOf(open))));
        Assert.Equal(HttpStatusCode.Forbidden, late.Status);
        Assert.Null(thief.Session);
    }

    [Theory]
    [InlineData(DatabaseOptions.Sqlite)]
    [InlineData(DatabaseOptions.Postgres)]
    public async Task Of_two_who_use_a_link_at_the_same_time_one_is_kept(string database)
    {
        await using var node = database == DatabaseOptions.Sqlite
            ? await ServingNode.StartAsync(Accounts.Have)
            : await ServingNode.StartAsync(
                options => Accounts.Have(options) with { Database = new DatabaseOptions { Provider = database } },
                setting: ("ConnectionStrings:Lazaret", await (await PostgresServer.SharedAsync()).CreateDatabaseAsync()));
        await using var other = await node.BesideAsync();
        var link = await node.InviteAsync("ada");
        var tries = new[] { node, other, node, other }.Select(async at =>
        {
            using var browser = new PersonBrowser(at);
            var (_, page, _) = await browser.SubmitAsync("/sign-in/setup", "/sign-in/setup", ("link", link));
            return await browser.PostAsync(
                "/sign-in/setup/password", PersonBrowser.Hidden(page), ("password", Accounts.Password), ("again", Accounts.Password), ("code", Accounts.CodeOf(Accounts.SecretOf(page))));
        });
        Assert.Single(await Task.WhenAll(tries), answer => answer.Status == HttpStatusCode.SeeOther);
        Assert.Single(await node.AuditAsync(), entry => entry.Action == AuditAction.PersonLinkUsed);
    }

    [Fact]
    public async Task A_link_that_is_old_guessed_or_of_somebody_revoked_does_not_hold()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var browser = new PersonBrowser(node);
        var link = await node.InviteAsync("ada");
        await node.ChangeAsync(async db => Assert.InRange((await db.Set<SetupLink>().SingleAsync(Stop)).ExpiresAt - TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(23.9), TimeSpan.FromHours(24)));
        await node.ChangeAsync(db => db.Set<SetupLink>().ExecuteUpdateAsync(set => set.SetProperty(l => l.ExpiresAt, TimeProvider.System.GetUtcNow()), Stop));
        var revoked = await node.InviteAsync("eve");
        await node.Services.GetRequiredService<PeopleDirectory>().RevokeAsync("eve", AuditEntry.Operator, Stop);

        string? hash = null;
        await node.ChangeAsync(async db => hash = (await db.Set<SetupLink>().FirstAsync(Stop)).Hash);
        foreach (var wrong in new[] { link, revoked, link[..^1], link + "A", hash!, "", new string('A', 43) })
            Assert.Equal(HttpStatusCode.Forbidden, (await browser.SubmitAsync("/sign-in/setup", "/sign-in/setup", ("link", wrong))).Status);
        var refusals = (await node.AuditAsync()).Where(entry => entry.Action == AuditAction.AuthenticationRefused).ToList();
        Assert.Equal(7, refusals.Count);
        Assert.All(refusals, entry => Assert.DoesNotContain(link, entry.Detail, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_new_link_takes_away_what_signed_in_before()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using var browser = new PersonBrowser(node);
        var first = await node.InviteAsync("ada");
        var unused = await node.InviteAsync("ada");
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SubmitAsync("/sign-in/setup", "/sign-in/setup", ("link", first))).Status);
        var secret = await browser.SetUpAsync(unused);

        var recovery = await node.InviteAsync("ada", Roles.Auditor);
        Assert.Null(await browser.WhoAmIAsync());
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SignInAsync("ada", Accounts.Password, Accounts.CodeOf(secret, 1))).Status);
        await browser.SetUpAsync(recovery);
        Assert.Equal("auditor", (await browser.WhoAmIAsync())!.Value.GetProperty("roles")[0].GetString());
        Assert.Equal(2, (await node.AuditAsync()).Count(entry => entry.Action == AuditAction.PersonReset && entry.Actor == AuditEntry.Operator));
    }

    [Fact]
    public async Task A_name_is_a_program_s_or_a_person_s_and_nobody_looks_like_another()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        await node.RegisterAsync("bot", Roles.Requester);
        await node.InviteAsync("ada");
        await Assert.ThrowsAsync<InputException>(() => node.InviteAsync("bot"));
        await Assert.ThrowsAsync<InputException>(() => node.InviteAsync("Ada"));
        await Assert.ThrowsAsync<InputException>(() => node.InviteAsync("oidc/ada"));
        await Assert.ThrowsAsync<InputException>(() => node.InviteAsync("new", null));
        await Assert.ThrowsAsync<InputException>(() => node.RegisterAsync("ada", Roles.Requester));
        await node.Services.GetRequiredService<PeopleDirectory>().RevokeAsync("ada", AuditEntry.Operator, Stop);
        foreach (var role in new Roles?[] { Roles.Steward, null })
            Assert.Contains("was revoked", (await Assert.ThrowsAsync<InputException>(() => node.InviteAsync("ada", role))).Message, StringComparison.Ordinal);
        var listed = Assert.Single(await node.Services.GetRequiredService<PeopleDirectory>().ListAsync(Stop));
        Assert.Equal(("ada", true, null), (listed.Name, listed.RevokedAt is not null, listed.LinkUntil));
    }
}
