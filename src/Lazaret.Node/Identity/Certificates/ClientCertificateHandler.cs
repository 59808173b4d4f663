using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Lazaret.Node.Identity.Certificates;

/// <summary>
/// The mode <c>mtls</c>: the node's own judgement, then the framework's handler of certificates. The framework's alone would fetch the issuer of a
/// certificate from whatever URL a stranger wrote into it, says of a refused one only that it was refused, and reads no files of revocation lists.
/// </summary>
internal sealed class ClientCertificateHandler(
    CertificateJudge judge, BrowserOrigin origin, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>The scheme of the framework's handler, which sees sound certificates alone.</summary>
    public const string Sound = "mtls-sound";

    public static readonly Presented Mode = new(
        AuthModes.Mtls, request => ForwardedCertificate.IsUnreadable(request) || request.HttpContext.Connection.ClientCertificate is not null, "Certificate realm=\"lazaret\"");

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (ForwardedCertificate.IsUnreadable(Request))
            return AuthenticateResult.Fail($"What the proxy sent as {ForwardedCertificate.Header} is no URL-encoded PEM certificate.");
        if (Context.Connection.ClientCertificate is not { } certificate)
            return AuthenticateResult.NoResult();
        // A browser shows its certificate to every page's requests.
        if (BrowserOrigin.Acts(Request) && !origin.IsSame(Request) && (Request.Headers.Origin.Count > 0 || Request.Headers.ContainsKey("Sec-Fetch-Site")))
            return AuthenticateResult.Fail("A page of another site sent this request with the browser's certificate.");
        return judge.FaultOf(certificate) is { } fault ? AuthenticateResult.Fail(fault) : await Context.AuthenticateAsync(Sound);
    }
}
