namespace Lazaret.Fhir.Negotiations;

/// <summary>A diagnosis that is confirmed and active.</summary>
public sealed record ConditionRequirement : Requirement
{
    internal static readonly string[] ActiveStatuses = ["active", "recurrence", "relapse"];

    /// <summary>SNOMED CT, unless said otherwise.</summary>
    public override string System { get; init; } = "http://snomed.info/sct";
}
