using System.Net;
using System.Text.Json.Nodes;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Storage;
using Lazaret.Tests.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static Lazaret.Tests.Releases.DecidedJobs;

namespace Lazaret.Tests.Releases;

/// <summary>What stewards may say.</summary>
public sealed partial class ReviewHttpTests
{
    [Theory]
    [InlineData("{}", "decision")]
    [InlineData("[]", "body")]
    [InlineData("{\"decision\":\"approve\",\"decision\":\"reject\",\"why\":\"x\"}", "body")]
    [InlineData("""{"decision":"maybe"}""", "decision")]
    [InlineData("""{"decision":"reject"}""", "why")]
    [InlineData("""{"decision":"ask","why":" "}""", "why")]
    [InlineData("""{"decision":"ask","why":"\u0007"}""", "why")]
    [InlineData("""{"decision":"ask","why":7}""", "why")]
    [InlineData("""{"decision":"approve","colour":"red"}""", "colour")]
    [InlineData("""{"decision":"approve","assessed_at":"lately"}""", "assessed_at")]
    [InlineData("\"\\ud800\"", "body")]
    [InlineData("""{"decision":"ask","why":"\ud800"}""", "why")]
    public async Task A_word_that_is_none_is_refused(string body, string field)
    {
        await using var node = await StartAsync();
        var steward = await node.RegisterAsync("steward", Roles.Steward);
        using var refused = await node.SendAsync(HttpMethod.Post, $"/v1/reviews/{Guid.NewGuid()}", steward, Json(body));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        var faults = JsonNode.Parse(await refused.Content.ReadAsStringAsync(Stop))!["errors"]!.AsArray();
        Assert.Contains(field, faults.Select(fault => (string)fault!["field"]!));
    }

    [Fact]
    public async Task A_reason_too_long_is_refused_and_the_audit_has_its_digest_alone()
    {
        await using var node = await StartAsync();
        var steward = await node.RegisterAsync("steward", Roles.Steward);
        var job = await RunAsync(node.Services, Ask("a"));
        using (var refused = await node.SendAsync(HttpMethod.Post, $"/v1/reviews/{job.Id}", steward, Json($$"""{"decision":"ask","why":"{{new string('x', 1001)}}"}""")))
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        await DecideAsync(node, job.Id, steward, """{"decision":"ask","why":"Who is Jane Doe?"}""");
        await using var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
        var detail = (await db.Audit.SingleAsync(entry => entry.Action == AuditAction.ResultReviewed, Stop)).Detail;
        Assert.Contains("why_sha256", detail, StringComparison.Ordinal);
        Assert.DoesNotContain("Jane", detail, StringComparison.Ordinal);
    }
}
