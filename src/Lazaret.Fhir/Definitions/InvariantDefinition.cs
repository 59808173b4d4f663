using Lazaret.Fhir.Validation.FhirPath;

namespace Lazaret.Fhir.Definitions;

/// <summary>A constraint of the definitions, as a FHIRPath expression.</summary>
internal sealed class InvariantDefinition(string key, bool isError, string human, string expression)
{
    private Expression? _compiled;

    public string Key { get; } = key;

    public bool IsError { get; } = isError;

    public string Human { get; } = human;

    /// <summary>Parsed when it is first needed; two threads may both do it, and either result will do.</summary>
    public Expression Compiled => _compiled ??= ExpressionParser.Parse(expression);
}
