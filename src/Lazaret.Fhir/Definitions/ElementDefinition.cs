namespace Lazaret.Fhir.Definitions;

/// <summary>One element of a type.</summary>
/// <param name="Index">Its place in the type, below 64: sets of elements are bit masks.</param>
/// <param name="Number">Its place among all elements of all types.</param>
/// <param name="Binding">The value set that its codes must come from.</param>
/// <param name="Invariants">Of this element alone, beside those of its type.</param>
internal sealed record ElementDefinition(
    string Name, int Index, int Number, bool IsChoice, bool IsArray, bool IsRequired, CodeSet? Binding,
    InvariantDefinition[] Invariants, ElementType[] Types)
{
    public ulong Bit => 1UL << Index;

    /// <summary>The resource types that a Reference here may point at; empty when any.</summary>
    public string[] Targets { get; } =
        Array.Find(Types, type => !type.IsPrimitive && type.Targets.Length > 0) is { } reference && !reference.Targets.Contains("Resource") ? reference.Targets : [];
}
