using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lazaret.SampleSite;

namespace Lazaret.Tests.EndToEnd;

/// <summary>A registered program of a line of shell, which then answers POSITIVE; it needs no data.</summary>
internal static class ShellModel
{
    public static string Write(TemporaryFolder folder, string key, string line)
    {
        Assert.SkipUnless(File.Exists("/bin/busybox") || Environment.GetEnvironmentVariable("CI") is not null, "needs busybox-static");
        var image = Path.Combine(folder[$"model-{key}"], "image");
        var bin = Directory.CreateDirectory(Path.Combine(image, "bin")).FullName;
        File.Copy("/bin/busybox", Path.Combine(bin, "busybox"));
        var manifest = Path.Combine(folder[$"model-{key}"], "manifest.yaml");
        File.WriteAllText(manifest, $$$"""
            key: {{{key}}}
            version: 1.0.0
            accuracy: 0.5
            image: ./image
            command: [/bin/busybox, sh, -c, '{{{line}}}; echo "{\"diagnosis\":\"POSITIVE\"}" > "$OUT_JSON"']
            output: {diagnosis: {enum: [POSITIVE, NEGATIVE]}}
            """);
        return manifest;
    }

    /// <summary>Asks for a diagnosis by it, under this idempotency key.</summary>
    public static async Task<HttpResponseMessage> AdmitAsync(NodeProcess node, string target, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/diagnose")
        {
            Content = JsonContent.Create(new JsonObject { ["client_id"] = "bot", ["target_diagnosis"] = target, ["fhir_bundle"] = Bundle.DeepClone() }),
        };
        request.Headers.Add("Idempotency-Key", key);
        return await node.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>The path of the job that was admitted.</summary>
    public static async Task<string> PathAsync(HttpResponseMessage admitted)
    {
        admitted.EnsureSuccessStatusCode();
        return $"/v1/jobs/{(await admitted.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!["job_id"]}";
    }

    private static readonly JsonNode Bundle = JsonNode.Parse(SampleBundles.Render(SampleBundles.Healthy, TimeProvider.System.GetUtcNow()))!;
}
