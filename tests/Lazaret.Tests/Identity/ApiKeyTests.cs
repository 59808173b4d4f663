using System.Net;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Storage;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity.Tokens;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Identity;

public sealed class ApiKeyTests
{
    private const string Catalog = "/catalog/variables";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("P99999999D")]
    [InlineData("P99999999999999999999D")]
    [InlineData("P11Y")]
    [InlineData("PT1S")]
    [InlineData("soon")]
    public void A_lifetime_that_is_none_or_too_long_is_named(string text) =>
        Assert.Contains("is no duration", Assert.Throws<InputException>(() => Lifetime.Read("expires", text)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_key_is_not_kept_and_each_of_its_changes_is_refused()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var key = await node.RegisterAsync("bot", Roles.Requester);
        Assert.Equal(HttpStatusCode.OK, await GetAsync(node, key));

        for (var i = 0; i < key.Length; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(node, key[..i] + (key[i] == 'x' ? 'y' : 'x') + key[(i + 1)..]));
        foreach (var wrong in new[] { key[..^1], key + "A", ApiKey.Make().Text, ApiKey.Begin, "" })
            Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(node, wrong));
        await using var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
        var kept = await db.Credentials.SingleAsync(Stop);
        Assert.DoesNotContain(key[^43..], Convert.ToHexString(kept.Content) + kept.Lookup, StringComparison.Ordinal);
        Assert.Equal(32, kept.Content.Length);
    }

    [Fact]
    public async Task A_key_is_over_once_it_has_expired()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(node, await node.RegisterAsync("late", Roles.Requester, TimeProvider.System.GetUtcNow().AddSeconds(-1))));
        Assert.Single(await node.AuditAsync(AuditAction.AuthenticationRefused));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(node, await node.RegisterAsync("early", Roles.Requester, TimeProvider.System.GetUtcNow().AddHours(1))));
    }

    [Fact]
    public async Task A_revocation_takes_effect_within_a_second_on_every_process()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        await using var other = await node.BesideAsync();
        var key = await node.RegisterAsync("bot", Roles.Requester);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await GetAsync(node, key), await GetAsync(other, key)));

        await node.Services.GetRequiredService<RequesterDirectory>().RevokeAsync("bot", AuditEntry.Operator, Stop);
        await Task.Delay(TimeSpan.FromSeconds(1), Stop);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (await GetAsync(node, key), await GetAsync(other, key)));
        Assert.Equal(2, (await node.AuditAsync(AuditAction.AuthenticationRefused)).Count);
        var again = await Assert.ThrowsAsync<InputException>(() => node.RegisterAsync("bot", Roles.Requester));
        Assert.Contains("was revoked", again.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_rotation_both_keys_hold_until_the_overlap_is_over()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var old = await node.RegisterAsync("bot", Roles.Requester);
        var directory = node.Services.GetRequiredService<RequesterDirectory>();
        var (second, secondText) = ApiKey.Make();
        await directory.RotateAsync("bot", CredentialKind.Key, second.Prefix, second.Hash, null, TimeSpan.FromHours(1), AuditEntry.Operator, Stop);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await GetAsync(node, old), await GetAsync(node, secondText)));

        var (third, thirdText) = ApiKey.Make();
        await directory.RotateAsync("bot", CredentialKind.Key, third.Prefix, third.Hash, null, TimeSpan.Zero, AuditEntry.Operator, Stop);
        await Task.Delay(TimeSpan.FromSeconds(1), Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(node, old));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await GetAsync(node, secondText), await GetAsync(node, thirdText)));
    }

    [Fact]
    public async Task A_key_with_an_end_is_followed_by_one_that_lasts_as_long()
    {
        await using var node = await TestNode.StartAsync();
        var directory = node.Get<RequesterDirectory>();
        var (first, second, third) = (ApiKey.Make().Key, ApiKey.Make().Key, ApiKey.Make().Key);
        await directory.AddAsync("bot", Roles.Requester, CredentialKind.Key, first.Prefix, first.Hash, node.Time.GetUtcNow().AddDays(90), AuditEntry.Operator, Stop);
        node.Time.Advance(TimeSpan.FromMinutes(1));
        await directory.RotateAsync("bot", CredentialKind.Key, second.Prefix, second.Hash, null, TimeSpan.FromDays(7), AuditEntry.Operator, Stop);
        node.Time.Advance(TimeSpan.FromMinutes(1));
        await directory.RotateAsync("bot", CredentialKind.Key, third.Prefix, third.Hash, null, TimeSpan.FromDays(7), AuditEntry.Operator, Stop);
        var kept = Assert.Single(await directory.ListAsync(Stop)).Credentials;
        Assert.Equal([7, 7, 90], kept.Select(credential => (int)Math.Round((credential.ExpiresAt!.Value - node.Time.GetUtcNow()).TotalDays)));
    }

    [Fact]
    public async Task Who_proves_it_by_something_else_gets_no_key_by_a_rotation()
    {
        await using var node = await TestNode.StartAsync();
        var directory = node.Get<RequesterDirectory>();
        await directory.AddAsync("ehr", Roles.Requester, CredentialKind.JsonWebKeys, "ehr", [1], null, AuditEntry.Operator, Stop);
        await node.Get<Lazaret.Node.Identity.People.PeopleDirectory>().AddAsync("ada", Roles.Steward, AuditEntry.Operator, Stop);
        var (key, _) = ApiKey.Make();
        foreach (var (name, words) in new[] { ("ehr", "but a SMART client"), ("ada", "is a person"), ("nobody", "no such requester") })
        {
            var refused = await Assert.ThrowsAsync<InputException>(() => directory.RotateAsync(name, CredentialKind.Key, key.Prefix, key.Hash, null, TimeSpan.Zero, AuditEntry.Operator, Stop));
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        }

        Assert.Null(await directory.FindAsync(CredentialKind.Key, key.Prefix, Stop));
    }

    [Fact]
    public async Task Who_was_let_in_and_who_was_not_is_audited_without_the_key()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var key = await node.RegisterAsync("bot", Roles.Requester);
        for (var i = 0; i < 3; i++)
            await GetAsync(node, key);
        var forged = ApiKey.Make().Text;
        for (var i = 0; i < 100; i++)
            await GetAsync(node, forged);
        using (await node.SendAsync(HttpMethod.Delete, $"/jobs/{Guid.NewGuid()}", await node.RegisterAsync("watch", Roles.Auditor)))
        {
        }

        await using var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
        var entries = await db.Audit.Where(e => e.Actor == "bot" || e.Actor == "nobody" || e.Actor == "watch" || e.Actor == AuditEntry.Operator).ToListAsync(Stop);
        Assert.Single(entries, e => e.Action == AuditAction.Authenticated && e.Actor == "bot");
        Assert.InRange(entries.Count(e => e.Action == AuditAction.AuthenticationRefused), 1, 60);
        foreach (var secret in new[] { forged, key })
            Assert.All(entries, e => Assert.DoesNotContain(secret[^43..], e.Detail, StringComparison.Ordinal));
        Assert.Equal(2, entries.Count(e => e.Action == AuditAction.RequesterAdded));
    }

    [Fact]
    public async Task Many_refusals_of_one_kind_hide_none_of_another_and_those_without_an_entry_are_counted_when_the_node_stops()
    {
        var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        await using var kept = node;
        var key = await node.RegisterAsync("bot", Roles.Requester);
        await GetAsync(node, key);
        for (var i = 0; i < 70; i++)
            await GetAsync(node, ApiKey.Make().Text);
        await GetAsync(node, "eyJhbGciOiJub25lIn0.e30.");
        await node.Services.GetRequiredService<AuthenticationAudit>().StopAsync(Stop);

        await using var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
        var refused = await db.Audit.Where(e => e.Action == AuditAction.AuthenticationRefused).OrderBy(e => e.Sequence).Select(e => e.Detail).ToListAsync(Stop);
        Assert.Equal(62, refused.Count);
        Assert.DoesNotContain("API key", refused[60], StringComparison.Ordinal);
        Assert.Contains("\"more_before\":10", refused[61], StringComparison.Ordinal);
        Assert.Contains($"\"key\":\"{ApiKey.Read(key)!.Value.Prefix}\"", Assert.Single(await db.Audit.Where(e => e.Action == AuditAction.Authenticated && e.Actor == "bot").ToListAsync(Stop)).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("local")]
    [InlineData("node")]
    [InlineData("operator")]
    [InlineData("Nobody")]
    [InlineData("LOCAL")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData("ä")]
    [InlineData("a\n")]
    public async Task A_name_that_could_be_taken_for_another_is_refused(string name)
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        await Assert.ThrowsAsync<InputException>(() => node.RegisterAsync(name, Roles.Requester));
    }

    [Fact]
    public void How_long_a_key_lasts_at_least_is_said() =>
        Assert.Contains("of a minute at least and ten years at most", Assert.Throws<InputException>(() => Lifetime.Read("expires", "PT3S")).Message, StringComparison.Ordinal);

    private static async Task<HttpStatusCode> GetAsync(ServingNode node, string key)
    {
        using var answer = await node.SendAsync(HttpMethod.Get, Catalog, key);
        return answer.StatusCode;
    }
}
