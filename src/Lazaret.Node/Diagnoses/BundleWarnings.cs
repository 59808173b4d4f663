using Lazaret.Fhir;
using Lazaret.Fhir.Negotiations;

namespace Lazaret.Node.Diagnoses;

/// <summary>What an answer tells of a bundle's warnings.</summary>
internal static class BundleWarnings
{
    extension(BundleWarning)
    {
        /// <summary>The first ones, and how many more there are; null when there are none.</summary>
        public static IReadOnlyList<BundleWarning>? Of(IReadOnlyList<FhirIssue> issues) => issues.Count == 0
            ? null
            : [.. FhirAnswer.FirstOf(issues).Select(issue => new BundleWarning(issue.Code, issue.Expression, issue.Diagnostics))];
    }
}
