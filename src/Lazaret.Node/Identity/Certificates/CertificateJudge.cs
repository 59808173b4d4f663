using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lazaret.Node.Identity.Certificates;

/// <summary>Whether a client certificate is sound: issued by one of the authorities, for clients, in force, and not revoked.</summary>
internal sealed class CertificateJudge(CertificateAuthorities authorities, RevocationLists lists, TimeProvider time)
{
    private const string ForClients = "1.3.6.1.5.5.7.3.2";

    /// <summary>Null, or why it is refused. It names the certificate by its fingerprint: the rest of it is a stranger's text.</summary>
    public string? FaultOf(X509Certificate2 certificate) =>
        Judge(certificate) is { } fault ? $"The client certificate (SHA-256 {ClientCertificate.FingerprintOf(certificate)}) {fault}." : null;

    private string? Judge(X509Certificate2 certificate)
    {
        if (CertificateAuthorities.IsAuthority(certificate))
            return "is an authority's, and no client's";
        var now = time.GetUtcNow();
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities.Roots);
        chain.ChainPolicy.ExtraStore.AddRange(authorities.Between);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ForClients));
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        // Revocation lists come from the configured files, and nothing comes from a URL that a stranger's certificate names.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        try
        {
            if (!chain.Build(certificate))
                return WordsFor(chain, certificate, now);
            for (var i = 0; i + 1 < chain.ChainElements.Count; i++)
            {
                if (lists.FaultOf(chain.ChainElements[i].Certificate, chain.ChainElements[i + 1].Certificate) is { } fault)
                    return i == 0 ? fault : $"was issued by an authority that {fault}";
            }

            return null;
        }
        finally
        {
            foreach (var element in chain.ChainElements)
                element.Certificate.Dispose();
        }
    }

    private static string WordsFor(X509Chain chain, X509Certificate2 certificate, DateTimeOffset now)
    {
        var flags = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status);
        if ((flags & (X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.NotSignatureValid)) != 0)
            return "was issued by none of the authorities whose certificates count here";
        var (from, until) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        if (now.UtcDateTime > until)
            return string.Create(CultureInfo.InvariantCulture, $"expired at {until:u}");
        if (now.UtcDateTime < from)
            return string.Create(CultureInfo.InvariantCulture, $"is valid only from {from:u}");
        if (flags.HasFlag(X509ChainStatusFlags.NotTimeValid))
            return "was issued by an authority whose own certificate is not valid now";
        if (flags.HasFlag(X509ChainStatusFlags.NotValidForUsage))
            return "is not for clients: its extended key usage lacks clientAuth";
        return $"is not valid: {flags}";
    }
}
