using System.Net;
using Lazaret.Tests.Http.Tls;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.Http;

public sealed class SecurityHeaderTests
{
    private const string Nothing = "default-src 'none'; frame-ancestors 'none'";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/catalog/variables", HttpStatusCode.OK)]
    [InlineData("/healthz", HttpStatusCode.OK)]
    [InlineData("/openapi/v1.json", HttpStatusCode.OK)]
    [InlineData("/nowhere", HttpStatusCode.NotFound)]
    [InlineData("/fhir/nowhere", HttpStatusCode.NotFound)]
    [InlineData("/v1/jobs/11111111-1111-1111-1111-111111111111", HttpStatusCode.NotFound)]
    [InlineData("/jobs", HttpStatusCode.MethodNotAllowed)]
    public async Task Every_answer_tells_a_browser_to_do_nothing_with_it(string path, HttpStatusCode status)
    {
        await using var node = await ServingNode.StartAsync();
        using var answer = await node.Client.GetAsync(path, Stop);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(
            ("nosniff", "no-referrer", Nothing, "no-store"),
            (Header(answer, "X-Content-Type-Options"), Header(answer, "Referrer-Policy"), Header(answer, "Content-Security-Policy"), Header(answer, "Cache-Control")));
        Assert.Contains("geolocation=()", Header(answer, "Permissions-Policy"), StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("Server"));
        Assert.False(answer.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task The_server_listens_on_no_address_that_was_not_checked()
    {
        var elsewhere = ServerProcess.FreePort();
        await using var node = await ServingNode.StartAsync(setting: ("Kestrel:Endpoints:Other:Url", $"http://127.0.0.1:{elsewhere}"));
        Assert.NotEqual(elsewhere, node.Client.BaseAddress!.Port);
        Assert.Contains("true", await node.Client.GetStringAsync("/healthz", Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_keeps_a_policy_of_its_own()
    {
        await using var node = await ServingNode.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "Accept", "text/html" } } };
        using var answer = await node.Client.SendAsync(request, Stop);
        var policy = Header(answer, "Content-Security-Policy");
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.EndsWith("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
    }

    [Fact]
    public async Task Over_tls_a_browser_is_told_to_stay_with_it()
    {
        using var certificates = new TestCertificates();
        using (var certificate = certificates.Issue())
            certificates.Write(certificate);
        await using var node = await ServingNode.StartAsync(options => options with { Tls = certificates.Options }, "https://127.0.0.1:0");
        using var client = certificates.Client(node.Client.BaseAddress!);
        foreach (var path in (string[])["/", "/nowhere"])
        {
            using var answer = await client.GetAsync(path, Stop);
            Assert.Equal("max-age=31536000", Header(answer, "Strict-Transport-Security"));
        }
    }

    private static string Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : "";
}
