using Lazaret.Fhir.Bundles;

namespace Lazaret.Fhir.Negotiations;

/// <summary>A medicine that the patient is on: an active order or statement.</summary>
public sealed record MedicationRequirement : Requirement
{
    private static readonly string[] OtherStatuses = ["completed", "on-hold", "stopped", "intended", "unknown"];

    /// <summary>RxNorm, unless said otherwise.</summary>
    public override string System { get; init; } = "http://www.nlm.nih.gov/research/umls/rxnorm";

    internal bool Accepts(MedicationEntry entry) => entry is { IsTaken: true, Forbids: false } && (entry.Status == "active" || Statuses.Contains(entry.Status, StringComparer.Ordinal));

    /// <summary>It says that it is still taken, and also that the taking has ended.</summary>
    internal bool HasEnded(MedicationEntry entry, DateTimeOffset now) =>
        entry is { Status: "active", Time: { EarliestEnd: not null, Latest: { } end } } && end < now && !Statuses.Contains("completed", StringComparer.Ordinal);

    private protected override IEnumerable<string> FindFaults() => base.FindFaults().Concat(StatusFaults(["active", .. OtherStatuses]));
}
