using System.Security.Cryptography.X509Certificates;
using Lazaret.Node.Identity.Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lazaret.Tests.Identity.Certificates;

public sealed class RevocationListTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestAuthority _root = new("Hospital");
    private readonly FakeTimeProvider _time = new(TestAuthority.Now);
    private readonly X509Certificate2 _good;
    private readonly X509Certificate2 _bad;
    private RevocationLists? _lists;

    public RevocationListTests() => (_good, _bad) = (_root.Issue("CN=good", untilDays: 20), _root.Issue("CN=bad", untilDays: 20));

    private string Crl => _folder["list.crl"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_certificate_on_the_list_of_its_authority_is_refused(bool pem)
    {
        if (pem)
            File.WriteAllText(Crl, _root.CrlPem(_bad));
        else
            File.WriteAllBytes(Crl, _root.Crl(revoked: _bad));
        var judge = Judge();
        Assert.Null(judge.FaultOf(_good));
        Assert.Contains("was revoked by its authority", judge.FaultOf(_bad), StringComparison.Ordinal);
        Assert.Null(_lists!.Fault());
    }

    [Fact]
    public void A_list_that_is_out_of_date_refuses_all_and_says_so()
    {
        File.WriteAllBytes(Crl, _root.Crl(until: _time.GetUtcNow().AddHours(1), revoked: _bad));
        var judge = Judge();
        Assert.Null(judge.FaultOf(_good));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Contains("is out of date since", judge.FaultOf(_good), StringComparison.Ordinal);
        Assert.Contains("was revoked", judge.FaultOf(_bad), StringComparison.Ordinal);
        Assert.Contains("CN=Hospital is out of date since", _lists!.Fault(), StringComparison.Ordinal);
        File.WriteAllBytes(Crl, _root.Crl(from: _time.GetUtcNow().AddHours(1), until: _time.GetUtcNow().AddHours(2)));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("is valid only from", judge.FaultOf(_good), StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_that_another_signed_or_that_was_changed_is_not_believed()
    {
        using var namesake = new TestAuthority("Hospital");
        var changed = _root.Crl(revoked: _good);
        var serial = changed.AsSpan().IndexOf(_good.SerialNumberBytes.Span);
        Assert.True(serial > 0);
        changed[serial + 3] ^= 1;
        foreach (var list in (byte[][])[namesake.Crl(), changed])
        {
            File.WriteAllBytes(Crl, list);
            var judge = Judge();
            Assert.Contains("cannot be checked", judge.FaultOf(_good), StringComparison.Ordinal);
            Assert.Contains("none of Lazaret:Auth:Mtls:Authorities has signed", _lists!.Fault(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_new_list_is_taken_when_the_file_changes_and_a_broken_one_leaves_the_old_in_force()
    {
        File.WriteAllBytes(Crl, _root.Crl(until: _time.GetUtcNow().AddDays(2)));
        var judge = Judge();
        Assert.Null(judge.FaultOf(_bad));

        File.WriteAllBytes(_folder["new"], _root.Crl(until: _time.GetUtcNow().AddDays(2), revoked: _bad));
        File.Move(_folder["new"], Crl, overwrite: true);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("was revoked", judge.FaultOf(_bad), StringComparison.Ordinal);

        foreach (var broken in (string[])["", "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n", "-----BEGIN X509 CRL-----\n", _root.Pem, "0"])
        {
            File.WriteAllText(Crl, broken);
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.Contains("was revoked", judge.FaultOf(_bad), StringComparison.Ordinal);
            Assert.Null(judge.FaultOf(_good));
            Assert.Contains(Crl, _lists!.Fault(), StringComparison.Ordinal);
        }

        File.Delete(Crl);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(judge.FaultOf(_good));
        Assert.Contains("there is no such file", _lists!.Fault(), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Contains("is out of date", judge.FaultOf(_good), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_authority_on_the_way_needs_a_list()
    {
        using var between = new TestAuthority("Clients", under: _root);
        var client = between.Issue("CN=bot");
        File.WriteAllText(Crl, between.CrlPem());
        var judge = Judge(between);
        Assert.Contains("issued by an authority that cannot be checked", judge.FaultOf(client), StringComparison.Ordinal);
        Assert.Contains("no revocation list of CN=Hospital", _lists!.Fault(), StringComparison.Ordinal);

        File.WriteAllText(Crl, between.CrlPem() + _root.CrlPem(between.Certificate));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("issued by an authority that was revoked", judge.FaultOf(client), StringComparison.Ordinal);

        File.WriteAllText(Crl, between.CrlPem() + _root.CrlPem());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(judge.FaultOf(client));
    }

    [Theory]
    [InlineData("rsa:2048")]
    [InlineData("ed25519")]
    public async Task What_openssl_makes_is_read(string key)
    {
        await File.WriteAllTextAsync(_folder["ca.conf"], $"[ca]\ndefault_ca=a\n[a]\ndatabase={_folder["index"]}\ndefault_md={(key == "ed25519" ? "default" : "sha256")}\n[part]\nissuingDistributionPoint=critical,@some\n[some]\nonlyuser=TRUE\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_folder["index"], "", TestContext.Current.CancellationToken);
        string[] ca = ["-config", _folder["ca.conf"], "-cert", _folder["authorities.pem"], "-keyfile", _folder["ca.key"]];
        await OpenSslAsync("req", "-x509", "-newkey", key, "-nodes", "-days", "3", "-subj", "/C=DE/O=Klinik/CN=clients", "-keyout", _folder["ca.key"], "-out", _folder["authorities.pem"]);
        foreach (var name in (string[])["bot", "lost"])
        {
            await OpenSslAsync("req", "-newkey", "rsa:2048", "-nodes", "-subj", $"/C=DE/O=Klinik/CN={name}", "-keyout", _folder["key"], "-out", _folder["csr"]);
            await OpenSslAsync("x509", "-req", "-in", _folder["csr"], "-CA", _folder["authorities.pem"], "-CAkey", _folder["ca.key"], "-days", "2", "-out", _folder[name]);
        }

        await OpenSslAsync(["ca", .. ca, "-revoke", _folder["lost"]]);
        await OpenSslAsync(["ca", .. ca, "-gencrl", "-crldays", "1", "-out", Crl]);
        var authorities = CertificateAuthorities.Read(_folder["authorities.pem"]);
        var lists = new RevocationLists(new MtlsOptions { Crl = [Crl] }, authorities, TimeProvider.System, NullLogger<RevocationLists>.Instance);
        var judge = new CertificateJudge(authorities, lists, TimeProvider.System);
        using var bot = X509CertificateLoader.LoadCertificateFromFile(_folder["bot"]);
        using var lost = X509CertificateLoader.LoadCertificateFromFile(_folder["lost"]);
        Assert.Null(lists.Fault());
        Assert.Null(judge.FaultOf(bot));
        Assert.Contains("was revoked", judge.FaultOf(lost), StringComparison.Ordinal);
        Assert.Equal(ClientCertificate.ReadSubject("CN=bot,O=Klinik, C=DE"), ClientCertificate.SubjectOf(bot));

        // It would say nothing of other certificates than those that it covers.
        await OpenSslAsync(["ca", .. ca, "-gencrl", "-crldays", "1", "-crlexts", "part", "-out", Crl]);
        var partial = new RevocationLists(new MtlsOptions { Crl = [Crl] }, authorities, TimeProvider.System, NullLogger<RevocationLists>.Instance);
        Assert.Contains("covers only a part", partial.Fault(), StringComparison.Ordinal);
        Assert.Contains("cannot be checked", new CertificateJudge(authorities, partial, TimeProvider.System).FaultOf(bot), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _root.Dispose();
        _folder.Dispose();
    }

    private static Task<string> OpenSslAsync(params string[] arguments) => Tool.RunAsync("/usr/bin/openssl", arguments);

    private CertificateJudge Judge(TestAuthority? between = null)
    {
        File.WriteAllText(_folder["authorities.pem"], _root.Pem + between?.Pem);
        var authorities = CertificateAuthorities.Read(_folder["authorities.pem"]);
        _lists = new RevocationLists(new MtlsOptions { Crl = [Crl] }, authorities, _time, NullLogger<RevocationLists>.Instance);
        return new CertificateJudge(authorities, _lists, _time);
    }
}
