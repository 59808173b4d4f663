using Lazaret.Node.Identity.Certificates;
using Lazaret.Tests.EndToEnd;

namespace Lazaret.Tests.Identity.Certificates;

/// <summary>The operator's commands for certificates.</summary>
public sealed class RegisteredCertificateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestAuthority _hospital = new("Hospital");

    private IEnumerable<(string Key, string Value)> Settings => [("Lazaret__Auth__Modes__0", "mtls"), ("Lazaret__Auth__Mtls__Authorities", _folder["authorities.pem"])];

    [Fact]
    public async Task A_certificate_or_a_subject_stands_in_the_list_and_is_renewed_with_an_overlap()
    {
        await File.WriteAllTextAsync(_folder["authorities.pem"], _hospital.Pem, TestContext.Current.CancellationToken);
        var (first, second) = (_hospital.Issue("CN=bot"), _hospital.Issue("CN=bot"));
        await File.WriteAllTextAsync(_folder["first.pem"], first.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(_folder["second.cer"], second.RawData, TestContext.Current.CancellationToken);
        Assert.Equal((0, ClientCertificate.FingerprintOf(first) + "\n", ""), await RunAsync("add", "bot", "--certificate", "first.pem"));
        Assert.Equal((0, ClientCertificate.FingerprintOf(second) + "\n", ""), await RunAsync("rotate", "bot", "--certificate", "second.cer"));
        Assert.Equal((0, "CN=ward, O=Hospital\n", ""), await RunAsync("add", "ward", "--certificate-subject", "CN=ward,O=Hospital"));

        var (_, list, _) = await RunAsync("list");
        Assert.Contains("certificate subject", list, StringComparison.Ordinal);
        var (exit, _, error) = await RunAsync("add", "thief", "--certificate", "first.pem");
        Assert.Equal(2, exit);
        Assert.Contains("was registered before", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_can_prove_nothing_is_refused_and_what_the_node_would_refuse_is_said()
    {
        using var elsewhere = new TestAuthority("Elsewhere");
        await File.WriteAllTextAsync(_folder["authorities.pem"], _hospital.Pem, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_folder["old.pem"], _hospital.Issue("CN=bot", fromDays: -3, untilDays: -1).ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_folder["key.pem"], "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_folder["foreign.pem"], elsewhere.Issue("CN=bot").ExportCertificatePem(), TestContext.Current.CancellationToken);
        foreach (var (arguments, words) in ((string[], string)[])
        [
            (["--certificate", "old.pem"], "expired at"), (["--certificate", "key.pem"], "no certificate in PEM or DER"), (["--certificate", "none.pem"], "none.pem"),
            (["--certificate-subject", "bot"], "no distinguished name"), (["--certificate-subject", "CN="], "no distinguished name"), (["--certificate-subject", "CN=bot, O=\" \""], "no distinguished name"), (["--certificate", "old.pem", "--certificate-subject", "CN=bot"], "give one of them"),
        ])
        {
            var (exit, output, error) = await RunAsync(["add", "bot", .. arguments]);
            Assert.True(exit == 2 && output.Length == 0, $"{string.Join(' ', arguments)}: {exit} {output}");
            Assert.Contains(words, error, StringComparison.Ordinal);
        }

        var (done, _, warning) = await RunAsync("add", "bot", "--certificate", "foreign.pem");
        Assert.Equal(0, done);
        Assert.Contains("the node would refuse it now", warning, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _hospital.Dispose();
        _folder.Dispose();
    }

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) => NodeProcess.RunAsync(_folder.Path, ["requesters", .. arguments], Settings);
}
