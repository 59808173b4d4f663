using Lazaret.Node.Audit;
using Lazaret.Node;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Registered;
using Lazaret.Tests.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Identity;

/// <summary>Nodes that ask for API keys, and keys for them.</summary>
internal static class RegisteredKeys
{
    public static NodeOptions AskForKeys(NodeOptions options) => options with { Auth = new AuthOptions { Modes = [AuthModes.Key] } };

    public static async Task<string> RegisterAsync(this ServingNode node, string name, Roles role, DateTimeOffset? expires = null)
    {
        var (key, text) = ApiKey.Make();
        await node.Services.GetRequiredService<RequesterDirectory>().AddAsync(name, role, CredentialKind.Key, key.Prefix, key.Hash, expires, AuditEntry.Operator, TestContext.Current.CancellationToken);
        return text;
    }

    /// <summary>Asks the tiny cohort.</summary>
    public static async Task<HttpResponseMessage> AdmitMapAsync(this ServingNode node, string? key)
    {
        var map = await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), TestContext.Current.CancellationToken);
        return await node.SendAsync(HttpMethod.Post, "/jobs", key, TinySite.Form(map, ("task", "map_to_outcome_v1"), ("outcome", "UPDRS_change")));
    }

    public static Task<HttpResponseMessage> SendAsync(this ServingNode node, HttpMethod method, string path, string? key, HttpContent? content = null) =>
        node.Client.SendAsync(method, path, key, content);

    public static async Task<HttpResponseMessage> SendAsync(this HttpClient client, HttpMethod method, string path, string? key, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (key is not null)
            request.Headers.Authorization = new("Bearer", key);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
