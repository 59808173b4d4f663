using System.Net;
using System.Text.Json.Nodes;
using Lazaret.Cohort.Tables;
using Lazaret.Tests.EndToEnd;

namespace Lazaret.Tests;

/// <summary>24 subjects on an 8 mm grid, with what pandas, nibabel and scipy computed on the same files.</summary>
internal static class TinySite
{
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Cohort", "data", "tiny_site");

    public static string Map(string name) => Path.Combine(Folder, "maps", name);

    public static DataView Open() => DataView.Open(Folder);

    /// <summary>The queries by their ids.</summary>
    public static IReadOnlyDictionary<string, JsonNode> Queries { get; } =
        JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "expected.json")))!["queries"]!.AsArray().ToDictionary(query => (string)query!["id"]!, query => query!);

    /// <summary>The form of <c>POST /jobs</c>; fields that are null are left out.</summary>
    public static MultipartFormDataContent Form(byte[]? map, params IEnumerable<(string Name, string? Value)> fields)
    {
        var form = new MultipartFormDataContent();
        if (map is not null)
            form.Add(new ByteArrayContent(map), "map_file", "map.nii.gz");
        foreach (var (name, value) in fields)
        {
            if (value is not null)
                form.Add(new StringContent(value), name);
        }

        return form;
    }

    /// <summary>Sends a form that is to be refused; the faults that it has.</summary>
    public static async Task<JsonArray> RefuseAsync(this RunningNode node, HttpContent form)
    {
        // As curl does for large bodies: ask before sending, since the node may answer without reading all of it.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/jobs");
        request.Content = form;
        request.Headers.ExpectContinue = true;
        using var response = await node.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["errors"]!.AsArray();
    }
}
