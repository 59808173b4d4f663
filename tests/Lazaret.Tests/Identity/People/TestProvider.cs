using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Lazaret.Tests.Identity.People;

/// <summary>A small OpenID provider: it publishes its configuration and keys, sends every browser back at once, and answers codes that fit their PKCE verifier.</summary>
internal sealed class TestProvider : IAsyncDisposable
{
    public const string ClientId = "lazaret";
    public const string Secret = "the node's secret";

    private readonly RSA _rsa = RSA.Create(2048);
    private readonly Dictionary<string, (string Challenge, string? Nonce, string Redirect)> _codes = [];
    private readonly WebApplication _app;

    private TestProvider(WebApplication app) => _app = app;

    /// <summary>What the ID token says besides; a test changes it.</summary>
    public Dictionary<string, object> Claims { get; } = new() { ["sub"] = "ada", ["name"] = "Ada Lovelace", ["roles"] = "stewards" };

    /// <summary>Changes the token before it is signed.</summary>
    public Action<SecurityTokenDescriptor> Spoil { get; set; } = _ => { };

    /// <summary>Changes the token after it was signed.</summary>
    public Func<string, string> Send { get; set; } = token => token;

    /// <summary>The last request for tokens that came from the node.</summary>
    public IFormCollection? Redeemed { get; private set; }

    public string Issuer => _app.Urls.Single();

    /// <summary>Whose name its configuration and tokens bear; itself, unless a test says otherwise.</summary>
    public string? Speaker { get; set; }

    public RsaSecurityKey Key => new(_rsa) { KeyId = "one" };

    public static async Task<TestProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var provider = new TestProvider(app);
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new
        {
            issuer = provider.Speaker ?? provider.Issuer, authorization_endpoint = $"{provider.Issuer}/authorize", token_endpoint = $"{provider.Issuer}/token", jwks_uri = $"{provider.Issuer}/keys",
            response_types_supported = new[] { "code" }, subject_types_supported = new[] { "public" }, id_token_signing_alg_values_supported = new[] { "RS256" },
        }));
        app.MapGet("/keys", () =>
        {
            var parameters = provider._rsa.ExportParameters(false);
            return Results.Json(new { keys = new[] { new { kty = "RSA", use = "sig", kid = "one", n = Base64UrlEncoder.Encode(parameters.Modulus), e = Base64UrlEncoder.Encode(parameters.Exponent) } } });
        });
        app.MapGet("/authorize", (HttpRequest request) =>
        {
            Assert.Equal(("code", "S256", ClientId), (request.Query["response_type"].ToString(), request.Query["code_challenge_method"].ToString(), request.Query["client_id"].ToString()));
            var code = Guid.NewGuid().ToString("N");
            provider._codes[code] = (request.Query["code_challenge"].ToString(), request.Query["nonce"], request.Query["redirect_uri"].ToString());
            return Results.Redirect($"{request.Query["redirect_uri"]}?code={code}&state={Uri.EscapeDataString(request.Query["state"].ToString())}");
        });
        app.MapPost("/token", async (HttpRequest request) =>
        {
            var form = provider.Redeemed = await request.ReadFormAsync();
            if (form["client_secret"] != Secret || !provider._codes.Remove(form["code"].ToString(), out var asked) || asked.Redirect != form["redirect_uri"]
                || Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))) != asked.Challenge)
                return Results.Json(new { error = "invalid_grant" }, statusCode: StatusCodes.Status400BadRequest);
            var token = new SecurityTokenDescriptor
            {
                Issuer = provider.Speaker ?? provider.Issuer, Audience = ClientId, Expires = TimeProvider.System.GetUtcNow().AddMinutes(5).UtcDateTime,
                SigningCredentials = new SigningCredentials(provider.Key, SecurityAlgorithms.RsaSha256), Claims = new Dictionary<string, object>(provider.Claims) { ["nonce"] = asked.Nonce! },
            };
            provider.Spoil(token);
            return Results.Json(new { access_token = "opaque", token_type = "Bearer", expires_in = 300, id_token = provider.Send(new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = true }.CreateToken(token)) });
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _rsa.Dispose();
    }
}
