using System.Text.Unicode;
using Lazaret.Fhir.Validation;

namespace Lazaret.Fhir;

/// <summary>
/// Judges FHIR R4 (4.0.1) JSON by the official definitions: syntax, structure, formats, required codes, references, narrative,
/// invariants. One pass over the bytes, without a document tree; the memory used grows with the largest resource, not with the bundle.
/// </summary>
public static class FhirValidator
{
    /// <summary>The deepest nesting of objects and arrays that is read.</summary>
    public const int MaxDepth = 64;

    /// <summary>The most bytes that are read.</summary>
    public const int MaxBytes = 512 << 20;

    /// <summary>Judges one resource, which may be a Bundle. Never throws for what the bytes hold.</summary>
    public static FhirValidation Validate(ReadOnlyMemory<byte> json)
    {
        var log = new IssueLog();
        if (json.Length > MaxBytes)
            log.Error("too-long", "", $"more than {MaxBytes} bytes", IssueSeverity.Fatal);
        else if (!Utf8.IsValid(json.Span))
            log.Error("structure", "", "the bytes are not valid UTF-8", IssueSeverity.Fatal);
        else
            Scan(json, log);
        return new FhirValidation(log.Issues);
    }

    private static void Scan(ReadOnlyMemory<byte> json, IssueLog log)
    {
        var shared = new SharedUrls();
        new ResourceScan(json, log, shared).Run();
        if (!shared.Complete())
            return;
        var again = new IssueLog();
        new ResourceScan(json, again, shared).Run();
        foreach (var issue in again.Issues.Where(issue => issue.Code == BundleRules.MultipleMatches))
            log.Error(issue.Code, issue.Expression, issue.Diagnostics);
    }
}
