using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Lazaret.Fhir.Negotiations;

/// <summary>Something that is wrong with a bundle, and does not matter to what was read.</summary>
public sealed record BundleWarning(
    [property: JsonPropertyName("code"), Description("of http://hl7.org/fhir/issue-type")] string Code,
    [property: JsonPropertyName("expression"), Description("the place, as FHIRPath; empty for the whole")] string Expression,
    [property: JsonPropertyName("diagnostics")] string Diagnostics)
{
    public FhirIssue ToIssue() => new(IssueSeverity.Warning, Code, Expression, Diagnostics);
}
