using System.Diagnostics.CodeAnalysis;
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
        if (IsBound(element) && !TargetsOf(element).Contains(target.Name, StringComparer.Ordinal))
            return $"the reference must point at one of {string.Join(", ", TargetsOf(element))}";
        if (type?.StartsWith(Definitions, StringComparison.Ordinal) == true)
            type = type[Definitions.Length..];
        return type is null || type == target.Name || type.Contains(':', StringComparison.Ordinal)
            ? null
            : "Reference.type must be the type of the resource that the reference points at";
    }

    /// <summary>The element takes references to some types only.</summary>
    public static bool IsBound([NotNullWhen(true)] ElementDefinition? element) =>
        element is not null && TargetsOf(element) is { Length: > 0 } targets && !targets.Contains("Resource");

    private static string[] TargetsOf(ElementDefinition element)
    {
        foreach (var type in element.Types)
        {
            if (type.TypeIndex == R4.Definitions.Reference.Index)
                return type.Targets;
        }

        return [];
    }
}
