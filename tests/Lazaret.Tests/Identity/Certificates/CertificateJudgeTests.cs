using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lazaret.Node;
using Lazaret.Node.Identity.Certificates;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lazaret.Tests.Identity.Certificates;

public sealed class CertificateJudgeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestAuthority _root = new("Hospital");

    [Fact]
    public void A_certificate_of_an_authority_that_is_for_clients_and_in_force_is_sound()
    {
        using var between = new TestAuthority("Clients", under: _root);
        Assert.Null(Judge(_root).FaultOf(_root.Issue("CN=bot")));
        Assert.Null(Judge(_root, between).FaultOf(between.Issue("CN=bot")));
    }

    [Theory]
    [InlineData("expired", "expired at ")]
    [InlineData("early", "is valid only from ")]
    [InlineData("server", "lacks clientAuth")]
    [InlineData("authority", "no client's")]
    [InlineData("foreign", "none of the authorities")]
    [InlineData("namesake", "none of the authorities")]
    [InlineData("self", "none of the authorities")]
    [InlineData("below a client", "none of the authorities")]
    [InlineData("between unknown", "none of the authorities")]
    public void Any_other_is_refused_in_words(string which, string words)
    {
        using var foreign = new TestAuthority("Elsewhere");
        using var namesake = new TestAuthority("Hospital");
        using var between = new TestAuthority("Clients", under: _root);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = which switch
        {
            "expired" => _root.Issue("CN=bot", fromDays: -3, untilDays: -1),
            "early" => _root.Issue("CN=bot", fromDays: 1, untilDays: 2),
            "server" => _root.Issue("CN=bot", use: TestAuthority.ForServers),
            "authority" => new X509Certificate2(_root.Certificate),
            "foreign" => foreign.Issue("CN=bot"),
            "namesake" => namesake.Issue("CN=bot"),
            "self" => new CertificateRequest("CN=bot", key, HashAlgorithmName.SHA256).CreateSelfSigned(TestAuthority.Now.AddDays(-1), TestAuthority.Now.AddDays(1)),
            "below a client" => IssuedBy(_root.Issue("CN=bot")),
            _ => between.Issue("CN=bot"),
        };
        var fault = Judge(_root).FaultOf(certificate);
        Assert.Contains(words, fault, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(certificate.RawData)), fault, StringComparison.Ordinal);
    }

    [Fact]
    public void The_address_that_a_strangers_certificate_gives_for_its_issuer_is_not_called()
    {
        using var elsewhere = new TestAuthority("Elsewhere");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var certificate = elsewhere.Issue("CN=bot", issuerAt: $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/issuer.cer");
        Assert.NotNull(Judge(_root).FaultOf(certificate));
        // A connection would wait in the listener's queue.
        Assert.False(listener.Pending());
    }

    [Fact]
    public void A_file_of_authorities_that_others_may_change_or_that_holds_others_is_refused()
    {
        var file = _folder["authorities.pem"];
        File.WriteAllText(file, _root.Issue("CN=bot").ExportCertificatePem());
        var fault = Assert.Throws<InputException>(() => CertificateAuthorities.Read(file)).Message;
        Assert.Contains("CN=bot is no authority", fault, StringComparison.Ordinal);
        Assert.Contains("holds no root", fault, StringComparison.Ordinal);
        File.WriteAllText(file, _root.Pem);
        Assert.Single(CertificateAuthorities.Read(file).Roots);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
        Assert.Contains($"chmod go-w {file}", Assert.Throws<InputException>(() => CertificateAuthorities.Read(file)).Message, StringComparison.Ordinal);
        Assert.Contains("there is no file", Assert.Throws<InputException>(() => CertificateAuthorities.Read(_folder["none.pem"])).Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _root.Dispose();
        _folder.Dispose();
    }

    private CertificateJudge Judge(params ReadOnlySpan<TestAuthority> authorities)
    {
        File.WriteAllText(_folder["authorities.pem"], string.Concat(authorities.ToArray().Select(authority => authority.Pem)));
        var read = CertificateAuthorities.Read(_folder["authorities.pem"]);
        return new CertificateJudge(read, new RevocationLists(new MtlsOptions(), read, TimeProvider.System, NullLogger<RevocationLists>.Instance), TimeProvider.System);
    }

    // A client that takes itself for an authority.
    private static X509Certificate2 IssuedBy(X509Certificate2 client)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=steward", key, HashAlgorithmName.SHA256);
        return request.Create(client.SubjectName, X509SignatureGenerator.CreateForECDsa(client.GetECDsaPrivateKey()!), TestAuthority.Now.AddHours(-1), TestAuthority.Now.AddHours(1), [1]);
    }
}
