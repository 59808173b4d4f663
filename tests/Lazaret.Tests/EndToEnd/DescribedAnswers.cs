using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Lazaret.Tests.EndToEnd;

/// <summary>Holds each answer that a client sees against the interface's description.</summary>
internal sealed class DescribedAnswers() : DelegatingHandler(new HttpClientHandler())
{
    private static readonly Lock Turn = new();
    private static Task<OpenApiDocument>? _document;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Before the request, whose job would otherwise be over when the first answer has been looked at.
        var document = await DocumentAsync();
        var response = await base.SendAsync(request, cancellationToken);
        if (document.TemplateOf(request.Method, request.RequestUri!.AbsolutePath) is { } template)
            await document.AssertDescribesAsync(response, template, cancellationToken);
        return response;
    }

    /// <summary>Read once. Where that failed with the test that began it, the next one tries again.</summary>
    private static Task<OpenApiDocument> DocumentAsync()
    {
        lock (Turn)
            return _document is null or { IsFaulted: true } or { IsCanceled: true } ? _document = ReadAsync() : _document;
    }

    // Of a node of its own: what other tests count of theirs stays as it is.
    private static async Task<OpenApiDocument> ReadAsync()
    {
        using var folder = new TemporaryFolder();
        await using var node = await HostedNode.ServeAsync(folder.Path);
        using var client = new HttpClient { BaseAddress = node.Client.BaseAddress };
        return new OpenApiDocument((await client.GetFromJsonAsync<JsonNode>("/openapi/v1.json"))!);
    }
}
