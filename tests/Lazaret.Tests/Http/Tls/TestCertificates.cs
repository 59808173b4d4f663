using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lazaret.Node.Http.Tls;

namespace Lazaret.Tests.Http.Tls;

/// <summary>A root authority, one below it, and certificates for 127.0.0.1 that the latter issues; written as the files that the node reads.</summary>
internal sealed class TestCertificates : IDisposable
{
    public const string ForServers = "1.3.6.1.5.5.7.3.1";
    public const string ForClients = "1.3.6.1.5.5.7.3.2";

    private readonly TemporaryFolder _folder = new();
    private readonly DateTimeOffset _now;
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _between;
    private byte _serial;

    public TestCertificates(DateTimeOffset? now = null)
    {
        _now = now ?? TimeProvider.System.GetUtcNow();
        _root = Issue(null, "root", null);
        _between = Issue(_root, "between", null);
    }

    public TlsOptions Options => new() { Certificate = _folder["node.crt"], Key = _folder["node.key"] };

    public string this[string name] => _folder[name];

    /// <summary>For the node, valid from and to so many days from now.</summary>
    public X509Certificate2 Issue(int from = -1, int to = 1, string use = ForServers) => Issue(_between, "node", use, from, to);

    /// <summary>Replaces both files in one step each, the key as its owner's alone.</summary>
    public void Write(X509Certificate2 certificate, X509Certificate2? key = null)
    {
        Replace(Options.Certificate, certificate.ExportCertificatePem() + "\n" + _between.ExportCertificatePem() + "\n");
        Replace(Options.Key, (key ?? certificate).GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }

    public void Replace(string path, string text) => Replace(path, System.Text.Encoding.ASCII.GetBytes(text));

    public void Replace(string path, byte[] bytes)
    {
        File.WriteAllBytes(path + ".new", bytes);
        File.SetUnixFileMode(path + ".new", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>The certificate and all between it and its authority, with its key.</summary>
    public byte[] Pfx(X509Certificate2 certificate, string password) =>
        new X509Certificate2Collection { certificate, X509CertificateLoader.LoadCertificate(_between.RawData) }.Export(X509ContentType.Pkcs12, password)!;

    /// <summary>A client that trusts the root alone, so that the node must send what is between.</summary>
    public HttpClient Client(Uri node) => new(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = Trust } }) { BaseAddress = node };

    /// <summary>The same, without HTTP.</summary>
    public SslClientAuthenticationOptions Handshake(SslProtocols protocols = SslProtocols.None) =>
        new() { TargetHost = "localhost", EnabledSslProtocols = protocols, CertificateChainPolicy = Trust };

    public void Dispose()
    {
        _between.Dispose();
        _root.Dispose();
        _folder.Dispose();
    }

    private X509ChainPolicy Trust
    {
        get
        {
            var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            trust.CustomTrustStore.Add(_root);
            return trust;
        }
    }

    private X509Certificate2 Issue(X509Certificate2? issuer, string name, string? use, int from = -1, int to = 1)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: use is null, hasPathLengthConstraint: false, 0, critical: true));
        if (use is not null)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], critical: false));
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(System.Net.IPAddress.Loopback);
            names.AddDnsName("localhost");
            request.CertificateExtensions.Add(names.Build());
        }

        if (issuer is null)
            return request.CreateSelfSigned(_now.AddDays(-2), _now.AddDays(2));
        using var issued = request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuer.GetECDsaPrivateKey()!), _now.AddDays(from), _now.AddDays(to), [++_serial]);
        return issued.CopyWithPrivateKey(key);
    }
}
