using System.Security.Cryptography;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Lazaret.Node.Identity.Registered;

/// <summary>The mode <c>key</c>: <c>Authorization: Bearer lzk_…</c>.</summary>
internal sealed class ApiKeyHandler(
    RequesterDirectory directory, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public static readonly Presented Mode = new(
        AuthModes.Key, request => Presented.BearerOf(request) is { } bearer && bearer.StartsWith(ApiKey.Begin, StringComparison.Ordinal), "Bearer realm=\"lazaret\"");

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Presented.BearerOf(Request) is not { } bearer)
            return AuthenticateResult.NoResult();
        // One answer for every cause: nobody learns that a key exists who does not have it.
        if (ApiKey.Read(bearer) is not { } key
            || await directory.FindAsync(CredentialKind.Key, key.Prefix, Context.RequestAborted) is not { } found
            || !CryptographicOperations.FixedTimeEquals(found.Content, key.Hash))
            return AuthenticateResult.Fail("The API key is unknown, has expired or was revoked.");
        return AuthenticateResult.Success(new AuthenticationTicket(found.Requester.ToPrincipal(Scheme.Name), Scheme.Name));
    }
}
