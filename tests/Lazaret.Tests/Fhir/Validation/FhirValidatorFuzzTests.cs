using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lazaret.Fhir;
using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Negotiations;

namespace Lazaret.Tests.Fhir.Validation;

/// <summary>Seeded: a failure names its seed, and the seed alone brings it back.</summary>
public sealed class FhirValidatorFuzzTests
{
    private const int Mutants = 300;

    private static readonly byte[][] Seeds = [.. File
        .ReadLines(Path.Combine(AppContext.BaseDirectory, "Fhir", "Validation", "data", "valid.tsv")).Select(Encoding.UTF8.GetBytes)];

    private static readonly string[] Tokens =
        ["{", "}", "[", "]", ",", ":", "\"", "null", "{}", "[]", "\\ud800", "\\u0000", "1e999", "-", "\"id\":", "\"resourceType\":", "\"extension\":[", "\"#\"", "\uFEFF", "é"];

    public static TheoryData<int> Rounds() => [.. Enumerable.Range(0, 40)];

    [Theory]
    [MemberData(nameof(Rounds))]
    public void Mutated_bytes_are_judged_and_never_crash(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < Mutants; i++)
        {
            var json = MutateBytes(Seeds[random.Next(Seeds.Length)], random);
            var validation = FhirValidator.Validate(json);

            Assert.InRange(validation.Issues.Count, 0, 201);
            if (validation.IsValid)
                AssertReadable(json);
        }
    }

    [Theory]
    [MemberData(nameof(Rounds))]
    public void Mutated_structures_are_judged_and_never_crash(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < Mutants; i++)
        {
            var root = JsonNode.Parse(Seeds[random.Next(Seeds.Length)], nodeOptions: null, new JsonDocumentOptions { AllowDuplicateProperties = true })!;
            for (var faults = random.Next(1, 4); faults > 0; faults--)
                MutateStructure(root, random);
            var json = JsonSerializer.SerializeToUtf8Bytes(root);

            if (FhirValidator.Validate(json).IsValid)
                AssertReadable(json);
        }
    }

    [Theory]
    [MemberData(nameof(Rounds))]
    public void A_structural_fault_planted_anywhere_in_a_valid_resource_is_refused(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < Mutants; i++)
        {
            var root = JsonNode.Parse(Seeds[random.Next(Seeds.Length)])!;
            var nodes = new List<JsonNode>();
            Collect(root, nodes);
            var objects = nodes.OfType<JsonObject>().Where(item => item.Count > 0).ToList();
            var target = objects[random.Next(objects.Count)];
            var name = target.ElementAt(random.Next(target.Count)).Key;
            var value = target[name];
            target[random.Next(8) == 0 ? "zzz" : name] = random.Next(6) switch
            {
                0 => null,
                1 => new JsonObject(),
                2 => new JsonArray(),
                3 => "",
                4 => value is JsonArray array ? array[0]?.DeepClone() : new JsonArray(value?.DeepClone()),
                _ => value?.GetValueKind() == JsonValueKind.String ? 1 : "1",
            };
            var json = root.ToJsonString();

            Assert.False(FhirValidator.Validate(Encoding.UTF8.GetBytes(json)).IsValid, json);
        }
    }

    /// <summary>What the validator passes, the reader and the negotiator must be able to use.</summary>
    private static void AssertReadable(byte[] json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
        if (BundleReader.Read(json) is BundleReading.Readable { Bundle: var bundle })
            Negotiator.Negotiate([new ObservationRequirement { Code = "2160-0" }], bundle, DateTimeOffset.UnixEpoch);
    }

    private static byte[] MutateBytes(byte[] seed, Random random)
    {
        var bytes = seed.ToList();
        for (var faults = random.Next(1, 5); faults > 0; faults--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(5))
            {
                case 0 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1 when at < bytes.Count:
                    bytes.RemoveRange(at, random.Next(1, Math.Min(20, bytes.Count - at) + 1));
                    break;
                case 2:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)]));
                    break;
                case 3:
                    var from = random.Next(bytes.Count);
                    bytes.InsertRange(at, bytes.GetRange(from, Math.Min(random.Next(60), bytes.Count - from)));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }

            if (bytes.Count == 0)
                bytes.Add((byte)'{');
        }

        return [.. bytes];
    }

    private static void MutateStructure(JsonNode root, Random random)
    {
        var nodes = new List<JsonNode>();
        Collect(root, nodes);
        var target = nodes[random.Next(nodes.Count)];
        var donor = nodes[random.Next(nodes.Count)].DeepClone();
        switch (target)
        {
            case JsonObject { Count: > 0 } item:
                var name = item.ElementAt(random.Next(item.Count)).Key;
                switch (random.Next(4))
                {
                    case 0:
                        item.Remove(name);
                        break;
                    case 1:
                        item[name] = donor;
                        break;
                    case 2:
                        item["_" + name] = donor;
                        break;
                    default:
                        item[name] = new JsonArray(item[name]?.DeepClone(), null);
                        break;
                }

                break;
            case JsonArray items:
                items.Insert(random.Next(items.Count + 1), random.Next(2) == 0 ? donor : null);
                break;
        }
    }

    private static void Collect(JsonNode? node, List<JsonNode> nodes)
    {
        if (node is null)
            return;
        nodes.Add(node);
        var children = node switch
        {
            JsonObject item => item.Select(member => member.Value),
            JsonArray items => items,
            _ => [],
        };
        foreach (var child in children)
            Collect(child, nodes);
    }
}
