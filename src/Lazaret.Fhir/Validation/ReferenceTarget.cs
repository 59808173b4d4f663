using Lazaret.Fhir.Definitions;

namespace Lazaret.Fhir.Validation;

/// <summary>Whether a Reference may point at a resource of a type.</summary>
internal static class ReferenceTarget
{
    private const string Definitions = "http://hl7.org/fhir/StructureDefinition/";

    /// <summary>What is wrong; null when nothing is.</summary>
    /// <param name="element">The element that the Reference is; null for one that is the root.</param>
    /// <param name="type">Reference.type. Another absolute URI than those of R4's resources names a logical model, which may be anything.</param>
    public static string? Fault(ElementDefinition? element, string? type, ObjectType target)
    {
        if (element is { Targets: { Length: > 0 } targets } && !targets.Contains(target.Name))
            return $"the reference must point at one of {string.Join(", ", targets)}";
        if (type?.StartsWith(Definitions, StringComparison.Ordinal) == true)
            type = type[Definitions.Length..];
        return type is null || type == target.Name || type.Contains(':', StringComparison.Ordinal)
            ? null
            : "Reference.type must be the type of the resource that the reference points at";
    }
}
