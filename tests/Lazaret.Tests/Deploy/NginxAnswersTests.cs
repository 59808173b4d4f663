using System.Net;
using System.Text.Json.Nodes;
using Lazaret.Tests.EndToEnd;

namespace Lazaret.Tests.Deploy;

/// <summary>What nginx itself answers and writes down.</summary>
public sealed class NginxAnswersTests : IDisposable
{
    private readonly NginxSite _site = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_nginx_refuses_is_a_problem_document()
    {
        await using var node = await NodeProcess.ServeAsync(_site.Folder, _site.Settings);
        await using var nginx = await _site.StartAsync(node);
        await node.KillAsync();
        var longer = new string('a', 9000);
        foreach (var (request, status, type) in ((string, int, string)[])
        [
            ("POST /v1/diagnose HTTP/1.1\r\nContent-Length: 999999999", 413, "too-large"), ($"GET /{longer} HTTP/1.1", 414, "too-large"),
            ($"GET /x HTTP/1.1\r\nX-A: {longer}", 431, "too-large"), ("POST /x HTTP/1.1\r\nContent-Length: many", 400, "bad-request"), ("No request", 400, "bad-request"),
            ("TRACE /x HTTP/1.1", 405, "method-not-allowed"), ("GET /nginx-refuses/problem HTTP/1.1", 404, "not-found"), ("GET /x HTTP/3.1", 505, "unavailable"),
            ("GET /v1/models?name=Mustermann HTTP/1.1", 502, "unavailable"),
        ])
        {
            var answer = await nginx.SendAsync($"{request}\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            var (head, body) = (answer.Split("\r\n\r\n")[0], answer.Split("\r\n\r\n", 2)[1]);
            Assert.StartsWith($"HTTP/1.1 {status} ", head, StringComparison.Ordinal);
            Assert.Contains("\r\nContent-Type: application/problem+json\r\n", head, StringComparison.Ordinal);
            Assert.Contains("\r\nServer: nginx\r\n", head, StringComparison.Ordinal);
            var problem = JsonNode.Parse(body)!;
            Assert.Equal(($"urn:lazaret:problem:{type}", status), ((string?)problem["type"], (int)problem["status"]!));
        }

        var fhir = await nginx.SendAsync("GET /fhir/metadata HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        Assert.Contains("\r\nRetry-After: 1\r\n", fhir, StringComparison.Ordinal);
        Assert.Equal("OperationOutcome", (string?)JsonNode.Parse(fhir.Split("\r\n\r\n", 2)[1])!["resourceType"]);
        // The log says what was asked, also where nginx answered itself.
        var log = await LogAsync("access.log");
        Assert.Contains("\"POST /v1/diagnose\" 413", log, StringComparison.Ordinal);
        Assert.DoesNotContain("Mustermann", log + await LogAsync("error.log"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_access_log_goes_on_after_a_reload_and_after_a_rotation()
    {
        await using var node = await _site.ServeAsync();
        await using var nginx = await _site.StartAsync(node);
        await AskAsync("/before");
        await nginx.ReloadAsync();
        await AskAsync("/reloaded");
        await nginx.RotateAsync(_site.Folder);
        var rotated = await LogAsync("access.log.1");
        Assert.Contains("/before", rotated, StringComparison.Ordinal);
        Assert.Contains("/reloaded", rotated, StringComparison.Ordinal);
        // nginx opens the new file a moment after it was asked to.
        var asked = 0;
        await Wait.UntilAsync(
            async () =>
            {
                await AskAsync($"/rotated{asked++}");
                return (await LogAsync("access.log")).Contains("/rotated", StringComparison.Ordinal);
            },
            "a line in the new file");
        var lines = await LogAsync("access.log.1") + await LogAsync("access.log");
        Assert.All(Enumerable.Range(0, asked), i => Assert.Contains($"/rotated{i}\"", lines, StringComparison.Ordinal));

        async Task AskAsync(string path)
        {
            using var client = nginx.Client(null);
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Stop);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    public void Dispose() => _site.Dispose();

    private Task<string> LogAsync(string name) => File.ReadAllTextAsync(Path.Combine(_site.Folder, name), Stop);
}
