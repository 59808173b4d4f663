using Lazaret.Fhir.Definitions;

namespace Lazaret.Fhir.Validation.FhirPath;

/// <summary>The invariants' expressions, each parsed when it is first needed. Two threads may both do it, and either result will do.</summary>
internal static class CompiledInvariants
{
    private static readonly Expression?[] Compiled = new Expression?[R4.Definitions.InvariantCount];

    public static Expression Of(InvariantDefinition invariant) => Compiled[invariant.Index] ??= ExpressionParser.Parse(invariant.Expression);
}
