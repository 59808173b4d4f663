using System.Security.Cryptography;
using Lazaret.Node.Http;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Identity.Tokens.Clients;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;

namespace Lazaret.Node.Identity.Tokens.Smart;

/// <summary>
/// The mode <c>smart</c>: SMART Backend Services with a token endpoint of the node's own, on OpenIddict; and the tokens of CDS Hooks clients. OpenIddict
/// runs without stores (its degraded mode): clients are registered requesters, and a token needs no row, for its requester is looked up at each use.
/// </summary>
internal static class SmartMode
{
    public const string TokenPath = "/oauth/token";

    /// <summary>What the node's tokens carry as <c>iss</c> and <c>aud</c>: nobody but the node reads them.</summary>
    public const string Node = "urn:lazaret:node";

    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    public static void AddSmart(this AuthenticationBuilder authentication)
    {
        var services = authentication.Services;
        services.AddSingleton<TokenSigning>().AddSingleton<ClientKeys>().AddSingleton<SpentTokens>().AddSingleton<ClientTokens>();
        services.AddTokenServer();

        services.AddOptions<JwtBearerOptions>(AuthModes.Smart).Configure<TokenSigning, RequesterDirectory>(Configure);
        authentication.AddJwtBearer(AuthModes.Smart, _ => { });
        services.AddSingleton(new Presented(AuthModes.Smart, request => BearerToken.IssuerIn(request) == Node, "Bearer realm=\"lazaret\""));
        authentication.AddScheme<AuthenticationSchemeOptions, CdsClientHandler>(CdsClientHandler.Scheme, null);
        services.AddSingleton(provider => new Presented(
            CdsClientHandler.Scheme, request => CdsClientHandler.IsIn(request, provider.GetRequiredService<JwtOptions>()), Challenge: null));
    }

    private static void AddTokenServer(this IServiceCollection services)
    {
        services.WithoutKeyStart(added => added.AddOpenIddict().AddServer(server =>
        {
            server.EnableDegradedMode().DisableScopeValidation();
            server.AllowClientCredentialsFlow().SetTokenEndpointUris(TokenPath).SetIssuer(new Uri(Node)).SetAccessTokenLifetime(Lifetime);
            // A resource server of its own reads them, and nobody else.
            server.DisableAccessTokenEncryption().AddEncryptionKey(new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32)));
            server.AddEventHandler(SmartTokenRequests.OwnPathAlone).AddEventHandler(SmartTokenRequests.Checked).AddEventHandler(SmartTokenRequests.Refusals);
            // The listener says whether there is TLS; behind a proxy that ends it there is none here.
            server.UseAspNetCore().EnableTokenEndpointPassthrough().DisableTransportSecurityRequirement();
        }));
        services.AddOptions<OpenIddictServerOptions>().Configure<TokenSigning>((server, signing) =>
            server.SigningCredentials.Add(new SigningCredentials(signing.Key, SecurityAlgorithms.EcdsaSha256)));
    }

    private static void Configure(JwtBearerOptions bearer, TokenSigning signing, RequesterDirectory directory)
    {
        bearer.MapInboundClaims = false;
        bearer.TokenHandlers.Clear();
        bearer.TokenHandlers.Add(new JsonWebTokenHandler { MapInboundClaims = false, MaximumTokenSizeInBytes = BearerToken.Longest });
        bearer.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = Node,
            ValidAudience = Node,
            IssuerSigningKey = signing.Key,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            ValidTypes = ["at+jwt"],
            ClockSkew = TimeSpan.Zero,
        };
        bearer.Events = new JwtBearerEvents
        {
            OnAuthenticationFailed = context =>
            {
                context.Fail(TokenFaults.Of(context.Exception));
                return Task.CompletedTask;
            },
            OnTokenValidated = async context =>
            {
                var token = (JsonWebToken)context.SecurityToken;
                if (await directory.FindAsync(CredentialKind.JsonWebKeys, token.Subject, context.HttpContext.RequestAborted) is not { } client)
                {
                    context.Fail("The token's client was revoked.");
                    return;
                }

                context.Principal = client.Requester.ToPrincipal(AuthModes.Smart);
                var scopes = token.Claims.Where(claim => claim.Type == "scope").SelectMany(claim => claim.Value.Split(' '));
                Access.Limit(context.Principal, scopes.SelectMany(SmartScopes.ResourcesOf));
            },
        };
    }
}
