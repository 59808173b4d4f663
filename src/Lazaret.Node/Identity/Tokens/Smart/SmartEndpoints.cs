using System.Security.Claims;
using Lazaret.Node.Audit;
using Lazaret.Node.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using Claims = OpenIddict.Abstractions.OpenIddictConstants.Claims;

namespace Lazaret.Node.Identity.Tokens.Smart;

/// <summary>SMART Backend Services: https://hl7.org/fhir/smart-app-launch/backend-services.html.</summary>
internal static class SmartEndpoints
{
    public static void MapSmart(this IEndpointRouteBuilder node)
    {
        if (!node.ServiceProvider.GetRequiredService<AuthOptions>().Takes(AuthModes.Smart))
            return;
        var smart = node.MapGroup("").WithTags("Tokens");
        foreach (var root in (string[])["", "/fhir"])
        {
            smart.MapGet($"{root}/.well-known/smart-configuration", (HttpRequest request) => TypedResults.Ok(SmartConfiguration.Of(NodeAddress.RootOf(request))))
                .WithSummary("Where and how clients get access tokens");
        }

        smart.MapPost(SmartMode.TokenPath, IssueAsync)
            .WithSummary("Get an access token, by SMART Backend Services")
            .Accepts<TokenRequestBody>("application/x-www-form-urlencoded")
            .Produces<AccessTokenBody>()
            .Produces<OAuthError>(StatusCodes.Status400BadRequest)
            .Produces<OAuthError>(StatusCodes.Status401Unauthorized)
            .Produces<OAuthError>(StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>Where this node issues tokens; null where it issues none.</summary>
    public static string? TokenAddressOf(HttpRequest request, AuthOptions auth) => auth.Takes(AuthModes.Smart) ? NodeAddress.RootOf(request) + SmartMode.TokenPath : null;

    // OpenIddict has read the request, and SmartTokenRequests has checked it: others do not come here.
    private static async Task<IResult> IssueAsync(HttpContext http, AuditLog audit, CancellationToken cancellationToken)
    {
        var grant = http.Features.Get<SmartGrant>() ?? throw new InvalidOperationException("the token request was not checked");
        await audit.WriteAsync(AuditAction.AccessTokenIssued, grant.Client.Name, new() { ["scopes"] = grant.Scopes }, cancellationToken);
        var identity = new ClaimsIdentity(TokenValidationParameters.DefaultAuthenticationType, Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, grant.Client.Name).SetScopes(grant.Scopes).SetResources(SmartMode.Node);
        // OpenIddict answers the scopes only where they differ from those that were asked for; SMART wants them always.
        var properties = new AuthenticationProperties(new Dictionary<string, string?>(StringComparer.Ordinal), new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [OpenIddictConstants.Parameters.Scope] = string.Join(' ', grant.Scopes),
        });
        return Results.SignIn(new ClaimsPrincipal(identity), properties, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }
}
