namespace Lazaret.Fhir.Definitions;

/// <summary>A resource, a complex data type, or the type of an element with children of its own (<c>Observation.component</c>).</summary>
internal sealed class ObjectType
{
    /// <summary>No type of R4 has more elements, so that a set of them is a bit mask.</summary>
    public const int MaxElements = 64;

    private const int Underscore = 1 << 16;

    private readonly Utf8Table _properties;

    public ObjectType(int index, string name, bool isResource, InvariantDefinition[] invariants, ElementDefinition[] elements)
    {
        (Index, Name, IsResource, Invariants, Elements) = (index, name, isResource, invariants, elements);
        RequiredMask = elements.Where(element => element.IsRequired).Aggregate(0UL, (mask, element) => mask | element.Bit);
        var properties = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var element in elements)
        {
            for (var type = 0; type < element.Types.Length; type++)
            {
                var value = (type << 8) | element.Index;
                properties.Add(element.Types[type].Property, value);
                if (element.Types[type].IsPrimitive && (isResource || !IsAttribute(element)))
                    properties.Add("_" + element.Types[type].Property, value | Underscore);
            }
        }

        _properties = new Utf8Table(properties);
    }

    public int Index { get; }

    public string Name { get; }

    /// <summary>One of the 146 that can stand in a resourceType.</summary>
    public bool IsResource { get; }

    public InvariantDefinition[] Invariants { get; }

    public ElementDefinition[] Elements { get; }

    public ulong RequiredMask { get; }

    /// <summary>Finds the element of a JSON property; null for a name that the type does not have.</summary>
    public ElementDefinition? Find(ReadOnlySpan<byte> property, out int type, out bool isUnderscore)
    {
        var found = _properties.Find(property);
        (type, isUnderscore) = ((found >> 8) & 0xFF, (found & Underscore) != 0);
        return found < 0 ? null : Elements[found & 0xFF];
    }

    public ElementDefinition? this[string name] => Array.Find(Elements, element => element.Name == name);

    /// <summary>Element.id and Extension.url are attributes: they carry no extensions, so that there is no _id and no _url.</summary>
    private bool IsAttribute(ElementDefinition element) => element.Name == "id" || (Name == "Extension" && element.Name == "url");
}
