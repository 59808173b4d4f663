using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Lazaret.Tests.EndToEnd;

/// <summary>The node's description of its interface, with which real answers are compared.</summary>
internal sealed class OpenApiDocument(JsonNode document)
{
    private const string Problem = "application/problem+json";

    // What any endpoint may answer before it is asked: the server's limits, the guard of the loopback address, and FHIR's formats.
    private static readonly HttpStatusCode[] Anywhere =
    [
        HttpStatusCode.BadRequest, HttpStatusCode.Forbidden, HttpStatusCode.NotAcceptable, HttpStatusCode.UnsupportedMediaType,
        HttpStatusCode.MisdirectedRequest, HttpStatusCode.InternalServerError, HttpStatusCode.ServiceUnavailable,
    ];

    private readonly ConcurrentDictionary<string, JsonSchema> _schemas = new();

    public JsonNode Info => document["info"]!;

    public JsonObject Schemas => document["components"]!["schemas"]!.AsObject();

    public JsonNode Operation(HttpMethod method, string template) =>
        Find(method, template) ?? throw new ArgumentException($"{method} {template} is not described", nameof(template));

    /// <summary>The schema of the one body that the operation takes.</summary>
    public JsonNode Body(HttpMethod method, string template, string mediaType) =>
        Resolve(Operation(method, template)["requestBody"]!["content"]![mediaType]!["schema"]!);

    /// <summary>The path as it is described; null when this method of it is not.</summary>
    public string? TemplateOf(HttpMethod method, string path)
    {
        var parts = path.Split('/');
        return document["paths"]!.AsObject().Select(item => item.Key)
            .Where(template => template.Split('/') is var names && names.Length == parts.Length && names.Zip(parts).All(pair => pair.First.StartsWith('{') || pair.First == pair.Second))
            .OrderBy(template => template.Count(character => character == '{'))
            .FirstOrDefault() is { } found && Find(method, found) is not null ? found : null;
    }

    /// <summary>The answer's status and media type are described, and its body has the described form.</summary>
    public async Task AssertDescribesAsync(HttpResponseMessage response, string template, CancellationToken cancellationToken)
    {
        var name = $"{response.RequestMessage!.Method} {template} {(int)response.StatusCode}";
        var responses = Operation(response.RequestMessage.Method, template)["responses"]!;
        var described = responses[((int)response.StatusCode).ToString(CultureInfo.InvariantCulture)]
            ?? (Anywhere.Contains(response.StatusCode) ? responses[$"{(int)response.StatusCode / 100}XX"] : null);
        Assert.True(described is not null, $"{name} is not described");
        if (response.RequestMessage.Method == HttpMethod.Head || response.Content.Headers.ContentType is not { MediaType: { } mediaType })
            return;
        var schema = described["content"]?[mediaType]?["schema"];
        Assert.True(schema is not null, $"{name}: {mediaType} is not described");
        if (!mediaType.EndsWith("json", StringComparison.Ordinal))
            return;
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        var evaluated = _schemas.GetOrAdd(mediaType + schema.ToJsonString(), _ => Compile(schema, mediaType)).Evaluate(body, new EvaluationOptions { OutputFormat = OutputFormat.List });
        Assert.True(evaluated.IsValid, $"{name}: {string.Join('\n', evaluated.Details.Where(detail => detail.HasErrors).Select(detail => $"{detail.InstanceLocation}: {string.Join(", ", detail.Errors!.Values)}"))}");
    }

    public JsonNode Resolve(JsonNode schema) => (string?)schema["$ref"] is { } reference ? Schemas[NameIn(reference)]! : schema;

    private JsonNode? Find(HttpMethod method, string template) => document["paths"]![template]?[method.Method.ToLowerInvariant()];

    // JSON Schema with one addition: members that are not described are faults, but beside those of a problem (RFC 9457, 3.2).
    private JsonSchema Compile(JsonNode schema, string mediaType)
    {
        var root = (string?)schema["$ref"] is { } reference ? NameIn(reference) : null;
        var definitions = Schemas.DeepClone().AsObject();
        foreach (var (name, definition) in definitions)
            Close(definition!, isOpen: name == root && mediaType == Problem);
        var whole = schema.DeepClone().AsObject();
        whole["$schema"] = "https://json-schema.org/draft/2020-12/schema";
        whole["$defs"] = definitions;
        return JsonSchema.FromText(whole.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal));
    }

    private static void Close(JsonNode schema, bool isOpen)
    {
        if (schema is JsonObject described && described["properties"] is JsonObject && described["additionalProperties"] is null && !isOpen)
            described["additionalProperties"] = false;
    }

    private static string NameIn(string reference) => reference.Split('/')[^1];
}
