namespace Lazaret.Fhir.Validation.FhirPath;

/// <summary>One item of a FHIRPath collection: a node of the tape, or a value that was computed.</summary>
internal readonly record struct Item(int Node, object? Value)
{
    public static Item Of(int node) => new(node, null);

    public static Item Of(object value) => new(-1, value);

    public bool IsNode => Node >= 0;
}
