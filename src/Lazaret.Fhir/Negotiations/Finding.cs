using Lazaret.Fhir.Bundles;

namespace Lazaret.Fhir.Negotiations;

/// <summary>A datum of the kind that a requirement asks for, which is not used.</summary>
/// <param name="Source">As in <see cref="ChosenItem.Source"/>.</param>
/// <param name="Value">As the bundle has it.</param>
/// <param name="Time">The oldest instant at which it can have been true, or else the newest; null when it is undated.</param>
/// <param name="Cause">Why it is not used.</param>
public sealed record Finding(string Source, ObservedValue? Value, DateTimeOffset? Time, MissCause Cause)
{
    public MissReason Reason => MissReason.Of(Cause);

    /// <summary>Where it names its patient by a reference that cannot be resolved; null when it does not.</summary>
    public string? UnresolvedSubject { get; init; }
}
