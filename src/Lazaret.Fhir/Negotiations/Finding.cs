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

    /// <summary>Why it is not used, for a person.</summary>
    public string Words => (Cause, Value) switch
    {
        (MissCause.NoValue, ObservedValue.Absent) => "the value is stated to be absent (dataAbsentReason)",
        (MissCause.NoValue, ObservedValue.Whole) => "the value is a valueInteger, which has no unit",
        (MissCause.NoValue, ObservedValue.Coded) => "the value is a code that is none of those that the model knows",
        (MissCause.NoValue, ObservedValue.Other other) => $"the value is a {other.Member}, which is not the kind asked for",
        _ => Reason.Words,
    };

    /// <summary>It says that the patient does not have it, or that it was asked in vain: whoever asks again gets the same answer.</summary>
    public bool IsAnswer { get; init; }

    /// <summary>Where it names its patient by a reference that cannot be resolved; null when it does not.</summary>
    public string? UnresolvedSubject { get; init; }
}
