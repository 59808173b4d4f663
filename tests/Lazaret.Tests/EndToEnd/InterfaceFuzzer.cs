using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Lazaret.Node.Identity;

namespace Lazaret.Tests.EndToEnd;

/// <summary>Makes requests out of an OpenAPI document: some right, most wrong in one or a few ways. The same seed makes the same requests.</summary>
internal sealed class InterfaceFuzzer(JsonNode document, IReadOnlyList<string?> keys, int seed)
{
    private static readonly string[] Methods = ["GET", "POST", "DELETE", "HEAD", "PUT", "PATCH", "OPTIONS", "TRACE", "BREW"];

    private static readonly string[] Texts =
    [
        "", "a", "0", "-1", "1e999", "true", "null", "../../etc/passwd", "%00", "%2e%2e%2f", "' OR 1=1 --", "<script>", "{{7*7}}", "\u202e\u0000\r\nX-Evil: 1", "😀", "NaN", "2026-13-45", "9279-1",
        "sepsis", "UPDRS_change", "map_to_outcome_v1", "pearson", new('x', 300), new('é', 5000), "$(id)", "${jndi:ldap://x}", "00000000-0000-0000-0000-000000000000",
    ];

    private static readonly string[] MediaTypes =
    [
        "application/json", "application/fhir+json", "multipart/form-data", "multipart/form-data; boundary=x", "text/plain", "application/x-www-form-urlencoded", "application/xml", "", "application/json; charset=utf-7",
        "application/json; charset=utf-16", "not a type", "*/*", "application/x-www-form-urlencoded; charset=utf-7", "application/json; charset=nope",
    ];

    private readonly Random _random = new(seed);
    private readonly List<(string Path, string Method, JsonObject Operation)> _operations =
    [
        .. from path in document["paths"]!.AsObject()
           from operation in path.Value!.AsObject()
           where operation.Value is JsonObject
           select (path.Key, operation.Key.ToUpperInvariant(), operation.Value!.AsObject()),
        // What is not described, as the pages.
        .. from endpoint in AccessTable.Endpoints.Keys
           let parts = endpoint.Split(' ')
           let path = parts[1].Replace(":guid", "", StringComparison.Ordinal)
           where document["paths"]![path] is null
           select (path, parts[0], new JsonObject()),
    ];

    /// <summary>The next request, and what to call it when it fails.</summary>
    public (string Name, HttpRequestMessage Request) Next()
    {
        var (path, method, operation) = _operations[_random.Next(_operations.Count)];
        if (Rarely(15))
            method = Pick(Methods);
        var request = new HttpRequestMessage(new HttpMethod(method), Fill(path) + Query(operation));
        if (Pick(keys) is { } key)
            request.Headers.TryAddWithoutValidation("Authorization", Rarely(10) ? $"{Pick(["Basic", "bearer", "Digest", ""])} {key}" : $"Bearer {key}");
        foreach (var header in new[] { "Idempotency-Key", "Prefer", "Accept", "Lazaret-Project", "Origin", "X-Forwarded-For", "X-Client-Certificate", "If-None-Match", "Range", "Cookie", "Expect", "Accept-Encoding", "Forwarded" })
        {
            if (!Rarely(12) || header == "Expect")
                continue;
            for (var times = Rarely(4) ? 2 : 1; times > 0; times--)
                request.Headers.TryAddWithoutValidation(header, Plain(Pick(Texts)));
        }

        // What a page of the node sends, from many addresses: otherwise all of it would be refused before it is read.
        if (operation.Count == 0 && !Rarely(3))
        {
            request.Headers.Remove("Origin");
            request.Headers.Remove("X-Forwarded-For");
            request.Headers.Add("Sec-Fetch-Site", "same-origin");
            request.Headers.Add("X-Forwarded-For", $"10.{_random.Next(256)}.{_random.Next(256)}.1");
        }

        if (method is "POST" or "PUT" or "PATCH" || Rarely(20))
            request.Content = operation.Count == 0 && Rarely(2) ? Pairs() : Body(operation);
        // A sign-in and a set-up begin: what follows on this client has their cookies.
        if (path.EndsWith("/options", StringComparison.Ordinal) && Rarely(2))
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        return ($"{method} {path}", request);
    }

    /// <summary>Heads and bodies that end early, are not HTTP, or follow each other on one connection.</summary>
    public IEnumerable<byte[]> TornRequests()
    {
        foreach (var (path, method, _) in _operations)
        {
            var target = Fill(path);
            var head = $"{method} {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {keys[2]}\r\n";
            string[] texts =
            [
                head[..(head.Length / 2)],
                $"{head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{\"a\":",
                $"{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{{\"a\"\r\nzz\r\n",
                $"{head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
                $"{head}Content-Length: -1\r\n\r\n",
                $"{head}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                $"{method} {target} HTTP/9.9\r\nHost: a\r\n\r\n",
                $"{method} {target} HTTP/1.1\r\n\r\n",
                $"{method} {target} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                $"{head}X: {new string('y', 40_000)}\r\n\r\n",
                string.Concat(Enumerable.Repeat($"{head}Content-Length: 0\r\n\r\n", 20)),
                $"{method} /{new string('a', 9_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n",
            ];
            foreach (var text in texts)
                yield return Encoding.Latin1.GetBytes(text);
        }

        var noise = new byte[2_000];
        _random.NextBytes(noise);
        yield return noise;
    }

    private string Fill(string path) => Rarely(12) && path.Length > 1 ? FillParts(path).ToUpperInvariant() + "/" : FillParts(path);

    private string FillParts(string path) => string.Join('/', path.Split('/').Select(part => !part.StartsWith('{') ? part
        : Rarely(3) ? Guid.NewGuid().ToString() : Rarely(3) ? "sepsis" : Uri.EscapeDataString(Pick(Texts) is { Length: > 0 } text ? text : "x")));

    private string Query(JsonObject operation)
    {
        var names = (operation["parameters"]?.AsArray() ?? []).Where(parameter => (string?)parameter!["in"] == "query").Select(parameter => (string)parameter!["name"]!).ToList();
        if (Rarely(8))
            names.Add(Pick(Texts));
        var pairs = names.Where(_ => Rarely(2)).SelectMany(name => Enumerable.Repeat(name, Rarely(6) ? 2 : 1)).Select(name => $"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(Pick(Texts))}").ToList();
        return pairs.Count == 0 ? "" : "?" + string.Join('&', pairs);
    }

    // Of the fields that the token endpoint and the pages read, and thousands of none.
    private ByteArrayContent Pairs()
    {
        var names = Rarely(10) ? [.. Enumerable.Repeat("x", 3_000)] : (string[])["grant_type", "client_assertion", "client_assertion_type", "scope", "link", "form_token", "name", "password", "code"];
        var text = string.Join('&', names.Where(_ => !Rarely(3)).Select(name => $"{name}={(Rarely(8) ? "%ff%fe%00" : Uri.EscapeDataString(Pick(Texts)))}"));
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.TryAddWithoutValidation("Content-Type", Rarely(6) ? Pick(MediaTypes) : "application/x-www-form-urlencoded");
        return content;
    }

    private HttpContent Body(JsonObject operation)
    {
        var content = operation["requestBody"]?["content"]?.AsObject();
        var (mediaType, schema) = content is { Count: > 0 } ? (content.First().Key, content.First().Value!["schema"]) : ("application/json", null);
        HttpContent body = mediaType.StartsWith("multipart", StringComparison.Ordinal) && !Rarely(6) ? Form(schema) : Bytes(schema, mediaType);
        if (Rarely(10))
        {
            body.Headers.Remove("Content-Type");
            body.Headers.TryAddWithoutValidation("Content-Type", Pick(MediaTypes));
        }

        if (Rarely(20))
            body.Headers.TryAddWithoutValidation("Content-Encoding", Pick(["gzip", "br", "zip", "identity, gzip"]));
        return body;
    }

    private MultipartFormDataContent Form(JsonNode? schema)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, _) in Resolve(schema)?["properties"]?.AsObject() ?? [])
        {
            for (var times = Rarely(8) ? 2 : Rarely(3) ? 0 : 1; times > 0; times--)
            {
                if (name == "map_file" && !Rarely(5))
                    form.Add(new ByteArrayContent(Noise(_random.Next(2_000))), name, "map.nii.gz");
                else
                    form.Add(new StringContent(Pick(Texts)), name);
            }
        }

        if (Rarely(6))
            form.Add(new StringContent("x"), "unknown");
        return form;
    }

    private ByteArrayContent Bytes(JsonNode? schema, string mediaType)
    {
        var json = Encoding.UTF8.GetBytes(Value(schema, 0)?.ToJsonString() ?? "null");
        var bytes = _random.Next(12) switch
        {
            0 => json[..(json.Length / 2)],
            1 => Noise(500),
            2 => [],
            3 => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("[", 5_000))),
            4 => [0xEF, 0xBB, 0xBF, .. json],
            5 => Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(json)),
            6 => [.. json, .. json],
            _ => json,
        };
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = MediaTypeHeaderValue.TryParse(mediaType, out var type) ? type : null;
        return content;
    }

    private JsonNode? Value(JsonNode? schema, int depth)
    {
        if (depth > 6 || Rarely(9))
            return Pick<Func<JsonNode?>>([() => null, () => JsonValue.Create(Pick(Texts)), () => JsonValue.Create(_random.Next()), () => new JsonArray(), () => new JsonObject(), () => JsonValue.Create(true)])();
        var found = Resolve(schema);
        if (found?["enum"] is JsonArray allowed && !Rarely(4))
            return allowed[_random.Next(allowed.Count)]?.DeepClone();
        var properties = found?["properties"]?.AsObject();
        var type = found?["type"] is JsonArray types ? (string?)types[0] : (string?)found?["type"];
        switch (type ?? (properties is null ? null : "object"))
        {
            case "object":
                var made = new JsonObject();
                foreach (var (name, property) in properties ?? [])
                {
                    if (!Rarely(6))
                        made[name] = Value(property, depth + 1);
                }

                if (Rarely(8))
                    made[Pick(Texts)] = Pick(Texts);
                return made;
            case "array":
                return new JsonArray([.. Enumerable.Range(0, _random.Next(4)).Select(_ => Value(found!["items"], depth + 1))]);
            case "integer" or "number":
                return Pick<JsonNode>([0, -1, int.MaxValue, 1.5, JsonNode.Parse("1e400")!, JsonNode.Parse(new string('9', 400))!]);
            case "boolean":
                return Rarely(2);
            default:
                return Pick(Texts);
        }
    }

    private JsonNode? Resolve(JsonNode? schema)
    {
        for (var steps = 0; schema?["$ref"] is { } reference && steps < 10; steps++)
            schema = document["components"]!["schemas"]![((string)reference!).Split('/')[^1]];
        return schema;
    }

    private byte[] Noise(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }

    // What a header's value cannot hold would be refused by the client.
    private static string Plain(string text) => string.Concat(text.Where(character => character is >= ' ' and < '\u007f'));

    private bool Rarely(int oneIn) => _random.Next(oneIn) == 0;

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];
}
