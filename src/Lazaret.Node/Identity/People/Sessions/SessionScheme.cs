using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;

namespace Lazaret.Node.Identity.People.Sessions;

/// <summary>The framework's cookie authentication. A session proves who somebody is only to requests of the node's own pages.</summary>
internal sealed class SessionScheme(IOptionsMonitor<CookieAuthenticationOptions> options, ILoggerFactory logger, UrlEncoder encoder, BrowserOrigin origin)
    : CookieAuthenticationHandler(options, logger, encoder)
{
    public const string Name = "session";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (BrowserOrigin.Acts(Request) && !origin.IsSame(Request))
            return AuthenticateResult.Fail("A session is taken from the node's own pages alone: this request names no origin, or another one.");
        return await base.HandleAuthenticateAsync() is { Succeeded: true } found ? found : AuthenticateResult.Fail("The session is over: sign in again.");
    }

    /// <summary>How the cookie is read and written.</summary>
    internal static void Configure(CookieAuthenticationOptions cookie, SessionStore store, SessionCookie manager, AuthOptions auth)
    {
        cookie.SessionStore = store;
        cookie.CookieManager = manager;
        cookie.TicketDataFormat = new BareId();
        cookie.SlidingExpiration = false;
        cookie.ExpireTimeSpan = auth.Session.Absolute;
        cookie.Cookie.Path = "/";
        cookie.Cookie.HttpOnly = true;
        // The provider sends the browser back from its own site: a strict cookie would stay behind on that way.
        cookie.Cookie.SameSite = auth.Takes(AuthModes.Oidc) ? SameSiteMode.Lax : SameSiteMode.Strict;
        // A browser that signs in again gets a new id, and the old one ends.
        cookie.Events.OnSigningIn = signing => manager.Shown(signing.Request) is { } old ? store.RemoveAsync(old, signing.HttpContext.RequestAborted) : Task.CompletedTask;
    }

    /// <summary>The cookie holds the session's random id as it is: there is nothing in it to encrypt, and no key that processes would have to share.</summary>
    private sealed class BareId : ISecureDataFormat<AuthenticationTicket>
    {
        // The framework looks for this claim.
        private const string Kind = "Microsoft.AspNetCore.Authentication.Cookies-SessionId";
        private const int Length = 43;

        public string Protect(AuthenticationTicket data) => data.Principal.FindFirst(Kind)!.Value;

        public string Protect(AuthenticationTicket data, string? purpose) => Protect(data);

        public AuthenticationTicket? Unprotect(string? protectedText) =>
            protectedText is { Length: Length } ? new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim(Kind, protectedText)])), Name) : null;

        public AuthenticationTicket? Unprotect(string? protectedText, string? purpose) => Unprotect(protectedText);
    }
}
