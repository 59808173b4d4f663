using Lazaret.Fhir.Bundles;

namespace Lazaret.Fhir.Negotiations;

/// <summary>A medicine that the patient is on: an active order or statement.</summary>
public sealed record MedicationRequirement : Requirement
{
    private static readonly string[] OtherStatuses = ["completed", "on-hold", "stopped", "intended", "unknown"];

    /// <summary>RxNorm, unless said otherwise.</summary>
    public override string System { get; init; } = "http://www.nlm.nih.gov/research/umls/rxnorm";

    internal bool Accepts(MedicationEntry entry) => entry.IsTaken && (entry.Status == "active" || Statuses.Contains(entry.Status, StringComparer.Ordinal));

    private protected override IEnumerable<string> FindFaults() => base.FindFaults().Concat(StatusFaults(["active", .. OtherStatuses]));
}
