using System.Net;
using System.Text.Json.Nodes;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Registered;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity.People;
using Lazaret.Tests.Identity.Tokens;
using Lazaret.Tests.Projects;

namespace Lazaret.Tests.Identity;

/// <summary>What the audit keeps of those who were turned away, so that they can be found.</summary>
public sealed class RefusalTraceTests
{
    private const string Secret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    [Theory]
    [InlineData("0123456789ab", "0123456789ab")]
    [InlineData("\"<script>a\\n", null)]
    [InlineData("0123456789AB", null)]
    [InlineData("0123456789abc", null)]
    public async Task A_refused_key_is_named_by_its_public_part_and_its_sender_by_the_address(string prefix, string? kept)
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        using var answer = await node.AskAsync(HttpMethod.Get, "/v1/models", null, null, ("Authorization", $"Bearer {ApiKey.Begin}{prefix}_{Secret}"));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        var entry = Assert.Single(await node.AuditAsync(AuditAction.AuthenticationRefused));
        var detail = JsonNode.Parse(entry.Detail)!;
        Assert.Equal(("127.0.0.1", kept), ((string?)detail["address"], (string?)detail["key"]));
        Assert.DoesNotContain("script", entry.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, entry.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_address_is_the_client_s_where_a_believed_proxy_names_it_and_the_sender_s_elsewhere()
    {
        foreach (var (proxy, expected) in new[] { ("127.0.0.1", "2001:db8::7"), ("192.0.2.1", "127.0.0.1") })
        {
            await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Http = options.Http with { Proxies = [proxy] } });
            using var answer = await node.AskAsync(HttpMethod.Get, "/v1/models", ApiKey.Make().Text, null, ("X-Forwarded-For", "203.0.113.5, 2001:db8::7"));
            var entry = Assert.Single(await node.AuditAsync(AuditAction.AuthenticationRefused));
            Assert.Equal(expected, (string?)JsonNode.Parse(entry.Detail)!["address"]);
        }
    }

    [Fact]
    public async Task A_refused_key_or_session_leaves_a_trace_at_the_console_s_pages_too()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        using (var answer = await node.AskAsync(HttpMethod.Get, "/console", ApiKey.Make().Text, null, ("Accept", "text/html")))
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Single(await node.AuditAsync(AuditAction.AuthenticationRefused));

        using (var answer = await node.AskAsync(HttpMethod.Get, "/console", null, null, ("Accept", "text/html"), ("Cookie", $"lazaret={Secret}")))
            Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal(2, (await node.AuditAsync(AuditAction.AuthenticationRefused)).Count);

        // Who brings nothing is nobody's guess.
        using (var answer = await node.AskAsync(HttpMethod.Get, "/console", null, null, ("Accept", "text/html")))
            Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal(2, (await node.AuditAsync(AuditAction.AuthenticationRefused)).Count);
    }

    [Fact]
    public async Task A_known_requester_and_a_person_who_are_refused_are_traced_too()
    {
        await using var node = await ServingNode.StartAsync(Accounts.Have);
        var watch = await node.RegisterAsync("watch", Roles.Auditor);
        using (await node.SendAsync(HttpMethod.Delete, $"/jobs/{Guid.NewGuid()}", watch))
        {
        }

        using var browser = new PersonBrowser(node);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SignInAsync("nobody", "not a password", "123456")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SubmitAsync("/sign-in/setup", "/sign-in/setup", ("link", "made up"))).Status);
        foreach (var entry in await node.AuditAsync(AuditAction.AuthenticationRefused))
            Assert.Equal("127.0.0.1", (string?)JsonNode.Parse(entry.Detail)!["address"]);
        var refused = JsonNode.Parse(Assert.Single(await node.AuditAsync(AuditAction.AccessRefused)).Detail)!;
        Assert.Equal(("127.0.0.1", watch[4..16]), ((string?)refused["address"], (string?)refused["key"]));
    }
}
