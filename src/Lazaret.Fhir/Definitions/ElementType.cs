namespace Lazaret.Fhir.Definitions;

/// <summary>One type that an element may have; choices have several, each under its own property name.</summary>
/// <param name="Property">The JSON name: <c>status</c>, <c>valueQuantity</c>.</param>
/// <param name="TypeIndex">Of an object type, or -1 - the primitive kind.</param>
/// <param name="Targets">The resource types that a Reference may point at; empty when any.</param>
internal sealed record ElementType(string Property, int TypeIndex, string[] Targets)
{
    public bool IsPrimitive => TypeIndex < 0;

    public PrimitiveKind Primitive => (PrimitiveKind)(-1 - TypeIndex);
}
