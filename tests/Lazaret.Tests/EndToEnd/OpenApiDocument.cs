using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lazaret.Tests.EndToEnd;

/// <summary>The node's description of its interface, to hold real answers against.</summary>
internal sealed class OpenApiDocument(JsonNode document)
{
    public JsonNode Info => document["info"]!;

    public JsonNode Operation(HttpMethod method, string path) =>
        document["paths"]![path]?[method.Method.ToLowerInvariant()] ?? throw new ArgumentException($"{method} {path} is not described", nameof(path));

    /// <summary>The schema of the one body that the operation takes.</summary>
    public JsonNode Body(HttpMethod method, string path, string mediaType) =>
        Resolve(Operation(method, path)["requestBody"]!["content"]![mediaType]!["schema"]!);

    /// <summary>The answer's status is described, and its body has the described form.</summary>
    public async Task AssertDescribesAsync(HttpResponseMessage response, string path)
    {
        var name = $"{response.RequestMessage!.Method} {path} {(int)response.StatusCode}";
        var described = Operation(response.RequestMessage.Method, path)["responses"]![((int)response.StatusCode).ToString(CultureInfo.InvariantCulture)];
        Assert.True(described is not null, $"{name} is not described");
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        if (text.Length == 0)
            return;
        var mediaType = response.Content.Headers.ContentType!.MediaType!;
        var schema = described["content"]?[mediaType]?["schema"];
        Assert.True(schema is not null, $"{name}: {mediaType} is not described");
        // A problem may have members of its own beside the described ones (RFC 9457, 3.2).
        Assert.Empty(Faults(JsonNode.Parse(text), schema, name, open: mediaType == "application/problem+json"));
    }

    public JsonNode Resolve(JsonNode schema) =>
        (string?)schema["$ref"] is { } reference ? document["components"]!["schemas"]![reference.Split('/')[^1]]! : schema;

    // As much of JSON Schema as the document uses.
    private IEnumerable<string> Faults(JsonNode? value, JsonNode reference, string at, bool open = false)
    {
        var schema = Resolve(reference);
        if (schema["oneOf"] is JsonArray choices)
            return choices.Count(choice => !Faults(value, choice!, at, open).Any()) == 1 ? [] : [$"{at}: is not one of {choices.ToJsonString()}"];
        return (List<string>)[.. TypeFaults(value, schema, at), .. value switch
        {
            JsonObject members when schema["properties"] is JsonObject described =>
            [
                .. (schema["required"]?.AsArray() ?? []).Where(name => !members.ContainsKey((string)name!)).Select(name => $"{at}: lacks {name}"),
                .. members.SelectMany(member => described[member.Key] is { } inner
                    ? Faults(member.Value, inner, $"{at}.{member.Key}")
                    : open ? [] : [$"{at}.{member.Key}: is not described"]),
            ],
            JsonObject members when schema["additionalProperties"] is JsonObject inner => members.SelectMany(member => Faults(member.Value, inner, $"{at}.{member.Key}")),
            JsonArray items when schema["items"] is { } inner => items.SelectMany((item, i) => Faults(item, inner, $"{at}[{i}]")),
            _ => [],
        }];
    }

    private static IEnumerable<string> TypeFaults(JsonNode? value, JsonNode schema, string at)
    {
        string[] allowed = schema["type"] switch
        {
            JsonArray types => [.. types.Select(type => (string)type!)],
            { } type => [(string)type!],
            null => [],
        };
        var kind = value?.GetValueKind() switch
        {
            null => "null",
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.String => "string",
            JsonValueKind.Number => "number",
            _ => "boolean",
        };
        if (allowed.Length > 0 && !allowed.Contains(kind) && !(kind == "number" && allowed.Contains("integer")))
            yield return $"{at}: is {kind}, not {string.Join(" or ", allowed)}";
        if (schema["enum"] is JsonArray values && !values.Any(one => JsonNode.DeepEquals(one, value)))
            yield return $"{at}: {value} is none of {values.ToJsonString()}";
    }
}
