using System.Text.Unicode;
using Lazaret.Fhir.Validation;

namespace Lazaret.Fhir;

/// <summary>
/// Judges FHIR R4 (4.0.1) JSON by the official definitions: syntax, structure, formats, required codes, references, narrative,
/// invariants. One pass over the bytes, without a document tree, and a second one in bundles where a reference may be wrong
/// (<see cref="BundleTargets"/>); the time grows with the bytes, and the memory with the largest resource, not with the bundle.
/// </summary>
public static class FhirValidator
{
    /// <summary>The deepest nesting of objects and arrays that is read.</summary>
    public const int MaxDepth = 64;

    /// <summary>The most bytes that are read.</summary>
    public const int MaxBytes = 512 << 20;

    /// <summary>Judges one resource, which may be a Bundle, however long it takes. Never throws for what the bytes hold.</summary>
    public static FhirValidation Validate(ReadOnlyMemory<byte> json) => Validate(json, FhirBudget.Unlimited());

    /// <summary>Judges one resource; when the budget's time is over, the last issue says so, and the resource is not valid.</summary>
    /// <exception cref="OperationCanceledException">The budget's owner waits no longer.</exception>
    public static FhirValidation Validate(ReadOnlyMemory<byte> json, FhirBudget budget) => Validate(json, budget, FhirScope.Whole);

    /// <inheritdoc cref="Validate(ReadOnlyMemory{byte}, FhirBudget)"/>
    /// <param name="scope">Faults beyond it are warnings.</param>
    public static FhirValidation Validate(ReadOnlyMemory<byte> json, FhirBudget budget, FhirScope scope)
    {
        budget.Begin();
        var log = new IssueLog(scope);
        IReadOnlySet<int> unread = new HashSet<int>();
        try
        {
            if (json.Length > MaxBytes)
                log.Error("too-long", "", $"more than {MaxBytes} bytes", IssueSeverity.Fatal);
            else if (!Utf8.IsValid(json.Span))
                log.Error("structure", "", "the bytes are not valid UTF-8", IssueSeverity.Fatal);
            else
                unread = Scan(json, log, budget);
            return new FhirValidation(log.Issues) { UnreadEntries = unread };
        }
        catch (OutOfTimeException)
        {
            return new FhirValidation([.. log.Issues, budget.OutOfTime()]);
        }
    }

    /// <returns><see cref="FhirValidation.UnreadEntries"/>.</returns>
    private static IReadOnlySet<int> Scan(ReadOnlyMemory<byte> json, IssueLog log, FhirBudget budget)
    {
        var targets = new BundleTargets();
        var scan = new ResourceScan(json, log, targets, budget);
        scan.Run();
        if (log.IsFull || !targets.BeginSecondPass())
            return scan.UnreadEntries;
        new ResourceScan(json, new IssueLog(log.Scope), targets, budget).Run();
        foreach (var issue in targets.Findings)
            log.Error(issue);
        return scan.UnreadEntries;
    }
}
