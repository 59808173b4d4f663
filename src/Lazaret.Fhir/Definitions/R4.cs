using System.IO.Compression;
using System.Text;

namespace Lazaret.Fhir.Definitions;

/// <summary>
/// FHIR R4 (4.0.1) as its StructureDefinitions say it, read once from the embedded table that tools/FhirTables writes
/// out of HL7's packages (CC0).
/// </summary>
internal sealed class R4
{
    private static readonly int PrimitiveCount = Enum.GetValues<PrimitiveKind>().Length;

    private readonly Utf8Table _resources;

    private R4()
    {
        using var compressed = typeof(R4).Assembly.GetManifestResourceStream("r4.table")!;
        using var reader = new BinaryReader(new DeflateStream(compressed, CompressionMode.Decompress), Encoding.UTF8);

        var primitives = Strings(reader);
        var known = Enum.GetNames<PrimitiveKind>().Select(name => char.ToLowerInvariant(name[0]) + name[1..]);
        if (!primitives.SequenceEqual(known, StringComparer.Ordinal))
            throw new InvalidDataException("the embedded table knows other primitive types than this program");
        var valueSets = List(reader, () => new CodeSet(reader.ReadString(), List(reader, () => (reader.ReadString(), Strings(reader)))));
        ValueSets = valueSets.ToDictionary(set => set.Url, StringComparer.Ordinal);
        var invariantIndex = 0;
        var invariants = List(reader, () => new InvariantDefinition(
            invariantIndex++, reader.ReadString(), reader.ReadBoolean(), reader.ReadString(), reader.ReadString()));
        InvariantCount = invariants.Length;
        var typeIndex = 0;
        var elements = new List<ElementDefinition>();
        Types = List(reader, () => new ObjectType(
            typeIndex++, string.Intern(reader.ReadString()), reader.ReadBoolean(), Pick(reader, invariants), ReadElements(reader, valueSets, invariants, elements)));

        ElementsByNumber = [.. elements];
        _resources = new Utf8Table([.. Types.Where(type => type.IsResource).Select(type => KeyValuePair.Create(type.Name, type.Index))]);
        Element = Type("Element");
        Extension = Type("Extension");
        (ExtensionExtension, ExtensionValue, ExtensionUrl) = (Extension["extension"]!, Extension["value"]!, Extension["url"]!);
        Reference = Type("Reference");
        ReferenceReference = Reference["reference"]!;
        CodeableConcept = Type("CodeableConcept");
        Bundle = Type("Bundle");
        BundleLink = Bundle["link"]!;
        BundleEntry = Type("Bundle.entry");
        Resource = Type("Resource");
    }

    public static R4 Definitions { get; } = new();

    public int InvariantCount { get; }

    /// <summary>Those of required bindings, by their URLs.</summary>
    public IReadOnlyDictionary<string, CodeSet> ValueSets { get; }

    public ObjectType[] Types { get; }

    public ElementDefinition[] ElementsByNumber { get; }

    public ObjectType Element { get; }

    public ObjectType Extension { get; }

    public ElementDefinition ExtensionExtension { get; }

    public ElementDefinition ExtensionValue { get; }

    public ElementDefinition ExtensionUrl { get; }

    public ObjectType Reference { get; }

    public ElementDefinition ReferenceReference { get; }

    public ObjectType CodeableConcept { get; }

    public ObjectType Bundle { get; }

    public ElementDefinition BundleLink { get; }

    public ObjectType BundleEntry { get; }

    /// <summary>The abstract type of elements that hold any resource.</summary>
    public ObjectType Resource { get; }

    /// <summary>The concrete resource type of that name, compared exactly.</summary>
    public ObjectType? FindResource(ReadOnlySpan<byte> name) => _resources.Find(name) is >= 0 and var index ? Types[index] : null;

    private ObjectType Type(string name) => Array.Find(Types, type => type.Name == name)!;

    private static ElementDefinition[] ReadElements(
        BinaryReader reader, CodeSet[] valueSets, InvariantDefinition[] invariants, List<ElementDefinition> all)
    {
        var index = 0;
        return List(reader, () =>
        {
            var element = new ElementDefinition(
                string.Intern(reader.ReadString()), index++, all.Count,
                IsChoice: reader.ReadBoolean(), IsArray: reader.ReadBoolean(), IsRequired: reader.ReadBoolean(),
                reader.Read7BitEncodedInt() is > 0 and var binding ? valueSets[binding - 1] : null,
                Pick(reader, invariants),
                List(reader, () => new ElementType(
                    reader.ReadString(), reader.Read7BitEncodedInt() - PrimitiveCount, List(reader, () => string.Intern(reader.ReadString())))));
            all.Add(element);
            return element;
        });
    }

    private static InvariantDefinition[] Pick(BinaryReader reader, InvariantDefinition[] all) => List(reader, () => all[reader.Read7BitEncodedInt()]);

    private static string[] Strings(BinaryReader reader) => List(reader, reader.ReadString);

    private static T[] List<T>(BinaryReader reader, Func<T> read)
    {
        var items = new T[reader.Read7BitEncodedInt()];
        for (var i = 0; i < items.Length; i++)
            items[i] = read();
        return items;
    }
}
