using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Lazaret.FhirTables;

/// <summary>
/// Writes the definitions as one stream that <c>Lazaret.Fhir.Definitions.R4</c> reads: value sets, invariants, then types with
/// their elements. Counts and indices are 7-bit encoded; strings are UTF-8 with their length in front.
/// </summary>
public sealed class TableWriter
{
    private const string HumanType = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type";
    private const string SimpleQuantity = "http://hl7.org/fhir/StructureDefinition/SimpleQuantity";

    private readonly List<(string Name, JsonElement Owner, List<JsonElement> Children)> _types = [];
    private readonly Dictionary<string, int> _typeIndex = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _valueSetIndex = new(StringComparer.Ordinal);
    private readonly List<JsonElement> _valueSets = [];
    private readonly Dictionary<(string Key, string Expression), int> _invariantIndex = [];
    private readonly List<(string Key, bool IsError, string Human, string Expression)> _invariants = [];
    private readonly Package _package;
    private readonly string[] _primitives;

    private TableWriter(Package package)
    {
        _package = package;
        _primitives = [.. package.Structures.Where(item => Kind(item) == "primitive-type").Select(item => Package.Text(item, "name")!)];
    }

    /// <summary>The table, uncompressed: the same packages give the same bytes.</summary>
    public static byte[] Write(Package package) => new TableWriter(package).Write();

    public static byte[] Compress(byte[] table)
    {
        using var output = new MemoryStream();
        using (var deflate = new DeflateStream(output, CompressionLevel.SmallestSize))
            deflate.Write(table);
        return output.ToArray();
    }

    private byte[] Write()
    {
        foreach (var structure in _package.Structures.Where(item => Kind(item) != "primitive-type"))
            CollectTypes(structure);
        var types = new MemoryStream();
        using (var writer = new BinaryWriter(types, Encoding.UTF8, leaveOpen: true))
            WriteTypes(writer);

        var output = new MemoryStream();
        using (var writer = new BinaryWriter(output, Encoding.UTF8, leaveOpen: true))
        {
            WriteStrings(writer, _primitives);
            WriteValueSets(writer);
            WriteInvariants(writer);
            writer.Write(types.ToArray());
        }

        return output.ToArray();
    }

    /// <summary>The type itself, and one more for every element that has children of its own.</summary>
    private void CollectTypes(JsonElement structure)
    {
        var elements = structure.GetProperty("snapshot").GetProperty("element").EnumerateArray().ToList();
        var parents = elements.Select(item => Path(item)).Where(path => path.Contains('.', StringComparison.Ordinal))
            .Select(path => path[..path.LastIndexOf('.')]).ToHashSet(StringComparer.Ordinal);
        foreach (var element in elements.Where(item => parents.Contains(Path(item))))
        {
            var prefix = Path(element) + ".";
            var children = elements.Where(item => Path(item).StartsWith(prefix, StringComparison.Ordinal)
                && !Path(item)[prefix.Length..].Contains('.', StringComparison.Ordinal)).ToList();
            _typeIndex.Add(Path(element), _types.Count);
            _types.Add((Path(element), element, children));
        }
    }

    private void WriteTypes(BinaryWriter writer)
    {
        var kinds = _package.Structures.ToDictionary(item => Package.Text(item, "name")!, IsConcreteResource, StringComparer.Ordinal);
        writer.Write7BitEncodedInt(_types.Count);
        foreach (var (name, owner, children) in _types)
        {
            writer.Write(name);
            writer.Write(kinds.GetValueOrDefault(name));
            WriteInvariantsOf(writer, owner);
            writer.Write7BitEncodedInt(children.Count);
            foreach (var child in children)
                WriteElement(writer, child, kinds.GetValueOrDefault(name));
        }
    }

    private void WriteElement(BinaryWriter writer, JsonElement element, bool isOfResource)
    {
        var path = Path(element);
        var name = path[(path.LastIndexOf('.') + 1)..];
        var isChoice = name.EndsWith("[x]", StringComparison.Ordinal);
        name = isChoice ? name[..^3] : name;
        writer.Write(name);
        writer.Write(isChoice);
        writer.Write(Package.Text(element, "max") == "*");
        writer.Write(element.GetProperty("min").GetInt32() > 0);
        writer.Write7BitEncodedInt(BindingOf(element));
        if (_typeIndex.ContainsKey(path))
            writer.Write7BitEncodedInt(0);
        else
            WriteInvariantsOf(writer, element);

        if (element.TryGetProperty("contentReference", out var reference))
        {
            writer.Write7BitEncodedInt(1);
            WriteOption(writer, name, reference.GetString()![1..], []);
            return;
        }

        var types = element.GetProperty("type").EnumerateArray().ToList();
        writer.Write7BitEncodedInt(types.Count);
        foreach (var type in types)
        {
            var code = TypeCode(type, name, isOfResource);
            var property = isChoice ? name + char.ToUpperInvariant(code[0]) + code[1..] : name;
            string[] targets = type.TryGetProperty("targetProfile", out var profiles)
                ? [.. profiles.EnumerateArray().Select(profile => profile.GetString()!).Select(url => url[(url.LastIndexOf('/') + 1)..])]
                : [];
            WriteOption(writer, property, _typeIndex.ContainsKey(path) ? path : code, targets);
        }
    }

    /// <summary>A type is the index of an object type, or -1 - the index of a primitive. Targets count for References only.</summary>
    private void WriteOption(BinaryWriter writer, string property, string type, string[] targets)
    {
        writer.Write(property);
        var index = _typeIndex.TryGetValue(type, out var found) ? found : -1 - Array.IndexOf(_primitives, type);
        writer.Write7BitEncodedInt(index + _primitives.Length);
        WriteStrings(writer, type == "Reference" ? targets : []);
    }

    /// <summary>The id of a resource is an id, which its definition forgets; the other attributes say their type in an extension.</summary>
    private static string TypeCode(JsonElement type, string name, bool isOfResource)
    {
        var code = Package.Text(type, "code")!;
        if (!code.StartsWith("http:", StringComparison.Ordinal))
            return code;
        return name == "id" && isOfResource
            ? "id"
            : type.GetProperty("extension").EnumerateArray().Single(item => Package.Text(item, "url") == HumanType).GetProperty("valueUrl").GetString()!;
    }

    private int BindingOf(JsonElement element)
    {
        if (!element.TryGetProperty("binding", out var binding) || Package.Text(binding, "strength") != "required")
            return 0;
        var url = Package.Text(binding, "valueSet")!.Split('|')[0];
        if (Patches.Open.Contains(url))
            return 0;
        if (!_valueSetIndex.TryGetValue(url, out var index))
        {
            _valueSetIndex.Add(url, index = _valueSets.Count);
            _valueSets.Add(_package.Expansions[url]);
        }

        return index + 1;
    }

    private void WriteInvariantsOf(BinaryWriter writer, JsonElement element)
    {
        var indices = new List<int>();
        if (element.TryGetProperty("constraint", out var constraints))
        {
            foreach (var item in constraints.EnumerateArray())
            {
                var key = Package.Text(item, "key")!;
                if (Package.Text(item, "expression") is { } expression && !Patches.InCode.Contains(key))
                    indices.Add(Invariant(key, Package.Text(item, "severity") == "error", Package.Text(item, "human")!, expression));
            }
        }

        if (element.TryGetProperty("type", out var types) && types.EnumerateArray().Any(type =>
            type.TryGetProperty("profile", out var profiles) && profiles[0].GetString() == SimpleQuantity))
        {
            indices.Add(Invariant("sqty-1", isError: true, "The comparator is not used on a SimpleQuantity", "comparator.empty()"));
        }

        writer.Write7BitEncodedInt(indices.Count);
        foreach (var index in indices)
            writer.Write7BitEncodedInt(index);
    }

    private int Invariant(string key, bool isError, string human, string expression)
    {
        expression = Patches.Apply(key, expression);
        if (!_invariantIndex.TryGetValue((key, expression), out var index))
        {
            _invariantIndex.Add((key, expression), index = _invariants.Count);
            _invariants.Add((key, isError, human, expression));
        }

        return index;
    }

    private void WriteInvariants(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(_invariants.Count);
        foreach (var (key, isError, human, expression) in _invariants)
        {
            writer.Write(key);
            writer.Write(isError);
            writer.Write(human);
            writer.Write(expression);
        }
    }

    private void WriteValueSets(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(_valueSets.Count);
        foreach (var set in _valueSets)
        {
            writer.Write(Package.Text(set, "url")!);
            var bySystem = Codes(set.GetProperty("expansion")).GroupBy(code => code.System, code => code.Code, StringComparer.Ordinal).ToList();
            writer.Write7BitEncodedInt(bySystem.Count);
            foreach (var system in bySystem)
            {
                writer.Write(system.Key);
                WriteStrings(writer, [.. system.Distinct(StringComparer.Ordinal)]);
            }
        }
    }

    private static IEnumerable<(string System, string Code)> Codes(JsonElement parent)
    {
        if (!parent.TryGetProperty("contains", out var contains))
            yield break;
        foreach (var item in contains.EnumerateArray())
        {
            if (!(item.TryGetProperty("abstract", out var isAbstract) && isAbstract.GetBoolean()) && Package.Text(item, "code") is { } code)
                yield return (Package.Text(item, "system")!, code);
            foreach (var inner in Codes(item))
                yield return inner;
        }
    }

    private static void WriteStrings(BinaryWriter writer, string[] strings)
    {
        writer.Write7BitEncodedInt(strings.Length);
        foreach (var text in strings)
            writer.Write(text);
    }

    private static string Path(JsonElement element) => Package.Text(element, "path")!;

    private static string? Kind(JsonElement structure) => Package.Text(structure, "kind");

    private static bool IsConcreteResource(JsonElement structure) =>
        Kind(structure) == "resource" && !structure.GetProperty("abstract").GetBoolean();
}
