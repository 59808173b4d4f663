namespace Lazaret.Fhir.Bundles;

/// <summary>A Condition. Statuses are codes of HL7's condition-clinical and condition-ver-status; null when absent, empty when there is none of these.</summary>
public sealed record ConditionEntry : ClinicalEntry
{
    internal static readonly string[] ActiveStatuses = ["active", "recurrence", "relapse"];
    internal static readonly string[] EndedStatuses = ["inactive", "remission", "resolved"];
    internal static readonly string[] Verifications = ["unconfirmed", "provisional", "differential", "confirmed"];

    public required string? ClinicalStatus { get; init; }

    public required string? VerificationStatus { get; init; }
}
