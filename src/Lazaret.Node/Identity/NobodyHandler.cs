using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Lazaret.Node.Identity;

/// <summary>A request that brings no proof which a configured mode knows.</summary>
internal sealed class NobodyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "nobody";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
        Request.Headers.Authorization.Count > 0 ? AuthenticateResult.Fail("The Authorization header is of no kind that this node takes.") : AuthenticateResult.NoResult());
}
