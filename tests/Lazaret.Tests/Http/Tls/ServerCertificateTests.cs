using Lazaret.Node;
using Lazaret.Node.Configuration;
using Lazaret.Node.Http.Tls;
using Lazaret.Node.Identity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Lazaret.Tests.Http.Tls;

/// <summary>The files of the certificate: what is refused at the start, and what is taken while the node runs.</summary>
public sealed class ServerCertificateTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly TestCertificates _certificates;
    private readonly LogLines<ServerCertificate> _log = new();

    public ServerCertificateTests() => _certificates = new TestCertificates(_time.GetUtcNow());

    [Theory]
    [InlineData("no certificate", "Lazaret:Tls:Certificate: there is no file ")]
    [InlineData("no key", "Lazaret:Tls:Key: there is no file ")]
    [InlineData("expired", "expired at 2026-02-28 12:00:00Z: renew it")]
    [InlineData("not yet valid", "is valid only from 2026-03-02 12:00:00Z")]
    [InlineData("for clients", "its extended key usage lacks serverAuth")]
    [InlineData("another's key", "node.key: is not the private key of the first certificate in ")]
    [InlineData("a torn key", "node.key: is malformed")]
    [InlineData("no PEM in the key", "node.key: holds no private key in PEM")]
    [InlineData("a certificate for a key", "node.key: holds no private key: set Lazaret:Tls:Key")]
    [InlineData("a torn certificate", "node.crt: ")]
    [InlineData("noise", "node.crt: is neither PEM nor a PFX")]
    [InlineData("key open to others", "chmod 600 ")]
    [InlineData("key is a link", "is a link, and the node follows none here")]
    public void What_cannot_be_used_stops_the_start_with_one_line(string what, string line)
    {
        using var certificate = what switch
        {
            "expired" => _certificates.Issue(from: -2, to: -1),
            "not yet valid" => _certificates.Issue(from: 1, to: 2),
            "for clients" => _certificates.Issue(use: TestCertificates.ForClients),
            _ => _certificates.Issue(),
        };
        using var other = _certificates.Issue();
        _certificates.Write(certificate, what == "another's key" ? other : null);
        var (crt, key) = (_certificates.Options.Certificate, _certificates.Options.Key);
        Action spoil = what switch
        {
            "no certificate" => () => File.Delete(crt),
            "no key" => () => File.Delete(key),
            "a torn key" => () => _certificates.Replace(key, File.ReadAllText(key)[..80] + "\n-----END PRIVATE KEY-----\n"),
            "no PEM in the key" => () => _certificates.Replace(key, "nothing"),
            "a certificate for a key" => () => _certificates.Replace(key, File.ReadAllText(crt)),
            "a torn certificate" => () => _certificates.Replace(crt, File.ReadAllText(crt)[..200]),
            "noise" => () => _certificates.Replace(crt, [1, 2, 3]),
            "key open to others" => () => File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.GroupRead),
            "key is a link" => () =>
            {
                File.Move(key, key + ".real");
                File.CreateSymbolicLink(key, key + ".real");
            },
            _ => () => { },
        };
        spoil();

        var refusal = Assert.ThrowsAny<Exception>(New().Load);
        Assert.True(refusal is InputException or MissingException, refusal.ToString());
        Assert.Contains(line, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void A_renewed_certificate_is_taken_while_the_node_runs_and_a_broken_one_is_not()
    {
        using var first = _certificates.Issue();
        _certificates.Write(first);
        var certificate = New();
        certificate.Load();
        Assert.Equal(first.Thumbprint, certificate.Current.TargetCertificate.Thumbprint);

        // Looked at once in a while only.
        using var second = _certificates.Issue();
        _certificates.Write(second);
        Assert.Equal(first.Thumbprint, certificate.Current.TargetCertificate.Thumbprint);
        Assert.Equal(second.Thumbprint, Later(certificate));
        Assert.Null(certificate.Fault);

        // One of the two files at a time, as some programs renew them: the old ones stay until both are there.
        using var third = _certificates.Issue();
        _certificates.Write(third, second);
        for (var looks = 0; looks < 3; looks++)
            Assert.Equal(second.Thumbprint, Later(certificate));
        Assert.Single(_log.Of(LogLevel.Error), line => line.Contains("is not the private key", StringComparison.Ordinal));
        Assert.Contains("is not the private key", certificate.Fault, StringComparison.Ordinal);
        _certificates.Write(third);
        Assert.Equal(third.Thumbprint, Later(certificate));
        Assert.Null(certificate.Fault);

        File.Delete(_certificates.Options.Certificate);
        Assert.Equal(third.Thumbprint, Later(certificate));
        Assert.Equal(2, _log.Of(LogLevel.Error).Count);
        Assert.Contains("there is no file", certificate.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void An_https_address_without_a_certificate_says_what_to_set()
    {
        const string Address = "https://127.0.0.1:8443";
        Assert.Equal([$"--urls: {Address} needs a certificate: set Lazaret:Tls:Certificate and Lazaret:Tls:Key"], ListenAddresses.Faults([Address], new AuthOptions(), new TlsOptions()));
        Assert.Empty(ListenAddresses.Faults([Address], new AuthOptions(), _certificates.Options));
    }

    [Fact]
    public void A_key_without_a_certificate_is_a_fault()
    {
        var faults = new OptionFaults();
        new TlsOptions { Key = "node.key" }.Check(faults);
        Assert.Contains("Lazaret:Tls:Certificate", Assert.Single(faults.Lines), StringComparison.Ordinal);
    }

    public void Dispose() => _certificates.Dispose();

    private ServerCertificate New() => new(_certificates.Options, _time, _log);

    private string Later(ServerCertificate certificate)
    {
        _time.Advance(TimeSpan.FromSeconds(2));
        return certificate.Current.TargetCertificate.Thumbprint;
    }
}
