using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Lazaret.Node.Http.Tls;

/// <summary>What the node takes of a handshake on its https addresses.</summary>
internal static class TlsLimits
{
    // Whoever connects holds a connection until they have shown that they speak TLS.
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(10);

    // Of TLS 1.2 what TLS 1.3 kept of it: keys that are not kept (ECDHE), and ciphers that authenticate what they encrypt.
    private static readonly TlsCipherSuite[] Ciphers =
    [
        TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ];

    /// <param name="asksForCertificates">Whether clients are asked for a certificate, which they need not have. It is judged at each request, where a refusal has words.</param>
    public static void UseTls(this IWebHostBuilder host, bool asksForCertificates) => host.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.ConfigureHttpsDefaults(https =>
    {
        var certificate = kestrel.ApplicationServices.GetRequiredService<ServerCertificate>();
        // The list takes memory of OpenSSL's, so that all connections share one.
        var ciphers = OperatingSystem.IsLinux() ? new CipherSuitesPolicy(Ciphers) : null;
        https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        https.HandshakeTimeout = HandshakeTime;
        https.ServerCertificateSelector = (_, _) => certificate.Current.TargetCertificate;
        if (asksForCertificates)
        {
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.AllowAnyClientCertificate();
        }

        // The selector cannot give the certificates between the node's and its authority, which most clients need.
        https.OnAuthenticate = (_, handshake) =>
        {
            handshake.ServerCertificateSelectionCallback = null;
            handshake.ServerCertificateContext = certificate.Current;
            handshake.CipherSuitesPolicy = ciphers;
            handshake.AllowRenegotiation = false;
            // Otherwise the handshake fetches a client certificate's issuer from whatever URL a stranger wrote into it.
            handshake.CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
        };
    }));
}
