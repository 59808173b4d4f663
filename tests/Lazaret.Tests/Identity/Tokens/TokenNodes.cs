using System.Net;
using System.Text.Json.Nodes;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Identity.Tokens;
using Lazaret.Node.Storage;
using Lazaret.Tests.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Identity.Tokens;

/// <summary>Nodes that take tokens, and what is asked of them.</summary>
internal static class TokenNodes
{
    public const string Catalog = "/catalog/variables";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static Func<NodeOptions, NodeOptions> TakeJwt(params JwtIssuerOptions[] issuers) =>
        options => options with { Auth = new AuthOptions { Modes = [AuthModes.Jwt], Jwt = new JwtOptions { Issuers = issuers } } };

    public static NodeOptions TakeSmart(NodeOptions options) => options with { Auth = new AuthOptions { Modes = [AuthModes.Key, AuthModes.Smart] } };

    public static JwtIssuerOptions Issuer(string jwks, string name = "hospital") => new()
    {
        Name = name,
        Issuer = $"https://{name}.example",
        Audience = "lazaret",
        Jwks = jwks,
        Scopes = new Dictionary<string, string> { ["lazaret.ask"] = "requester", ["lazaret%3Awatch"] = "auditor" },
    };

    /// <summary>An access token's content as an honest issuer writes it; members replace or join it, and null removes.</summary>
    public static JsonObject Claims(params IEnumerable<(string Name, JsonNode? Value)> other) => With(
        new JsonObject { ["iss"] = "https://hospital.example", ["aud"] = "lazaret", ["sub"] = "anna", ["exp"] = TokenSigner.In(300), ["iat"] = TokenSigner.In(0), ["scope"] = "openid lazaret.ask" }, other);

    public static JsonObject With(JsonObject claims, IEnumerable<(string Name, JsonNode? Value)> other)
    {
        foreach (var (name, value) in other)
        {
            if (value is null)
                claims.Remove(name);
            else
                claims[name] = value;
        }

        return claims;
    }

    public static Task RegisterAsync(this ServingNode node, string name, CredentialKind kind, string lookup, byte[] content, Roles role = Roles.Requester) =>
        node.Services.GetRequiredService<RequesterDirectory>().AddAsync(name, role, kind, lookup, content, null, AuditEntry.Operator, Stop);

    public static async Task<(HttpStatusCode Status, string Body)> AskAsync(this ServingNode node, string token, string path = Catalog)
    {
        using var answer = await node.SendAsync(HttpMethod.Get, path, token);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    public static async Task<List<AuditEntry>> AuditAsync(this ServingNode node, AuditAction action)
    {
        await using var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
        return await db.Audit.Where(entry => entry.Action == action).ToListAsync(Stop);
    }
}
