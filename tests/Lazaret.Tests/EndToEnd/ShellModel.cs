using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lazaret.SampleSite;

namespace Lazaret.Tests.EndToEnd;

/// <summary>A registered program of a line of shell, which then answers POSITIVE; it needs no data.</summary>
internal static class ShellModel
{
    /// <summary>Its manifest's path.</summary>
    public static string Write(TemporaryFolder folder, string key, string line) => Write(
        folder["models"], key, line + "; echo \"{\\\"diagnosis\\\":\\\"POSITIVE\\\"}\" > \"$OUT_JSON\"", "{}", "{diagnosis: {enum: [POSITIVE, NEGATIVE]}}");

    /// <summary>A program of shell alone, with these members of its manifest, written below <paramref name="folder"/>.</summary>
    public static string Write(string folder, string key, string script, string requires, string output)
    {
        Assert.SkipUnless(File.Exists("/bin/busybox") || Environment.GetEnvironmentVariable("CI") is not null, "needs busybox-static");
        var bin = Directory.CreateDirectory(Path.Combine(folder, key, "image", "bin")).FullName;
        File.Copy("/bin/busybox", Path.Combine(bin, "busybox"));
        var manifest = Path.Combine(folder, key, "manifest.yaml");
        File.WriteAllText(manifest, $$"""
            key: {{key}}
            version: 1.0.0
            accuracy: 0.5
            image: ./image
            command: [/bin/busybox, sh, -c, '{{script}}']
            requires: {{requires}}
            output: {{output}}
            """);
        return manifest;
    }

    /// <summary>The body of a request for a diagnosis by it.</summary>
    public static JsonContent Ask(string target) => JsonContent.Create(new JsonObject { ["client_id"] = "bot", ["target_diagnosis"] = target, ["fhir_bundle"] = Bundle.DeepClone() });

    /// <summary>Asks for a diagnosis by it, under this idempotency key.</summary>
    public static async Task<HttpResponseMessage> AdmitAsync(RunningNode node, string target, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/diagnose")
        {
            Content = Ask(target),
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
