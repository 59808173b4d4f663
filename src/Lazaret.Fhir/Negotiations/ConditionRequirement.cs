using Lazaret.Fhir.Bundles;

namespace Lazaret.Fhir.Negotiations;

/// <summary>A diagnosis that the patient has. R4 requires neither status: one that is not said excludes nothing.</summary>
public sealed record ConditionRequirement : Requirement
{
    /// <summary>SNOMED CT, unless said otherwise.</summary>
    public override string System { get; init; } = "http://snomed.info/sct";

    internal bool Accepts(ConditionEntry entry) =>
        Counts(entry.ClinicalStatus, [.. ConditionEntry.ActiveStatuses, .. ConditionEntry.EndedStatuses], ConditionEntry.ActiveStatuses)
        && Counts(entry.VerificationStatus, ConditionEntry.Verifications, ConditionEntry.Verifications);

    // One that is not said is as the usual ones, unless the manifest names those that it wants.
    private bool Counts(string? status, string[] all, string[] usual)
    {
        var named = Statuses.Intersect(all, StringComparer.Ordinal).ToList();
        return status is null
            ? named.Count == 0
            : (named.Count > 0 ? named : (IReadOnlyList<string>)usual).Contains(status, StringComparer.Ordinal);
    }

    private protected override IEnumerable<string> FindFaults() =>
        base.FindFaults().Concat(StatusFaults([.. ConditionEntry.ActiveStatuses, .. ConditionEntry.EndedStatuses, .. ConditionEntry.Verifications]));
}
