using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Lazaret.SampleSite;
using Lazaret.Tests.Delivery;

namespace Lazaret.Tests.EndToEnd;

/// <summary>Webhooks of the built binary, over TLS to a receiver whose certificate a site's own authority vouches for.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private X509Certificate2 _certificate = null!;
    private string _secret = "";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        _certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        await File.WriteAllTextAsync(_folder["site.pem"], _certificate.ExportCertificatePem(), Stop);
        await RunAsync("models", "add", SampleModel.Manifest);
    }

    [Fact]
    public async Task A_finished_diagnosis_is_told_to_its_url_and_the_rest_is_the_operators_to_see()
    {
        await using var receiver = await WebhookReceiver.StartAsync(_ => Task.CompletedTask, _certificate);
        var url = new UriBuilder(receiver.Url) { Host = "localhost" }.Uri;
        await using var node = await ServeAsync();

        // Nobody is told what nobody can verify.
        using (var unsigned = await PostAsync(node, url))
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, unsigned.StatusCode);
            Assert.Contains("webhooks secret rotate", await unsigned.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }

        _secret = (await RunAsync("webhooks", "secret", "rotate")).Trim();
        using (var inside = await PostAsync(node, new Uri("https://169.254.169.254/latest")))
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, inside.StatusCode);
            Assert.Equal("webhook_url", (string?)(await ReadAsync(inside))["errors"]![0]!["field"]);
        }

        var job = await AdmitAsync(node, url);
        var told = await ToldAsync(receiver);
        var data = JsonNode.Parse(told.Body)!["data"]!;
        Assert.Equal(("COMPLETED", job), ((string?)data["status"], (string?)data["job_id"]));
        Assert.True(await IndependentVerifiers.VerifyAsDocumentedAsync(_secret, told, TimeProvider.System.GetUtcNow()));

        var listed = JsonNode.Parse(await ListedAsync("delivered"))!;
        Assert.Equal((told.Headers["webhook-id"], job, "localhost"), ((string?)listed["id"], (string?)listed["job_id"], (string?)listed["host"]));
        await RunAsync("webhooks", "redeliver", told.Headers["webhook-id"]);
        Assert.Equal(told.Headers["webhook-id"], (await ToldAsync(receiver, 2)).Headers["webhook-id"]);

        var endpoints = await RunAsync("webhooks", "endpoints", "list");
        var (_, audit, _) = await NodeProcess.RunAsync(_folder.Path, ["audit", "export"], Settings);
        foreach (var action in (string[])["webhook_secret_rotated", "webhook_delivered", "webhook_redelivered"])
            Assert.Contains(action, audit, StringComparison.Ordinal);
        foreach (var text in (string[])[node.Log, audit, endpoints, listed.ToJsonString(), await RunAsync("webhooks", "show", told.Headers["webhook-id"]), await RunAsync("webhooks", "secret", "list")])
        {
            Assert.DoesNotContain("qvzx-token", text, StringComparison.Ordinal);
            Assert.DoesNotContain(_secret["whsec_".Length..], text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_library_of_the_specifications_authors_takes_a_delivery()
    {
        await using var receiver = await WebhookReceiver.StartAsync(_ => Task.CompletedTask, _certificate);
        _secret = (await RunAsync("webhooks", "secret", "rotate")).Trim();
        await using var node = await ServeAsync();
        await AdmitAsync(node, new UriBuilder(receiver.Url) { Host = "localhost" }.Uri);
        Assert.True(await IndependentVerifiers.VerifyWithTheLibraryAsync(_secret, await ToldAsync(receiver), TimeProvider.System.GetUtcNow()));
    }

    [Fact]
    public async Task A_node_that_was_killed_tells_what_it_owes_when_it_is_back()
    {
        _secret = (await RunAsync("webhooks", "secret", "rotate")).Trim();
        var port = Servers.ServerProcess.FreePort();
        var url = new Uri($"https://localhost:{port}/told");
        string job;
        await using (var node = await ServeAsync())
        {
            job = await AdmitAsync(node, url);
            await node.WaitAsync($"/v1/jobs/{job}", "QUEUED", "PROCESSING");
            await node.KillAsync();
        }

        await using var receiver = await WebhookReceiver.StartAsync(_ => Task.CompletedTask, _certificate, port);
        await using var again = await ServeAsync();
        Assert.Equal(job, (string?)JsonNode.Parse((await ToldAsync(receiver)).Body)!["data"]!["job_id"]);
    }

    [Theory]
    [InlineData("redeliver", "msg_nonsense")]
    [InlineData("show", "msg_00000000000000000000000000000000")]
    [InlineData("secret", "rotate", "--overlap-hours", "721")]
    [InlineData("endpoints", "add", "http://bot.example/")]
    [InlineData("endpoints", "set", "00000000-0000-0000-0000-000000000000", "--enabled", "true")]
    public async Task What_does_not_exist_or_may_not_be_is_said_in_one_line(params string[] arguments)
    {
        var (exitCode, output, error) = await HostedNode.RunAsync(_folder.Path, ["webhooks", .. arguments]);
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    public ValueTask DisposeAsync()
    {
        _certificate.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private (string, string)[] Settings => [("Lazaret__Webhooks__Allow__0", "localhost"), ("SSL_CERT_FILE", _folder["site.pem"])];

    private Task<NodeProcess> ServeAsync() => NodeProcess.ServeAsync(_folder.Path, [.. Settings, ("Logging__LogLevel__Default", "Trace")]);

    private async Task<string> RunAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await HostedNode.RunAsync(_folder.Path, arguments, Settings.Where(setting => setting.Item1.StartsWith("Lazaret__", StringComparison.Ordinal)));
        Assert.True(exitCode == 0, error);
        return output;
    }

    private static async Task<HttpResponseMessage> PostAsync(NodeProcess node, Uri url)
    {
        var request = SampleModel.Request(SampleBundles.Septic);
        request["webhook_url"] = url.ToString();
        return await node.Client.PostAsJsonAsync("/v1/diagnose", request, Stop);
    }

    private static async Task<string> AdmitAsync(NodeProcess node, Uri url)
    {
        using var response = await PostAsync(node, url);
        Assert.True(response.StatusCode == HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync(Stop));
        return (string)(await ReadAsync(response))["job_id"]!;
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response) => (await response.Content.ReadFromJsonAsync<JsonNode>(Stop))!;

    /// <summary>The delivery of this number, waited for.</summary>
    private static async Task<ReceivedWebhook> ToldAsync(WebhookReceiver receiver, int number = 1)
    {
        await Wait.UntilAsync(() => receiver.Received.Count >= number, $"delivery {number}");
        return receiver.Received[number - 1];
    }

    /// <summary>The one delivery in this state, waited for: the receiver knows sooner than the node has written it down.</summary>
    private async Task<string> ListedAsync(string state)
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            if ((await RunAsync("webhooks", "list", "--state", state, "--json")).Trim() is { Length: > 0 } line)
                return line;
        }

        throw new TimeoutException($"no delivery is {state}");
    }
}
