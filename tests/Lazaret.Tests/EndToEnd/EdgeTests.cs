using System.Net;
using Lazaret.Tests.Http.Tls;

namespace Lazaret.Tests.EndToEnd;

/// <summary>The built binary's addresses and what its environment says of proxies.</summary>
public sealed class EdgeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_environment_variable_of_the_framework_makes_everybody_a_proxy()
    {
        await using var node = await NodeProcess.ServeAsync(_folder.MakePrivate("state"), "api", ("FORWARDEDHEADERS_ENABLED", "true"), ("ASPNETCORE_FORWARDEDHEADERS_ENABLED", "true"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/fhir/metadata") { Headers = { { "X-Forwarded-For", "192.0.2.1" }, { "X-Forwarded-Proto", "https" } } };
        using var answer = await node.Client.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Strict-Transport-Security"));
        Assert.DoesNotContain("https://127.0.0.1", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_https_address_stops_the_start_until_its_certificate_is_there_and_safe()
    {
        using var certificates = new TestCertificates();
        using (var certificate = certificates.Issue())
            certificates.Write(certificate);
        var state = _folder.MakePrivate("state");
        var (crt, key) = (("Lazaret__Tls__Certificate", certificates.Options.Certificate), ("Lazaret__Tls__Key", certificates.Options.Key));
        await RefusesAsync("needs a certificate: set Lazaret:Tls:Certificate and Lazaret:Tls:Key");
        await RefusesAsync("holds no private key: set Lazaret:Tls:Key", crt, ("Lazaret__Tls__Key", certificates.Options.Certificate));
        File.SetUnixFileMode(certificates.Options.Key, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        await RefusesAsync($"chmod 600 {certificates.Options.Key}", crt, key);

        async Task RefusesAsync(string words, params IEnumerable<(string Key, string Value)> settings)
        {
            var (exitCode, _, error) = await NodeProcess.RunAsync(state, ["serve", "--role", "api", "--urls", "https://127.0.0.1:0"], settings);
            Assert.Equal(2, exitCode);
            Assert.Contains(words, Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
        }
    }

    public void Dispose() => _folder.Dispose();
}
