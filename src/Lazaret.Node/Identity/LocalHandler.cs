using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Lazaret.Node.Identity;

/// <summary>Without an authentication mode: whoever reaches the loopback address is <see cref="Requester.Local"/>.</summary>
internal sealed class LocalHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "local";

    private static readonly AuthenticateResult Local = AuthenticateResult.Success(new AuthenticationTicket(Requester.Local.ToPrincipal(Scheme), Scheme));

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Local);
}
