using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lazaret.Node.Identity;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity;
using Lazaret.Tests.Identity.People;

namespace Lazaret.Tests.WebConsole;

/// <summary>What a browser gets at the node's address.</summary>
public sealed class WelcomeTests
{
    [Fact]
    public async Task Whoever_may_enter_is_led_to_the_console_and_a_person_who_may_not_to_where_they_sign_in()
    {
        await using (var local = await ServingNode.StartAsync())
            Assert.Contains("href=\"/console\">To the console", await OpenAsync(local, null), StringComparison.Ordinal);

        await using (var withPeople = await ServingNode.StartAsync(Accounts.Have))
            Assert.Contains("href=\"/sign-in\">Sign in", await OpenAsync(withPeople, null), StringComparison.Ordinal);

        await using var keys = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var refused = await OpenAsync(keys, null);
        Assert.Contains("people have no accounts at this node", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("To the console", refused, StringComparison.Ordinal);
        Assert.Contains("To the console", await OpenAsync(keys, await keys.RegisterAsync("sam", Roles.Steward)), StringComparison.Ordinal);
    }

    /// <summary>It is made once for all callers, who reach the node by different names.</summary>
    [Fact]
    public async Task The_interfaces_description_has_the_address_by_which_it_was_asked_for()
    {
        await using var node = await ServingNode.StartAsync();
        foreach (var name in (string[])["localhost", "127.0.0.1", "localhost"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json");
            request.Headers.Host = $"{name}:{node.Client.BaseAddress!.Port}";
            using var answer = await node.Client.SendAsync(request, TestContext.Current.CancellationToken);
            var described = await answer.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken);
            Assert.Equal($"http://{request.Headers.Host}", (string?)described!["servers"]!.AsArray().Single()!["url"]);
        }
    }

    private static async Task<string> OpenAsync(ServingNode node, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Accept.ParseAdd("text/html");
        if (key is not null)
            request.Headers.Authorization = new("Bearer", key);
        using var answer = await node.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.DoesNotContain("unsafe-inline", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
