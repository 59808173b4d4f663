using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lazaret.Tests.Fhir.Validation;

/// <summary>A resource with one change, of the kinds that senders make: what it was and where tells nothing of whether it is still valid.</summary>
public static class FhirMutant
{
    private static readonly string[] Texts =
    [
        "", " ", "a b", "a  b", " a", "a\tb", "a\nb", "é", "x|y", "#x", "#", "Patient/1", "Device/1/_history/2", "Patient", "http://example.org/x y", "http://example.org/a|1",
        "urn:uuid:1", "urn:uuid:c757873d-ec9a-4326-a141-556f43239520", "urn:oid:1.2.3", "urn:oid:1.02", "relative", "2020", "2020-02-30", "2020-02", "2020-01-01T00:00:00",
        "2020-01-01T00:00:00Z", "2020-01-01T24:00:00Z", "12:00:00", "12:00", "final", "active", "YWJj", "YWJ", "en", "1", "true",
    ];

    private static readonly string[] Numbers = ["-1", "0", "1", "1.0", "1e2", "2147483648", "0.5", "1E-3"];

    private static readonly string[] Narratives =
        ["<p>a</p>", "<ins>a</ins>", "<script>a</script>", "<p><div>a</div></p>", "&nbsp;", "&#160;", "&amp;", "<b>", "<a href='javascript:a'>a</a>", "<p onclick='a'>a</p>", "<br/>", "<!-- a -->", "<p f='a'>a</p>"];

    private static readonly string[] Members =
    [
        """ "id":"a" """, """ "id":"a b" """, """ "extension":[{"url":"http://example.org/e","valueString":"a"}] """, """ "extension":[{"url":"http://example.org/e"}] """,
        """ "extension":[{"valueString":"a"}] """, """ "extension":[] """, """ "zzz":1 """, """ "reference":"#none" """, """ "type":"Patient" """,
        """ "contained":[{"resourceType":"Patient","id":"p"}] """, """ "system":"http://example.org/s" """, """ "value":"v" """, """ "language":"en" """, """ "implicitRules":"http://example.org" """,
    ];

    public static string Of(string json, Random random)
    {
        var root = JsonNode.Parse(json)!;
        var nodes = new List<JsonNode>();
        Collect(root, nodes);
        var changed = false;
        while (!changed)
        {
            var node = nodes[random.Next(nodes.Count)];
            changed = node switch
            {
                JsonObject { Count: > 0 } item => Change(item, nodes, random),
                JsonArray items => Change(items, nodes, random),
                JsonValue value => Change(value, random),
                _ => false,
            };
        }

        return root.ToJsonString();
    }

    private static bool Change(JsonObject item, List<JsonNode> nodes, Random random)
    {
        var (name, value) = item.ElementAt(random.Next(item.Count));
        if (name == "resourceType")
            return false;
        switch (random.Next(6))
        {
            case 0:
                return item.Remove(name);
            case 1:
                item[name] = nodes[random.Next(nodes.Count)].DeepClone();
                return true;
            case 2:
                item.Remove(name);
                item[random.Next(2) == 0 ? "_" + name : name + "x"] = value;
                return true;
            case 3:
                item[name] = value is JsonArray { Count: > 0 } array ? array[0]?.DeepClone() : new JsonArray(value?.DeepClone());
                return true;
            case 4:
                item["_" + name] = JsonNode.Parse("""{"extension":[{"url":"http://example.org/e","valueString":"a"}]}""");
                return true;
            default:
                var (added, member) = JsonNode.Parse($"{{{Pick(Members, random)}}}")!.AsObject().Single();
                item[added] = member?.DeepClone();
                return true;
        }
    }

    private static bool Change(JsonArray items, List<JsonNode> nodes, Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                items.Clear();
                return true;
            case 1 when items.Count > 0:
                items.Add(items[random.Next(items.Count)]?.DeepClone());
                return true;
            case 2:
                items.Insert(random.Next(items.Count + 1), null);
                return true;
            default:
                items.Add(nodes[random.Next(nodes.Count)].DeepClone());
                return true;
        }
    }

    private static bool Change(JsonValue value, Random random)
    {
        var text = value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
        var changed = text?.EndsWith("</div>", StringComparison.Ordinal) == true && random.Next(4) > 0
            ? text.Insert(random.Next(2) == 0 ? text.Length - 6 : text.IndexOf('>', StringComparison.Ordinal) + 1, Pick(Narratives, random))
            : null;
        var node = changed is not null ? JsonValue.Create(changed)
            : random.Next(6) switch
            {
                0 => JsonNode.Parse(Pick(Numbers, random)),
                1 => JsonNode.Parse(random.Next(2) == 0 ? "true" : "false"),
                _ => text is null && random.Next(2) == 0 ? JsonNode.Parse(Pick(Numbers, random)) : JsonValue.Create(Pick(Texts, random)),
            };
        value.ReplaceWith(node);
        return true;
    }

    private static string Pick(string[] choices, Random random) => choices[random.Next(choices.Length)];

    private static void Collect(JsonNode? node, List<JsonNode> nodes)
    {
        if (node is null)
            return;
        nodes.Add(node);
        var children = node switch
        {
            JsonObject item => item.Where(member => member.Key != "resourceType").Select(member => member.Value),
            JsonArray items => items,
            _ => [],
        };
        foreach (var child in children)
            Collect(child, nodes);
    }
}
