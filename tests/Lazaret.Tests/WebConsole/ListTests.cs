using System.Net;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Projects;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity;
using Microsoft.Extensions.DependencyInjection;
using static Lazaret.Tests.WebConsole.ConsoleTests;

namespace Lazaret.Tests.WebConsole;

/// <summary>Lists that grow with the years are searched, and come a page at a time.</summary>
public sealed class ListTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Programs_are_found_by_name_or_role_and_come_a_hundred_at_a_time()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var key = await node.RegisterAsync("zoe", Roles.Auditor);
        Assert.DoesNotContain("role=\"search\"", await ReadAsync(node, "/console/people", key), StringComparison.Ordinal);
        for (var number = 1; number <= 120; number++)
            await node.RegisterAsync(FormattableString.Invariant($"bot-{number:000}"), Roles.Requester);

        var first = await ReadAsync(node, "/console/people", key);
        Assert.Contains("1 to 100 of 121", first, StringComparison.Ordinal);
        Assert.Contains(">bot-100<", first, StringComparison.Ordinal);
        Assert.DoesNotContain(">bot-101<", first, StringComparison.Ordinal);
        var second = await ReadAsync(node, "/console/people?programs=100", key);
        Assert.Contains("101 to 121 of 121", second, StringComparison.Ordinal);
        Assert.Contains(">bot-101<", second, StringComparison.Ordinal);
        Assert.Contains(">zoe<", await ReadAsync(node, "/console/people?find=AUDITOR", key), StringComparison.Ordinal);
        var found = await ReadAsync(node, "/console/people?find=bot-1", key);
        Assert.Contains(">bot-119<", found, StringComparison.Ordinal);
        Assert.DoesNotContain(">bot-099<", found, StringComparison.Ordinal);
        var none = await ReadAsync(node, "/console/people?find=%3Cb%3Enobody", key);
        Assert.Contains("None of 121 has “<b>nobody” in it.", WebUtility.HtmlDecode(none), StringComparison.Ordinal);
        Assert.DoesNotContain("<b>nobody", none, StringComparison.Ordinal);
        Assert.Contains("Programs: is no number", await ReadAsync(node, "/console/people?programs=many", key), StringComparison.Ordinal);
        Assert.Contains("Find: is longer than 200 characters", await ReadAsync(node, $"/console/people?find={new string('x', 201)}", key), StringComparison.Ordinal);
        Assert.Contains("Nothing comes after these.", await ReadAsync(node, "/console/people?programs=9999", key), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Projects_are_found_by_key_title_or_member()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var key = await node.RegisterAsync("zoe", Roles.Auditor);
        await node.RegisterAsync("ada", Roles.Requester);
        for (var number = 1; number <= 101; number++)
            await node.Services.GetRequiredService<ProjectDirectory>().AddAsync(new Approval(FormattableString.Invariant($"study-{number:000}"), number == 7 ? "Tremor" : "A study") { Members = number == 8 ? ["ada"] : [] }, [], AuditEntry.Operator, Stop);
        Assert.Contains("1 to 100 of 101", await ReadAsync(node, "/console/projects", key), StringComparison.Ordinal);
        // The audit says which project was approved.
        Assert.Contains("project study-101<details>", await ReadAsync(node, "/console/ledger", key), StringComparison.Ordinal);
        foreach (var (find, project) in new[] { ("tremor", "study-007"), ("ADA", "study-008"), ("study-101", "study-101") })
        {
            var page = await ReadAsync(node, $"/console/projects?find={find}", key);
            Assert.Contains($"<code>{project}</code>", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<code>study-009</code>", page, StringComparison.Ordinal);
        }
    }

    private static async Task<string> ReadAsync(ServingNode node, string path, string? key)
    {
        var (status, page) = await GetAsync(node, path, key);
        Assert.Equal(HttpStatusCode.OK, status);
        return page;
    }
}
