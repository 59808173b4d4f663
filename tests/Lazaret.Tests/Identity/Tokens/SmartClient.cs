using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Lazaret.Node.Identity.Registered;
using Lazaret.Tests.Http;

namespace Lazaret.Tests.Identity.Tokens;

/// <summary>A client of SMART Backend Services, registered with a node.</summary>
internal sealed class SmartClient(string id, TokenSigner signer)
{
    public const string Everything = "system/*.read";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public string Id => id;

    public TokenSigner Signer => signer;

    public static async Task<SmartClient> RegisterAsync(ServingNode node, string id, TokenSigner signer)
    {
        await node.RegisterAsync(id, CredentialKind.JsonWebKeys, id, Encoding.UTF8.GetBytes(TokenSigner.Jwks(signer)));
        return new SmartClient(id, signer);
    }

    public JsonObject Claims(ServingNode node, params IEnumerable<(string Name, JsonNode? Value)> other) => TokenNodes.With(
        new JsonObject { ["iss"] = id, ["sub"] = id, ["aud"] = $"{node.Client.BaseAddress}oauth/token", ["exp"] = TokenSigner.In(240), ["jti"] = $"{Guid.NewGuid()}" }, other);

    public Task<(HttpStatusCode Status, JsonObject Body)> AskAsync(ServingNode node, string scope = Everything) => SendAsync(node, signer.Sign(Claims(node)), scope);

    /// <summary>An access token.</summary>
    public async Task<string> TokenAsync(ServingNode node, string scope = Everything)
    {
        var (status, body) = await AskAsync(node, scope);
        Assert.True(status == HttpStatusCode.OK, $"{status} {body}");
        return body["access_token"]!.GetValue<string>();
    }

    public static async Task<(HttpStatusCode Status, JsonObject Body)> SendAsync(ServingNode node, string assertion, string scope = Everything, params IEnumerable<(string Name, string? Value)> other)
    {
        var form = new Dictionary<string, string?>
        {
            ["grant_type"] = "client_credentials",
            ["scope"] = scope,
            ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ["client_assertion"] = assertion,
        };
        foreach (var (name, value) in other)
            form[name] = value;
        using var body = new FormUrlEncodedContent(form.Where(member => member.Value is not null)!);
        using var answer = await node.Client.PostAsync("/oauth/token", body, Stop);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!.AsObject());
    }
}
