using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Lazaret.Node.Identity.Tokens;

/// <summary>The mode <c>jwt</c>: access tokens of the hospital's issuers, checked by the framework's bearer handler.</summary>
internal static class JwtMode
{
    private const int LongestSubject = 200;

    public static void AddJwt(this AuthenticationBuilder authentication)
    {
        var services = authentication.Services;
        services.AddSingleton<JwtIssuers>();
        services.AddOptions<JwtBearerOptions>(AuthModes.Jwt).Configure<JwtIssuers, AuthOptions>(Configure);
        authentication.AddJwtBearer(AuthModes.Jwt, _ => { });
        services.AddSingleton(new Presented(AuthModes.Jwt, BearerToken.IsIn, "Bearer realm=\"lazaret\""));
    }

    private static void Configure(JwtBearerOptions bearer, JwtIssuers issuers, AuthOptions auth)
    {
        bearer.MapInboundClaims = false;
        bearer.TokenHandlers.Clear();
        bearer.TokenHandlers.Add(new JsonWebTokenHandler { MapInboundClaims = false, MaximumTokenSizeInBytes = BearerToken.Longest });
        bearer.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuers = auth.Jwt.Issuers.Select(issuer => issuer.Issuer),
            AudienceValidator = (audiences, token, _) => issuers.Find(token.Issuer) is { } issuer && audiences.Contains(issuer.Options.Audience, StringComparer.Ordinal)
                ? true : throw new SecurityTokenInvalidAudienceException(),
            // What OnMessageReceived has waited for.
            IssuerSigningKeyResolver = (_, token, kid, _) => issuers.Find(token.Issuer)?.Keys.Latest?.Find(kid, ((JsonWebToken)token).Alg) ?? [],
            ValidAlgorithms = TokenAlgorithms.All,
            ClockSkew = auth.Jwt.ClockSkew,
        };
        bearer.Events = new JwtBearerEvents
        {
            OnMessageReceived = async context =>
            {
                if (BearerToken.Of(context.Request) is not { } token)
                {
                    context.Fail(TokenFaults.Unreadable);
                    return;
                }

                context.Token = token.EncodedToken;
                try
                {
                    if (issuers.Find(token.Issuer) is { } issuer)
                        await issuer.Keys.GetAsync(token.Kid, context.HttpContext.RequestAborted);
                }
                catch (ProofUnavailableException e)
                {
                    context.Fail(e);
                }
            },
            OnAuthenticationFailed = context =>
            {
                context.Fail(TokenFaults.Of(context.Exception));
                return Task.CompletedTask;
            },
            OnTokenValidated = context =>
            {
                var token = (JsonWebToken)context.SecurityToken;
                if (token.TryGetPayloadValue<object>("cnf", out _))
                    context.Fail(TokenFaults.Bound);
                // A library checks nbf and exp alone.
                else if (token.IssuedAt > context.Options.TimeProvider!.GetUtcNow().UtcDateTime + auth.Jwt.ClockSkew)
                    context.Fail(TokenFaults.FromTheFuture);
                else if (AccessTokenType.FaultOf(token, issuers.Find(token.Issuer)!.Options.TypedOnly) is { } fault)
                    context.Fail(fault);
                else if (token.Subject is not { Length: > 0 and <= LongestSubject } subject || subject.Trim() != subject)
                    context.Fail(TokenFaults.Unnamed);
                else
                    context.Principal = RequesterOf(token, subject, issuers.Find(token.Issuer)!.Options).ToPrincipal(AuthModes.Jwt);
                return Task.CompletedTask;
            },
        };
    }

    private static Requester RequesterOf(JsonWebToken token, string subject, JwtIssuerOptions issuer) => new($"{issuer.Name}/{subject}", issuer.RolesOf(ScopesOf(token)));

    // RFC 8693 has scope as one text; others have an array, or call it scp.
    private static IEnumerable<string> ScopesOf(JsonWebToken token) =>
        token.Claims.Where(claim => claim.Type is "scope" or "scp").SelectMany(claim => claim.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
