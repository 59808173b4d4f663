using System.Text.Json;

namespace Lazaret.Fhir.Answers;

/// <summary>The body of a POST of <c>Library/{key}/$data-requirements</c>: nothing, or Parameters without parameters.</summary>
public static class DataRequirementsRequest
{
    /// <summary>Everything that is wrong with it: nobody's parameter is ignored.</summary>
    public static IReadOnlyList<FhirIssue> FindFaults(ReadOnlyMemory<byte> body, FhirBudget budget)
    {
        if (body.Span.Trim(" \t\r\n"u8).IsEmpty)
            return [];
        if (FhirValidator.Validate(body, budget) is { IsValid: false } validation)
            return validation.Issues;
        using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = FhirValidator.MaxDepth });
        if (document.RootElement.GetProperty("resourceType").GetString() != "Parameters")
            return [new(IssueSeverity.Error, "structure", "", "the body must be empty, or Parameters")];
        return document.RootElement.TryGetProperty("parameter", out var parameters)
            ? [.. parameters.EnumerateArray().Select((_, at) => new FhirIssue(
                IssueSeverity.Error, "not-supported", $"Parameters.parameter[{at}]", "is no parameter of this operation: it takes none"))]
            : [];
    }
}
