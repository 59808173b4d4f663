using System.Security.Cryptography.X509Certificates;
using Lazaret.Node.Identity.Registered;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Certificate;

namespace Lazaret.Node.Identity.Certificates;

internal static class CertificateServices
{
    /// <summary>What judges certificates: for the server, and for the commands that register them.</summary>
    public static IServiceCollection AddCertificateJudge(this IServiceCollection services, MtlsOptions options) => services
        .AddSingleton(options)
        .AddSingleton(_ => CertificateAuthorities.Read(options.Authorities))
        .AddSingleton<RevocationLists>()
        .AddSingleton<CertificateJudge>();

    /// <summary>The mode <c>mtls</c>.</summary>
    public static void AddClientCertificates(this AuthenticationBuilder authentication)
    {
        authentication.AddScheme<AuthenticationSchemeOptions, ClientCertificateHandler>(AuthModes.Mtls, null);
        authentication.AddCertificate(ClientCertificateHandler.Sound, null);
        authentication.Services.AddSingleton(ClientCertificateHandler.Mode);
        authentication.Services.AddOptions<CertificateAuthenticationOptions>(ClientCertificateHandler.Sound).Configure<CertificateAuthorities>((certificates, authorities) =>
        {
            certificates.AllowedCertificateTypes = CertificateTypes.Chained;
            certificates.ChainTrustValidationMode = X509ChainTrustMode.CustomRootTrust;
            certificates.CustomTrustStore = authorities.Roots;
            certificates.AdditionalChainCertificates = authorities.Between;
            // By the node's own files: CertificateJudge.
            certificates.RevocationMode = X509RevocationMode.NoCheck;
            certificates.Events = new CertificateAuthenticationEvents { OnCertificateValidated = FindRequesterAsync };
        });
    }

    /// <summary>Now, not at the first request: authorities that cannot be read stop the start, and lists that cannot be used are logged.</summary>
    public static void LoadCertificateAuthorities(this IServiceProvider services) => services.GetRequiredService<RevocationLists>().Fault();

    private static async Task FindRequesterAsync(CertificateValidatedContext context)
    {
        var directory = context.HttpContext.RequestServices.GetRequiredService<RequesterDirectory>();
        var cancellationToken = context.HttpContext.RequestAborted;
        var fingerprint = ClientCertificate.FingerprintOf(context.ClientCertificate);
        var found = await directory.FindAsync(CredentialKind.Certificate, fingerprint, cancellationToken);
        // A certificate that was registered itself and is over does not come back as one of its subject's.
        if (found is null && !await directory.IsKnownAsync(CredentialKind.Certificate, fingerprint, cancellationToken))
            found = await directory.FindAsync(CredentialKind.CertificateSubject, ClientCertificate.SubjectOf(context.ClientCertificate), cancellationToken);
        if (found is null)
        {
            context.Fail($"The client certificate (SHA-256 {fingerprint}) is sound, and registered for nobody, or no longer: 'lazaret requesters add NAME --certificate FILE' registers it.");
            return;
        }

        context.Principal = found.Requester.ToPrincipal(AuthModes.Mtls);
        context.Success();
    }
}
