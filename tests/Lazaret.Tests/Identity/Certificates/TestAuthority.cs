using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lazaret.Tests.Identity.Certificates;

/// <summary>An authority of the tests', which issues certificates and revocation lists as hospitals' do.</summary>
internal sealed class TestAuthority : IDisposable
{
    public const string ForClients = "1.3.6.1.5.5.7.3.2";
    public const string ForServers = "1.3.6.1.5.5.7.3.1";

    private readonly List<X509Certificate2> _issued = [];

    /// <param name="under">The authority above; null makes a root.</param>
    public TestAuthority(string name, TestAuthority? under = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var (from, until) = (Now.AddDays(-100), Now.AddDays(100));
        if (under is null)
        {
            Certificate = request.CreateSelfSigned(from, until);
            return;
        }

        // No longer than the one above, which was made a moment before.
        using var bare = request.Create(under.Certificate, new DateTimeOffset(under.Certificate.NotBefore), new DateTimeOffset(under.Certificate.NotAfter), RandomNumberGenerator.GetBytes(8));
        Certificate = bare.CopyWithPrivateKey(key);
    }

    public static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public X509Certificate2 Certificate { get; }

    public string Pem => Certificate.ExportCertificatePem() + "\n";

    /// <summary>A certificate with its key, valid from yesterday until tomorrow, for clients.</summary>
    public X509Certificate2 Issue(string subject, int fromDays = -1, int untilDays = 1, string use = ForClients, string? issuerAt = null, string? host = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], critical: false));
        if (issuerAt is not null)
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(null, [issuerAt]));
        if (host is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(host);
            request.CertificateExtensions.Add(names.Build());
        }

        using var bare = request.Create(Certificate, Now.AddDays(fromDays), Now.AddDays(untilDays), RandomNumberGenerator.GetBytes(8));
        var issued = bare.CopyWithPrivateKey(key);
        _issued.Add(issued);
        return issued;
    }

    /// <summary>Its list of revoked certificates, in DER.</summary>
    public byte[] Crl(DateTimeOffset? until = null, DateTimeOffset? from = null, params ReadOnlySpan<X509Certificate2> revoked)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (var certificate in revoked)
            list.AddEntry(certificate, Now.AddHours(-1));
        var (end, beginning) = (until ?? Now.AddDays(1), from ?? Now.AddDays(-2));
        return list.Build(Certificate, 1, end, HashAlgorithmName.SHA256, thisUpdate: beginning);
    }

    public string CrlPem(params ReadOnlySpan<X509Certificate2> revoked) => PemEncoding.WriteString("X509 CRL", Crl(revoked: revoked)) + "\n";

    public void Dispose()
    {
        Certificate.Dispose();
        foreach (var certificate in _issued)
            certificate.Dispose();
    }
}
