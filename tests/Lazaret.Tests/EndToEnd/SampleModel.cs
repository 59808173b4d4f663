using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lazaret.SampleSite;

namespace Lazaret.Tests.EndToEnd;

/// <summary>The built sample model, which diagnoses sepsis.</summary>
internal static class SampleModel
{
    public static string Manifest { get; } = Repository.File("artifacts", "lazaret", "samples", "sepsis-news2", "manifest.yaml");

    /// <summary>Registers it.</summary>
    public static async Task AddAsync(string state, params IEnumerable<(string Key, string Value)> settings)
    {
        var added = await HostedNode.RunAsync(state, ["models", "add", Manifest], settings);
        Assert.True(added.ExitCode == 0, added.Error);
    }

    /// <summary>A request for a diagnosis of this patient, without the observations of these codes.</summary>
    public static JsonObject Request(BedsidePatient patient, params string[] without) => new()
    {
        ["client_id"] = "bot",
        ["target_diagnosis"] = "sepsis",
        ["fhir_bundle"] = JsonNode.Parse(SampleBundles.Render(patient, TimeProvider.System.GetUtcNow(), without)),
    };

    public static Task<HttpResponseMessage> AskAsync(RunningNode node) =>
        node.Client.PostAsJsonAsync("/v1/diagnose", Request(SampleBundles.Septic), TestContext.Current.CancellationToken);

    /// <summary>Asks for a diagnosis; the job's path.</summary>
    public static async Task<string> AdmitAsync(RunningNode node)
    {
        using var admitted = await AskAsync(node);
        Assert.Equal(HttpStatusCode.Accepted, admitted.StatusCode);
        return admitted.Headers.Location!.ToString();
    }
}
