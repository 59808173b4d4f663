using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lazaret.SampleSite;

namespace Lazaret.Tests.EndToEnd;

public sealed class JobLimitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_queue_answers_429_in_each_dialect_and_says_when_to_come_again()
    {
        var state = _folder.MakePrivate("state");
        Assert.Equal(0, (await HostedNode.RunAsync(state, ["models", "add", ShellModel.Write(_folder, "quick", "true")])).ExitCode);
        // Nobody works here: what is admitted waits.
        await using var node = await HostedNode.ServeAsync(state, "api", ("Lazaret__Queue__MaxQueued", "1"));
        using var first = await ShellModel.AdmitAsync(node, "quick", "first");
        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);

        using var full = await ShellModel.AdmitAsync(node, "quick", "second");
        Assert.Equal(HttpStatusCode.TooManyRequests, full.StatusCode);
        Assert.NotNull(full.Headers.RetryAfter);
        Assert.Equal("urn:lazaret:problem:queue-full", (string?)(await full.Content.ReadFromJsonAsync<JsonNode>(Stop))!["type"]);
        var bundle = JsonNode.Parse(SampleBundles.Render(SampleBundles.Healthy, TimeProvider.System.GetUtcNow()));
        using var fhir = await node.Client.PostAsJsonAsync("/fhir/Library/quick/$evaluate", bundle, Stop);
        Assert.Equal(HttpStatusCode.TooManyRequests, fhir.StatusCode);
        Assert.NotNull(fhir.Headers.RetryAfter);
        Assert.Equal("throttled", (string?)JsonNode.Parse(await fhir.Content.ReadAsStringAsync(Stop))!["issue"]![0]!["code"]);

        // What was admitted is answered as before, also now.
        using var repeated = await ShellModel.AdmitAsync(node, "quick", "first");
        Assert.Equal(HttpStatusCode.Accepted, repeated.StatusCode);
        var audit = (await NodeProcess.RunAsync(state, ["audit", "export"])).Output;
        Assert.Equal(2, audit.Split('\n').Count(line => line.Contains("\"faults\":\"queue\"", StringComparison.Ordinal)));
    }

    public void Dispose() => _folder.Dispose();
}
