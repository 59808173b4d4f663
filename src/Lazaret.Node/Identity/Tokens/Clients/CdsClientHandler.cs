using System.Text.Encodings.Web;
using Lazaret.Node.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Lazaret.Node.Identity.Tokens.Clients;

/// <summary>CDS Hooks clients, which sign a token for each call: https://cds-hooks.hl7.org/2.0/#trusting-cds-clients.</summary>
internal sealed class CdsClientHandler(ClientTokens tokens, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "cds-hooks";

    private const string Services = "/cds-services";
    private const string Feedback = "/feedback";

    /// <summary>A token on a CDS service that no other issuer's mode is to check.</summary>
    public static bool IsIn(HttpRequest request, JwtOptions others) =>
        request.Path.StartsWithSegments(Services, StringComparison.OrdinalIgnoreCase) && BearerToken.IsIn(request)
        && !others.Issuers.Any(issuer => issuer.Issuer == BearerToken.IssuerIn(request));

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Presented.BearerOf(Request) is not { } bearer)
            return AuthenticateResult.NoResult();
        if (NodeAddress.OwnOf(Request) is not { } root)
            return AuthenticateResult.Fail(NodeAddress.Unknown);
        try
        {
            switch (await tokens.CheckAsync(bearer, ClientTokenRules.CdsHooks(AddressesOf(root, Request.Path.Value!)), Context.RequestAborted))
            {
                case ClientTokenVerdict.Valid valid:
                    return AuthenticateResult.Success(new AuthenticationTicket(valid.Requester.ToPrincipal(Scheme), Scheme));
                case ClientTokenVerdict.Refused refused:
                    AuthenticationAudit.Claim(Context, refused.Claimed);
                    return AuthenticateResult.Fail(refused.Words);
                case var verdict:
                    throw new InvalidOperationException($"unknown verdict {verdict.GetType().Name}");
            }
        }
        catch (ProofUnavailableException e)
        {
            return AuthenticateResult.Fail(e);
        }
    }

    // Feedback is part of the service that it is about: clients sign for either address.
    private static IReadOnlyList<string> AddressesOf(string root, string path) =>
        path.EndsWith(Feedback, StringComparison.Ordinal) ? [root + path, root + path[..^Feedback.Length]] : [root + path];
}
