using System.Globalization;
using System.Text.Json;
using YamlDotNet.Serialization;
using Mapping = System.Collections.Generic.Dictionary<object, object>;

namespace Lazaret.Tests.Sandboxes;

/// <summary>An OpenAPI 2.0 description, against which requests are held: path, method, and the body's members, types, values.</summary>
internal sealed class OpenApiContract(string file)
{
    private readonly Mapping _root = new DeserializerBuilder().Build().Deserialize<Mapping>(File.ReadAllText(file));

    /// <summary>What is wrong with a request; nothing, when it is as described.</summary>
    public IEnumerable<string> Faults(string method, string path, JsonElement body)
    {
        foreach (var (template, item) in (Mapping)_root["paths"])
        {
            if (Match((string)template, path) is not { } parameters)
                continue;
            if (!((Mapping)item).TryGetValue(method.ToLowerInvariant(), out var operation))
                return [$"{path} has no {method}"];
            var schema = ((List<object>)((Mapping)operation)["parameters"]).Cast<Mapping>().Single(parameter => (string)parameter["in"] == "body")["schema"];
            return
            [
                .. Check((Mapping)schema, body, path),
                // The description cannot say it, Firecracker does: the id in the path is the one in the body.
                .. from parameter in parameters
                   where body.TryGetProperty(parameter.Key, out var value) && value.GetString() != parameter.Value
                   select $"{path}: {parameter.Key} differs from the path",
            ];
        }

        return [$"there is no {path}"];
    }

    private IEnumerable<string> Check(Mapping schema, JsonElement value, string where)
    {
        if (schema.TryGetValue("$ref", out var reference))
            schema = (Mapping)((Mapping)_root["definitions"])[((string)reference).Split('/')[^1]];
        return (string)schema["type"] switch
        {
            "object" => value.ValueKind == JsonValueKind.Object ? CheckObject(schema, value, where) : [$"{where} is no object"],
            "string" when value.ValueKind != JsonValueKind.String => [$"{where} is no string"],
            "string" => !schema.TryGetValue("enum", out var allowed) || ((List<object>)allowed).Contains(value.GetString()!) ? [] : [$"{where} is none of the values"],
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? [] : [$"{where} is no boolean"],
            "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= Bound("minimum", 0) && number <= Bound("maximum", long.MaxValue)
                ? []
                : [$"{where} is no integer within its bounds"],
            var other => [$"{where} has the type {other}, which is not checked"],
        };

        long Bound(string name, long otherwise) => schema.TryGetValue(name, out var bound) ? long.Parse((string)bound, CultureInfo.InvariantCulture) : otherwise;
    }

    private IEnumerable<string> CheckObject(Mapping schema, JsonElement value, string where)
    {
        var properties = (Mapping)schema["properties"];
        foreach (var required in schema.TryGetValue("required", out var names) ? (List<object>)names : [])
        {
            if (!value.TryGetProperty((string)required, out _))
                yield return $"{where} lacks {required}";
        }

        foreach (var member in value.EnumerateObject())
        {
            if (!properties.TryGetValue(member.Name, out var property))
                yield return $"{where} has the unknown member {member.Name}";
            else
                foreach (var fault in Check((Mapping)property, member.Value, $"{where}.{member.Name}"))
                    yield return fault;
        }
    }

    private static Dictionary<string, string>? Match(string template, string path)
    {
        var (expected, given) = (template.Split('/'), path.Split('/'));
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        if (expected.Length != given.Length)
            return null;
        for (var i = 0; i < expected.Length; i++)
        {
            if (expected[i] is ['{', .. var name, '}'])
                parameters[name] = given[i];
            else if (expected[i] != given[i])
                return null;
        }

        return parameters;
    }
}
