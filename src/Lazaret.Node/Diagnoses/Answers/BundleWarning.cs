using System.ComponentModel;
using System.Text.Json.Serialization;
using Lazaret.Fhir;

namespace Lazaret.Node.Diagnoses.Answers;

/// <summary>Something that is wrong with a bundle, and does not matter to what was read.</summary>
internal sealed record BundleWarning(
    [property: JsonPropertyName("code"), Description("of http://hl7.org/fhir/issue-type")] string Code,
    [property: JsonPropertyName("expression"), Description("the place, as FHIRPath; empty for the whole")] string Expression,
    [property: JsonPropertyName("diagnostics")] string Diagnostics)
{
    /// <summary>The first ones, and how many more there are; null when there are none.</summary>
    public static IReadOnlyList<BundleWarning>? Of(IReadOnlyList<FhirIssue> issues) => issues.Count == 0
        ? null
        : [.. FhirAnswer.FirstOf(issues).Select(issue => new BundleWarning(issue.Code, issue.Expression, issue.Diagnostics))];
}
