using Lazaret.Fhir.Bundles;

namespace Lazaret.Fhir.Negotiations;

/// <summary>A datum of the kind that a requirement asks for, which is not used.</summary>
/// <param name="Source">As in <see cref="ChosenItem.Source"/>.</param>
/// <param name="Value">As the bundle has it.</param>
/// <param name="Time">The earliest instant at which it can have been true, or else the latest; null when it is undated.</param>
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
        (MissCause.OtherSystem, _) when OtherSystem is { } system => system.Length == 0
            ? "the code is there without a system; the system's URI must be exactly the one asked for"
            : $"the code is there under another system, {system}; the system's URI must be exactly the one asked for",
        (MissCause.Conflict, _) when IsDisputed => "the bundle holds versions of it that differ, and does not say which of them is the newest",
        _ => Reason.Words,
    };

    /// <summary>It says that the patient does not have it, or that it was asked in vain: whoever asks again gets the same answer.</summary>
    public bool IsAnswer { get; init; }

    /// <summary>Where it names its patient by a reference that cannot be resolved; null when it does not.</summary>
    public string? UnresolvedSubject { get; init; }

    /// <summary>Where its code stands under another spelling of the system: that spelling, empty for none; otherwise null.</summary>
    internal string? OtherSystem { get; init; }

    /// <summary>See <see cref="ClinicalEntry.IsDisputed"/>.</summary>
    internal bool IsDisputed { get; init; }
}
