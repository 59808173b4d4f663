using Lazaret.Fhir;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Models;

namespace Lazaret.Node.Diagnoses;

/// <summary>What a bundle's reading and negotiations came to. The set is closed.</summary>
internal abstract record Judgement
{
    /// <summary>Its turn did not come, or took too long by the clock.</summary>
    public sealed record Overdue : Judgement;

    public sealed record Invalid(IReadOnlyList<FhirIssue> Issues) : Judgement;

    /// <summary>This version's needs are met, those of the better ones are not.</summary>
    public sealed record Met(Model Model, Negotiation.Satisfied Negotiation, IReadOnlyList<UnmetVersion> Better, IReadOnlyList<FhirIssue> Warnings) : Judgement;

    public sealed record Unmet(IReadOnlyList<UnmetVersion> Versions, IReadOnlyList<FhirIssue> Warnings) : Judgement;
}

/// <summary>A version whose needs are not met.</summary>
internal sealed record UnmetVersion(Model Model, Negotiation Negotiation)
{
    public PassedVersion PassedOver => new(Model.Manifest.Version.ToString(), [.. Negotiation.Missing.Where(item => item.Requirement.Mandatory).Select(item => item.Requirement.Code)]);
}
